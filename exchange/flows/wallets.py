"""Wallets: opened, filled by bank transfer, money in them set aside, taken, given free again."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.audit.actions import log
from exchange.flows.settlement_books import Chart, available, balance
from exchange.ledger import books
from exchange.ledger.entries import (
    Authorise,
    Capture,
    ExternalFact,
    Move,
    Posting,
    Void,
    transfer_id,
)
from exchange.ledger.errors import InsufficientFunds
from exchange.ledger.models import Account, JournalEntry
from exchange.payments import chart as codes
from exchange.payments.actions import wallets as acts
from exchange.payments.models import Wallet
from pricing.money import Money

SCOPE = "payments.wallet"


@transaction.atomic
def wallet_of(*, organisation: Organisation, currency: str, actor: str, now: datetime) -> Wallet:
    """The organisation's wallet in that currency, opened when first needed."""
    wallet, is_new = acts.open_wallet(organisation=organisation, currency=currency, now=now)
    if is_new:
        Chart(currency=currency, actor=actor, now=now).wallet(organisation)
        log.record(
            event="payments.wallet.opened",
            actor=actor,
            subject=f"wallet:{wallet.public_id}",
            facts={"organisation": organisation.public_id, "currency": currency},
            at=now,
        )
    return wallet


def balance_in(organisation: Organisation, currency: str) -> Money:
    """What is in the wallet, with what is set aside."""
    return balance(codes.wallet(organisation.public_id, currency), currency)


def available_in(organisation: Organisation, currency: str) -> Money:
    """What may be spent from the wallet."""
    return available(codes.wallet(organisation.public_id, currency), currency)


def locked_available(organisation: Organisation, currency: str) -> Money:
    """What may be spent, and that nobody else spends before this transaction ends."""
    code = codes.wallet(organisation.public_id, currency)
    account = Account.objects.select_for_update(no_key=True).filter(code=code).first()
    return account.available if account else Money(0, currency)


def need(*, organisation: Organisation, amount: Money) -> None:
    """Raise InsufficientFunds, saying what is missing, unless the wallet has that much to spend."""
    there = available_in(organisation, amount.currency)
    if there.minor < amount.minor:
        raise InsufficientFunds(
            _("The wallet has %(available)s to spend; %(missing)s are missing.")
            % {"available": there, "missing": amount - there},
            available_minor=there.minor,
            needed_minor=amount.minor,
            currency=amount.currency,
        )


@transaction.atomic
def hold(
    *,
    organisation: Organisation,
    amount: Money,
    key: str,
    purpose: str,
    actor: str,
    now: datetime,
    scope: str = SCOPE,
    expires_at: datetime | None = None,
) -> UUID:
    """Set money of the wallet aside for a purpose, under a key that names it for ever; return the
    hold. Asked again it is the same. Raises InsufficientFunds."""
    chart = Chart(currency=amount.currency, actor=actor, now=now)
    code = chart.wallet(organisation)
    _check_cover(organisation, code, amount, scope=scope, key=key)
    books.post(
        Posting(
            scope=scope,
            key=key,
            kind="payments.wallet.held",
            transfers=[
                Authorise(
                    debit=code, credit=chart.held(purpose), amount=amount, expires_at=expires_at
                )
            ],
            subject=purpose,
        ),
        actor=actor,
        now=now,
    )
    return transfer_id(scope=scope, key=key)


@transaction.atomic
def release(*, pending: UUID, key: str, actor: str, now: datetime, scope: str = SCOPE) -> None:
    """Give what was set aside free again. Raises PendingAlreadyResolved."""
    books.post(
        Posting(
            scope=scope,
            key=f"{key}:released",
            kind="payments.wallet.released",
            transfers=[Void(pending=pending)],
        ),
        actor=actor,
        now=now,
    )


@transaction.atomic
def take(
    *,
    pending: UUID,
    amount: Money,
    key: str,
    purpose: str,
    to: str,
    actor: str,
    now: datetime,
    scope: str = SCOPE,
    refs: Sequence[ExternalFact] = (),
) -> None:
    """Move part of what was set aside to the account `to`; the rest is free again."""
    books.post(
        Posting(
            scope=scope,
            key=f"{key}:taken",
            kind="payments.wallet.taken",
            transfers=[
                Capture(pending=pending, amount=amount),
                Move(debit=codes.held(purpose), credit=to, amount=amount),
            ],
            subject=purpose,
            refs=refs,
        ),
        actor=actor,
        now=now,
    )


def _check_cover(
    organisation: Organisation, code: str, amount: Money, *, scope: str, key: str
) -> None:
    """A plain sentence before the books' own refusal, which stays the guard. What was held before
    under the key needs no cover."""
    account = Account.objects.select_for_update(no_key=True).get(code=code)
    if account.available.minor < amount.minor and not _is_known(scope, key):
        need(organisation=organisation, amount=amount)


def _is_known(scope: str, key: str) -> bool:
    return JournalEntry.objects.filter(scope=scope, key=key).exists()
