"""Money back out of a wallet: asked for by its owner, sent by two of the exchange's finance, or declined
with a reason."""

from collections.abc import Callable
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.core.lifecycle import Change
from exchange.core.use_case import use_case
from exchange.ledger import books
from exchange.ledger.entries import ExternalFact
from exchange.ledger.errors import AmountNotPositive
from exchange.members import policy, standing
from exchange.members.actors import Actor, Subject, organisation_of, person_of
from exchange.members.permissions import Permission
from exchange.members.standing import Business
from exchange.payments import chart, reconciliation, wallets
from exchange.payments.chart import BANK, Chart
from exchange.payments.errors import MoneyIsOwed
from exchange.payments.lifecycle import WITHDRAWAL, WithdrawalTransition
from exchange.payments.models import Wallet, Withdrawal
from exchange.payments.refunds import checked_bank_ref
from pricing.money import Money

SCOPE = "payments.withdrawal"
_claims: list[Callable[..., Money]] = []


def declare_claims(claims_on: Callable[..., Money]) -> None:
    """Have money that a wallet's owner owes and has not set aside stay in the wallet:
    `claims_on(organisation=…, currency=…)` says how much. For `AppConfig.ready` of rooms above."""
    if claims_on not in _claims:
        _claims.append(claims_on)


@use_case()
def ask(*, actor: Actor, amount: Money, token: str, now: datetime) -> Withdrawal:
    """Ask for money of the own wallet back; it is set aside at once. The same token asks once.

    Raises NotAllowed, AmountNotPositive, InsufficientFunds, and MoneyIsOwed.
    """
    owner = Organisation.objects.get(pk=organisation_of(actor))
    policy.require(actor, Permission.WALLET_USE, Subject.of(owner))
    wallet = wallets.wallet_of(organisation=owner, currency=amount.currency, actor=actor, now=now)
    Chart(currency=amount.currency, actor=actor, now=now).held(_purpose(wallet))
    # Two requests with one token come one after the other.
    books.available(chart.wallet(owner.public_id, amount.currency), amount.currency, lock=True)
    known = Withdrawal.objects.filter(token=token, wallet=wallet).first()
    if known is not None:
        return known
    if amount.minor <= 0:
        raise AmountNotPositive(_("The amount must be above zero."))
    _check_claims(owner, amount)
    hold = wallets.authorise(
        organisation=owner, amount=amount, key=token, purpose=_purpose(wallet), scope=SCOPE,
        actor=actor, now=now,
    )  # fmt: skip
    withdrawal = Withdrawal(
        wallet=wallet,
        by_id=person_of(actor),
        currency=amount.currency,
        amount_minor=amount.minor,
        hold=hold,
        token=token,
        created_at=now,
    )
    return WITHDRAWAL.transition(withdrawal, WithdrawalTransition.ASK, actor=actor, now=now)


def _check_claims(owner: Organisation, amount: Money) -> None:
    """Raise MoneyIsOwed where less would be left in the locked wallet than its owner owes."""
    owed = sum((one(organisation=owner, currency=amount.currency).minor for one in _claims), 0)
    there = wallets.available_in(owner, amount.currency)
    if owed and there.minor - amount.minor < owed:
        free = Money(max(there.minor - owed, 0), amount.currency)
        raise MoneyIsOwed(
            _(
                "%(owed)s of the wallet is owed for metered use and stays in it. %(free)s can be withdrawn."
            )
            % {"owed": Money(owed, amount.currency), "free": free},
            owed_minor=owed,
            free_minor=free.minor,
            currency=amount.currency,
        )


@use_case(Permission.PAYMENTS_RUN, locks=WITHDRAWAL)
def send(withdrawal: Withdrawal, *, actor: Actor, bank_ref: str, now: datetime) -> Withdrawal:
    """As the exchange's finance, note that the money was sent back, under the bank's reference."""
    WITHDRAWAL.check(withdrawal, WithdrawalTransition.SEND)
    standing.hold(withdrawal.wallet.organisation_id, business=Business.OWED)
    withdrawal.bank_ref = checked_bank_ref(bank_ref)
    reconciliation.agree_with_bank(withdrawal.bank_ref, withdrawal.amount, actor=actor, now=now)
    accounts = Chart(currency=withdrawal.currency, actor=actor, now=now)
    wallets.capture(
        hold=withdrawal.hold,
        amount=withdrawal.amount,
        key=withdrawal.token,
        purpose=_purpose(withdrawal.wallet),
        to=accounts.clearing(BANK),
        refs=[
            ExternalFact(
                psp=BANK,
                object_type="statement_line",
                object_id=withdrawal.bank_ref,
                kind="withdrawal",
                step=1,
            )
        ],
        actor=actor,
        now=now,
        scope=SCOPE,
    )
    return _decide(withdrawal, WithdrawalTransition.SEND, "bank_ref", actor=actor, now=now)


@use_case(Permission.PAYMENTS_HANDLE, locks=WITHDRAWAL)
def decline(withdrawal: Withdrawal, *, actor: Actor, reason: str, now: datetime) -> Withdrawal:
    """As the exchange's finance, leave the money in the wallet, with a reason that its owner reads."""
    WITHDRAWAL.check(withdrawal, WithdrawalTransition.DECLINE)
    withdrawal.reason = WITHDRAWAL.checked_reason(WithdrawalTransition.DECLINE, reason)
    wallets.void(hold=withdrawal.hold, key=withdrawal.token, actor=actor, now=now, scope=SCOPE)
    return _decide(withdrawal, WithdrawalTransition.DECLINE, "reason", actor=actor, now=now)


def _decide(
    withdrawal: Withdrawal,
    transition: WithdrawalTransition,
    column: str,
    *,
    actor: Actor,
    now: datetime,
) -> Withdrawal:
    withdrawal.decided_at = now
    return WITHDRAWAL.transition(
        withdrawal,
        transition,
        actor=actor,
        now=now,
        reason=withdrawal.reason,
        save=("decided_at", column),
    )


def _purpose(wallet: Wallet) -> str:
    return f"withdrawal:{wallet.public_id}"


def _facts(withdrawal: Withdrawal, _change: Change) -> dict[str, str]:
    return {
        "wallet": withdrawal.wallet.public_id,
        "amount_minor": str(withdrawal.amount_minor),
        "currency": withdrawal.currency,
    }


WITHDRAWAL.record_facts = _facts
WITHDRAWAL.concerns = lambda withdrawal: Subject(organisation_id=withdrawal.wallet.organisation_id)
