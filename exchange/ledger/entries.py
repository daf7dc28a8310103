"""What a posting is asked to do, checked before it is sent, and the fingerprint of the request."""

import hashlib
import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from exchange.ledger.errors import AmountNotPositive, BatchTooLarge, MalformedPosting, SameAccount
from exchange.ledger.models.accounts import ACTOR_CHARS_MAX, CODE_CHARS_MAX, Phase
from exchange.ledger.models.postings import (
    KEY_CHARS_MAX,
    KIND_CHARS_MAX,
    SCOPE_CHARS_MAX,
    SUBJECT_CHARS_MAX,
)
from pricing.exact import micros
from pricing.money import Money

NAMESPACE = uuid.UUID("7d0a7a5e-32f5-5f0e-9a58-0f5c1c1c64b1")
ENTRIES_MAX = 1000
SEPARATOR = "\x1f"  # names hold no control characters, so joined fields cannot run together
_SCOPE = re.compile(r"[a-z0-9_.-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRequest:
    """Move `amount` from the credit account to the debit account at once."""

    debit: str
    credit: str
    amount: Money
    kind: str = ""

    phase = Phase.SINGLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorise:
    """Set `amount` aside until it is captured or voided; after `expires_at` it can only be voided."""

    debit: str
    credit: str
    amount: Money
    kind: str = ""
    expires_at: datetime | None = None

    phase = Phase.PENDING


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """Move `amount` out of what was authorised; what lies beyond that is free again."""

    pending: uuid.UUID
    amount: Money
    kind: str = ""

    phase = Phase.POST


@dataclass(frozen=True, slots=True, kw_only=True)
class Void:
    """Give the whole hold free."""

    pending: uuid.UUID
    kind: str = ""

    phase = Phase.VOID


Entry = EntryRequest | Authorise | Capture | Void


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalFact:
    """A payment provider's object that the transfer at `step` books, and as what."""

    psp: str
    object_type: str
    object_id: str
    kind: str
    step: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One business event for the books, built by the room that knows why.

    `scope` and `key` name it for ever. All its transfers are in the books together or not at all.
    They are checked on their net: an account may be debited by one step what another credits to it.
    """

    scope: str
    key: str
    kind: str
    transfers: Sequence[Entry] = ()
    subject: str = ""
    effective_at: datetime | None = None
    refs: Sequence[ExternalFact] = field(default=())

    @property
    def first(self) -> uuid.UUID:
        """The id of its first transfer: of the hold, where it authorises one."""
        return transfer_id(scope=self.scope, key=self.key)

    def check(self) -> None:
        """Raise MalformedPosting, BatchTooLarge, AmountNotPositive or SameAccount."""
        if not _SCOPE.fullmatch(self.scope) or len(self.scope) > SCOPE_CHARS_MAX:
            raise MalformedPosting(
                _("A scope has small letters, digits, dots and dashes."), scope=self.scope[:80]
            )
        check_name("key", self.key, KEY_CHARS_MAX)
        check_name("kind", self.kind, KIND_CHARS_MAX)
        check_name("subject", self.subject, SUBJECT_CHARS_MAX, may_be_empty=True)
        if not self.transfers:
            raise MalformedPosting(_("A posting needs at least one transfer."))
        if len(self.transfers) > ENTRIES_MAX:
            raise BatchTooLarge(_("Too many transfers in one posting."), maximum=ENTRIES_MAX)
        for entry in self.transfers:
            _check_entry(entry)
        for ref in self.refs:
            _check_ref(ref, len(self.transfers))

    def fingerprint(self) -> str:
        """SHA-256 of what is asked for, in hex. Who asks, and when, is not part of it.

        `queries/checks_sql.py` forms the same text from the stored rows.
        """
        lines = [SEPARATOR.join((self.scope, self.key, self.kind, self.subject))]
        lines.extend(SEPARATOR.join(_fields(entry)) for entry in self.transfers)
        lines.extend(
            SEPARATOR.join((str(r.step), r.psp, r.object_type, r.object_id, r.kind))
            for r in sorted(self.refs, key=lambda r: (r.step, r.psp, r.object_id, r.kind))
        )
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def transfer_id(*, scope: str, key: str, step: int = 0) -> uuid.UUID:
    """The id of the transfer at `step` (from 0) of the posting that `scope` and `key` name."""
    return uuid.uuid5(NAMESPACE, f"{scope}:{key}:{step}")


def check_name(what: str, text: str, chars_max: int, *, may_be_empty: bool = False) -> None:
    """Raise MalformedPosting for a name that is empty, too long or holds control characters."""
    if (text or may_be_empty) and len(text) <= chars_max and not _CONTROL.search(text):
        return
    raise MalformedPosting(
        _("“%(field)s” must be one line of 1 to %(maximum)d characters.")
        % {"field": what, "maximum": chars_max},
        field=what,
        maximum=chars_max,
    )


def check_actor(actor: str) -> None:
    check_name("actor", actor, ACTOR_CHARS_MAX)


def _check_entry(entry: Entry) -> None:
    check_name("kind", entry.kind, KIND_CHARS_MAX, may_be_empty=True)
    if isinstance(entry, EntryRequest | Authorise):
        check_name("debit", entry.debit, CODE_CHARS_MAX)
        check_name("credit", entry.credit, CODE_CHARS_MAX)
        if entry.debit == entry.credit:
            raise SameAccount(_("A transfer needs two different accounts."), account=entry.debit)
    if not isinstance(entry, Void) and entry.amount.minor <= 0:
        raise AmountNotPositive(
            _("The amount must be above zero."), amount_minor=entry.amount.minor
        )


def _check_ref(ref: ExternalFact, transfers_count: int) -> None:
    for name in ("psp", "object_type", "object_id", "kind"):
        check_name(name, getattr(ref, name), KIND_CHARS_MAX if name != "object_id" else 200)
    if not 0 <= ref.step < transfers_count:
        raise MalformedPosting(_("The external reference points to no transfer."), step=ref.step)


def _fields(entry: Entry) -> Iterable[str]:
    match entry:
        case EntryRequest() | Authorise():
            money = (entry.amount.currency, str(entry.amount.minor))
            until = getattr(entry, "expires_at", None)
            expiry = "" if until is None else str(micros(until))
            return (entry.phase, entry.debit, entry.credit, *money, entry.kind, expiry)
        case Capture():
            money = (entry.amount.currency, str(entry.amount.minor))
            return (entry.phase, str(entry.pending), *money, entry.kind)
        case Void():
            return (entry.phase, str(entry.pending), entry.kind)
