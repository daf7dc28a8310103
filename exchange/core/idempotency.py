"""Writes that are safe to repeat: the first answer stands under the caller's key."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from exchange.core.models import IdempotencyKey
from exchange.core.models.idempotency import KEY_CHARS_MAX, KEY_PATTERN
from exchange.core.refusals import KeyReused, Refusal

# Without a row the key is taken; while its first request is running this waits for the outcome.
CLAIM = """
    INSERT INTO core_idempotencykey (scope, key, fingerprint)
    VALUES (%(scope)s, %(key)s, %(fingerprint)s)
    ON CONFLICT (scope, key) DO NOTHING RETURNING id
"""

ANSWER = """
    UPDATE core_idempotencykey SET status = %(status)s, answer = %(answer)s::jsonb WHERE id = %(row)s
"""


class KeyMalformed(Refusal):
    """The key is empty, too long, or has characters that do not survive a header."""

    code = "key_malformed"
    http_status = HTTPStatus.UNPROCESSABLE_ENTITY


@dataclass(frozen=True)
class Answer:
    """What the door says: an HTTP status and a JSON body; `is_replay` when it was said before."""

    status: int
    body: Any
    is_replay: bool = False


def fingerprint_of(*parts: Any) -> str:
    """The SHA-256 of JSON values, whatever the order of their keys: method, path, body."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def once(*, scope: str, key: str, fingerprint: str, perform: Callable[[], Answer]) -> Answer:
    """Perform a write under its key, or give the answer it had.

    The row comes first: a second request with the key waits on its unique index until the first
    has committed, and then reads that answer. When `perform` raises, the row rolls back with all the
    rest and the key is free. `scope` says whose key it is; keys of two scopes never meet.

    Raises KeyReused when the key stands for another fingerprint, KeyMalformed for one that is no key.
    """
    if re.fullmatch(KEY_PATTERN, key) is None:
        raise KeyMalformed(
            _("An idempotency key has 1 to %(limit)d printable ASCII characters without spaces.")
            % {"limit": KEY_CHARS_MAX},
            limit=KEY_CHARS_MAX,
        )
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"scope": scope, "key": key, "fingerprint": fingerprint})
        claimed = cursor.fetchone()
    if claimed is not None:
        answer = perform()
        kept = None if answer.body is None else json.dumps(answer.body)
        with connection.cursor() as cursor:
            cursor.execute(ANSWER, {"status": answer.status, "answer": kept, "row": claimed[0]})
        return answer
    row = IdempotencyKey.objects.get(scope=scope, key=key)
    if row.fingerprint != fingerprint or row.status is None:
        raise KeyReused(_("This idempotency key was already used for another request."), key=key)
    return Answer(status=row.status, body=row.answer, is_replay=True)
