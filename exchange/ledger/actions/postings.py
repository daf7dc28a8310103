"""One business event into the books."""

from collections.abc import Sequence
from datetime import datetime

from exchange.ledger.actions import post_sql
from exchange.ledger.entries import Entry, ExternalFact, Request
from exchange.ledger.models import Posting


def post(
    *,
    scope: str,
    key: str,
    kind: str,
    transfers: Sequence[Entry],
    actor: str,
    now: datetime,
    subject: str = "",
    effective_at: datetime | None = None,
    refs: Sequence[ExternalFact] = (),
) -> Posting:
    """Post the transfers as one event, all or none, in one round trip; safe to repeat.

    The same scope and key with the same contents return the first posting; with other contents
    KeyReused. Steps of one posting are checked on their net: an account may be debited by one step
    what another step credits to it. Limits that depend on the order need one posting for each step.
    Inside a transaction, post last: the accounts stay locked until it commits.
    """
    request = Request(
        scope=scope,
        key=key,
        kind=kind,
        transfers=transfers,
        subject=subject,
        effective_at=effective_at,
        refs=refs,
    )
    return post_sql.write([request], actor=actor, now=now)[0]
