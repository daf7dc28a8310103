"""Money back out of a wallet: asked for by its owner, sent by an operator, or declined with a reason."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.audit.actions import log
from exchange.core.lifecycle import checked_reason
from exchange.core.moves import check_move
from exchange.core.refusals import NotFound
from exchange.flows import wallets
from exchange.flows.payments import BANK
from exchange.flows.refunds import check_bank_ref
from exchange.flows.settlement_books import Chart
from exchange.ledger.entries import ExternalFact
from exchange.ledger.errors import AmountNotPositive
from exchange.ledger.models import Account
from exchange.members import policy
from exchange.members.actors import Actor, Subject, organisation_of, person_of
from exchange.members.permissions import Permission
from exchange.payments import chart as codes
from exchange.payments.models import Wallet, Withdrawal
from exchange.payments.states import WITHDRAWAL_MOVES, WithdrawalState
from pricing.money import Money

SCOPE = "payments.withdrawal"


@transaction.atomic
def ask(*, actor: Actor, amount: Money, token: str, now: datetime) -> Withdrawal:
    """Ask for money of the own wallet back; it is set aside at once. The same token asks once.

    Raises AmountNotPositive and InsufficientFunds.
    """
    mine = Organisation.objects.get(pk=organisation_of(actor))
    policy.require(actor, Permission.WALLET_USE, Subject.of(mine))
    wallet = wallets.wallet_of(
        organisation=mine, currency=amount.currency, actor=actor.name, now=now
    )
    _serialise(wallet)
    known = Withdrawal.objects.filter(token=token, wallet=wallet).first()
    if known is not None:
        return known
    if amount.minor <= 0:
        raise AmountNotPositive(_("The amount must be above zero."))
    hold = wallets.hold(
        organisation=mine, amount=amount, key=token, purpose=_purpose(wallet), scope=SCOPE,
        actor=actor.name, now=now,
    )  # fmt: skip
    made = Withdrawal.objects.create(
        wallet=wallet,
        by_id=person_of(actor),
        currency=amount.currency,
        amount_minor=amount.minor,
        hold=hold,
        token=token,
        created_at=now,
    )
    _record(made, "asked", actor=actor.name, now=now)
    return made


@transaction.atomic
def sent(*, actor: Actor, withdrawal_id: str, bank_ref: str, now: datetime) -> Withdrawal:
    """As an operator, note that the money was sent back, under the bank's reference."""
    policy.require(actor, Permission.PAYMENTS_RUN)
    row = _locked(withdrawal_id)
    check_move(WITHDRAWAL_MOVES, WithdrawalState(row.state), WithdrawalState.SENT)
    ref = check_bank_ref(bank_ref)
    chart = Chart(currency=row.currency, actor=actor.name, now=now)
    wallets.take(
        pending=row.hold,
        amount=row.amount,
        key=row.token,
        purpose=_purpose(row.wallet),
        to=chart.clearing(BANK),
        refs=[
            ExternalFact(
                psp=BANK, object_type="statement_line", object_id=ref, kind="withdrawal", step=1
            )
        ],
        actor=actor.name,
        now=now,
        scope=SCOPE,
    )
    _decide(row, WithdrawalState.SENT, now=now, bank_ref=ref)
    _record(row, "sent", actor=actor.name, now=now)
    return row


@transaction.atomic
def decline(*, actor: Actor, withdrawal_id: str, reason: str, now: datetime) -> Withdrawal:
    """As an operator, leave the money in the wallet, with a reason that its owner reads."""
    policy.require(actor, Permission.PAYMENTS_RUN)
    row = _locked(withdrawal_id)
    check_move(WITHDRAWAL_MOVES, WithdrawalState(row.state), WithdrawalState.DECLINED)
    words = checked_reason(reason)
    wallets.release(pending=row.hold, key=row.token, actor=actor.name, now=now, scope=SCOPE)
    _decide(row, WithdrawalState.DECLINED, now=now, reason=words)
    _record(row, "declined", actor=actor.name, now=now)
    return row


def _serialise(wallet: Wallet) -> None:
    """Let two requests with one token come one after the other."""
    code = codes.wallet(wallet.organisation.public_id, wallet.currency)
    Account.objects.select_for_update(no_key=True).get(code=code)


def _purpose(wallet: Wallet) -> str:
    return f"withdrawal:{wallet.public_id}"


def _locked(withdrawal_id: str) -> Withdrawal:
    found = Withdrawal.objects.select_for_update(of=("self",), no_key=True)
    row = found.select_related("wallet__organisation").filter(public_id=withdrawal_id).first()
    if row is None:
        raise NotFound(_("There is no such withdrawal."))
    return row


def _decide(row: Withdrawal, to: WithdrawalState, *, now: datetime, **fields: str) -> None:
    row.state, row.decided_at = to, now
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=["state", "decided_at", *fields])


def _record(row: Withdrawal, event: str, *, actor: str, now: datetime) -> None:
    log.record(
        event=f"payments.withdrawal.{event}",
        actor=actor,
        subject=f"withdrawal:{row.public_id}",
        facts={
            "wallet": row.wallet.public_id,
            "amount_minor": str(row.amount_minor),
            "currency": row.currency,
        },
        at=now,
    )
