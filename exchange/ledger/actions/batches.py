"""Many postings in one statement, for settlement runs."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from exchange.ledger.actions import post_sql
from exchange.ledger.entries import Request
from exchange.ledger.errors import BatchTooLarge
from exchange.ledger.models import Posting

POSTINGS_MAX = 1000
TRANSFERS_MAX = 10_000


def post_many(*, requests: Sequence[Request], actor: str, now: datetime) -> list[Posting]:
    """Write up to POSTINGS_MAX postings, all or none, with one balance update for each account.

    Guards see the net of the batch. Raises what `postings.post` raises, and BatchTooLarge.
    """
    transfers_count = sum(len(request.transfers) for request in requests)
    if len(requests) > POSTINGS_MAX or transfers_count > TRANSFERS_MAX:
        raise BatchTooLarge(
            _("Too many postings at once."),
            postings_maximum=POSTINGS_MAX,
            transfers_maximum=TRANSFERS_MAX,
        )
    return post_sql.write(requests, actor=actor, now=now) if requests else []
