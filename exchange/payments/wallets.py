"""Wallets: opened when first needed; money in them authorised for a purpose, captured, voided."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.audit import log
from exchange.core.lifecycle import Doer
from exchange.core.use_case import use_case
from exchange.ledger import books, holds
from exchange.ledger.entries import EntryRequest, ExternalFact, Posting
from exchange.ledger.errors import InsufficientFunds
from exchange.ledger.models import JournalEntry
from exchange.payments import chart, collection
from exchange.payments.chart import Chart
from exchange.payments.models import Wallet
from pricing.money import Money

SCOPE = "payments.wallet"


@use_case()
def wallet_of(*, organisation: Organisation, currency: str, actor: Doer, now: datetime) -> Wallet:
    """The organisation's wallet in that currency, opened when first needed."""
    wallet, is_new = Wallet.objects.get_or_create(
        organisation=organisation,
        currency=currency,
        defaults={"reference": collection.new_reference(), "created_at": now},
    )
    if is_new:
        Chart(currency=currency, actor=actor, now=now).wallet(organisation)
        log.record(
            event="payments.wallet.opened",
            actor=actor.name,
            subject=f"wallet:{wallet.public_id}",
            facts={"organisation": organisation.public_id, "currency": currency},
            at=now,
        )
    return wallet


def available_in(organisation: Organisation, currency: str, *, lock: bool = False) -> Money:
    """What may be spent from the wallet. With `lock` nobody else spends it before this transaction
    ends."""
    return books.available(chart.wallet(organisation.public_id, currency), currency, lock=lock)


def need(*, organisation: Organisation, amount: Money, lock: bool = False) -> None:
    """Raise InsufficientFunds, saying what is missing, unless the wallet has that much to spend."""
    there = available_in(organisation, amount.currency, lock=lock)
    if there.minor < amount.minor:
        raise InsufficientFunds(
            _("The wallet has %(available)s to spend; %(missing)s are missing.")
            % {"available": there, "missing": amount - there},
            available_minor=there.minor,
            needed_minor=amount.minor,
            currency=amount.currency,
        )


@use_case()
def authorise(
    *,
    organisation: Organisation,
    amount: Money,
    key: str,
    purpose: str,
    actor: Doer,
    now: datetime,
    scope: str = SCOPE,
    expires_at: datetime | None = None,
) -> UUID:
    """Set money of the wallet aside for a purpose, under a key that names it for ever; return the
    hold. Asked again it is the same. Raises InsufficientFunds."""
    accounts = Chart(currency=amount.currency, actor=actor, now=now)
    # Accounts are opened before any is locked: who opens the same one waits for us.
    code, aside = accounts.wallet(organisation), accounts.held(purpose)
    # A plain sentence before the books' own refusal. What was held before needs no cover.
    if not JournalEntry.objects.filter(scope=scope, key=key).exists():
        need(organisation=organisation, amount=amount, lock=True)
    return holds.authorise(
        Posting(scope=scope, key=key, kind="payments.wallet.held", subject=purpose),
        debit=code,
        credit=aside,
        amount=amount,
        expires_at=expires_at,
        actor=actor.name,
        now=now,
    )


@use_case()
def capture(
    *,
    hold: UUID,
    amount: Money,
    key: str,
    purpose: str,
    to: str,
    actor: Doer,
    now: datetime,
    scope: str = SCOPE,
    refs: Sequence[ExternalFact] = (),
) -> None:
    """EntryRequest part of what was set aside to the account `to`; the rest is free again."""
    holds.capture(
        Posting(
            scope=scope,
            key=f"{key}:taken",
            kind="payments.wallet.taken",
            subject=purpose,
            transfers=[EntryRequest(debit=chart.held(purpose), credit=to, amount=amount)],
            refs=refs,
        ),
        hold=hold,
        amount=amount,
        actor=actor.name,
        now=now,
    )


@use_case()
def void(*, hold: UUID, key: str, actor: Doer, now: datetime, scope: str = SCOPE) -> None:
    """Give what was set aside free again. Raises PendingAlreadyResolved."""
    name = Posting(scope=scope, key=f"{key}:released", kind="payments.wallet.released")
    holds.void(name, holds=[hold], actor=actor.name, now=now)
