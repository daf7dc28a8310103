"""Money back out of a wallet: asked for by its owner, sent by two of the exchange's finance, or declined
with a reason. What a top-up by card brought goes back to that card, by the provider."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.core import clock, outbox
from exchange.core.lifecycle import Change, Doer
from exchange.core.outbox import Lease
from exchange.core.use_case import use_case
from exchange.ledger import books
from exchange.ledger.entries import EntryRequest, ExternalFact, Posting
from exchange.ledger.errors import AmountNotPositive
from exchange.members import policy, standing
from exchange.members.actors import Actor, Subject, organisation_of, person_of
from exchange.members.permissions import Permission
from exchange.members.standing import Business
from exchange.payments import chart, reconciliation, set_offs, wallets
from exchange.payments.card_lifecycle import CARD_TOP_UP
from exchange.payments.chart import BANK, Chart
from exchange.payments.collection import PROVIDER
from exchange.payments.errors import MoneyIsOwed, NothingRefundable, WrongPaymentMethod
from exchange.payments.gateway.port import MoneyStatus, ProviderRefund, ProviderRefused
from exchange.payments.gateway.providers import provider
from exchange.payments.lifecycle import WITHDRAWAL, WithdrawalState, WithdrawalTransition
from exchange.payments.models import CardTopUp, Wallet, Withdrawal
from exchange.payments.refunds import checked_bank_ref
from pricing.money import Money

SCOPE = "payments.withdrawal"
TOPIC = "payments.withdrawal.promised"


def _receivable(*, organisation: Organisation, currency: str) -> Money:
    """What the owner owes the exchange in the books."""
    return books.balance(chart.receivable(organisation.public_id, currency), currency)


_claims: list[Callable[..., Money]] = [_receivable]


def declare_claims(claims_on: Callable[..., Money]) -> None:
    """Have money that a wallet's owner owes and has not set aside stay in the wallet:
    `claims_on(organisation=…, currency=…)` says how much. For `AppConfig.ready` of rooms above."""
    if claims_on not in _claims:
        _claims.append(claims_on)


@use_case()
def ask(
    *, actor: Actor, amount: Money, token: str, now: datetime, top_up: CardTopUp | None = None
) -> Withdrawal:
    """Ask for money of the own wallet back; it is set aside at once. The same token asks once.

    It is sent by bank, or to the card of a `top_up` of the wallet, at most what is left of that. Raises
    NotAllowed, AmountNotPositive, NothingRefundable, InsufficientFunds, and MoneyIsOwed.
    """
    owner = Organisation.objects.get(pk=organisation_of(actor))
    policy.require(actor, Permission.WALLET_USE, Subject.of(owner))
    wallet = wallets.wallet_of(organisation=owner, currency=amount.currency, actor=actor, now=now)
    Chart(currency=amount.currency, actor=actor, now=now).held(_purpose(wallet))
    if top_up is not None:  # before any account
        top_up = CARD_TOP_UP.lock_again(top_up)
    # Two requests with one token come one after the other.
    books.available(chart.wallet(owner.public_id, amount.currency), amount.currency, lock=True)
    known = Withdrawal.objects.filter(token=token, wallet__organisation=owner).first()
    if known is not None:
        return known
    if amount.minor <= 0:
        raise AmountNotPositive(_("The amount must be above zero."))
    _check_claims(owner, amount)
    if top_up is not None:
        _take_of(top_up, wallet, amount)
    hold = wallets.authorise(
        organisation=owner, amount=amount, key=token, purpose=_purpose(wallet), scope=SCOPE,
        actor=actor, now=now,
    )  # fmt: skip
    withdrawal = Withdrawal(
        wallet=wallet,
        top_up=top_up,
        by_id=person_of(actor),
        currency=amount.currency,
        amount_minor=amount.minor,
        hold=hold,
        token=token,
        created_at=now,
    )
    WITHDRAWAL.transition(withdrawal, WithdrawalTransition.ASK, actor=actor, now=now)
    if top_up is not None:
        name = withdrawal.public_id
        outbox.emit(topic=TOPIC, key=name, payload={"withdrawal": name})
    return withdrawal


def to_send_by_bank() -> QuerySet[Withdrawal]:
    """The withdrawals that somebody has to send from the exchange's own bank account, or decline."""
    rows = Withdrawal.objects.filter(state=WithdrawalState.PROMISED, top_up=None)
    return rows.order_by("pk")


def _take_of(top_up: CardTopUp, wallet: Wallet, amount: Money) -> None:
    """Count the amount as sent back of the locked top-up. Raises NothingRefundable beyond what is left."""
    left = top_up.refundable
    if top_up.wallet_id != wallet.pk or amount.minor > left.minor:
        raise NothingRefundable(
            _("At most %(amount)s can be refunded.") % {"amount": left},
            refundable_minor=left.minor,
            currency=left.currency,
        )
    top_up.refunded_minor += amount.minor
    top_up.save(update_fields=["refunded_minor"])


def _check_claims(owner: Organisation, amount: Money) -> None:
    """Raise MoneyIsOwed where less would be left in the locked wallet than its owner owes."""
    owed = sum((one(organisation=owner, currency=amount.currency).minor for one in _claims), 0)
    there = wallets.available_in(owner, amount.currency)
    if owed and there.minor - amount.minor < owed:
        free = Money(max(there.minor - owed, 0), amount.currency)
        raise MoneyIsOwed(
            _("%(owed)s of the wallet is owed and stays in it. %(free)s can be withdrawn.")
            % {"owed": Money(owed, amount.currency), "free": free},
            owed_minor=owed,
            free_minor=free.minor,
            currency=amount.currency,
        )


@use_case(Permission.PAYMENTS_RUN, locks=WITHDRAWAL)
def send(withdrawal: Withdrawal, *, actor: Actor, bank_ref: str, now: datetime) -> Withdrawal:
    """As the exchange's finance, note that the money was sent back, under the bank's reference."""
    check_sent_by_bank(withdrawal, WithdrawalTransition.SEND)
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
    check_sent_by_bank(withdrawal, WithdrawalTransition.DECLINE)
    withdrawal.reason = WITHDRAWAL.checked_reason(WithdrawalTransition.DECLINE, reason)
    wallets.void(hold=withdrawal.hold, key=withdrawal.token, actor=actor, now=now, scope=SCOPE)
    return _decide(withdrawal, WithdrawalTransition.DECLINE, "reason", actor=actor, now=now)


def check_sent_by_bank(withdrawal: Withdrawal, transition: WithdrawalTransition) -> None:
    """Raise WrongPaymentMethod, or IllegalTransition, unless people of the exchange decide on it."""
    if withdrawal.top_up_id is not None:
        raise WrongPaymentMethod(_("The provider sends this back to the card itself."))
    WITHDRAWAL.check(withdrawal, transition)


def _decide(
    withdrawal: Withdrawal,
    transition: WithdrawalTransition,
    column: str,
    *,
    actor: Doer,
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


@dataclass(frozen=True)
class Answer:
    """What the provider said to one attempt; `refused` is the code of a definite no."""

    told: ProviderRefund | None
    refused: str = ""


def ask_provider(lease: Lease) -> Answer:
    """Have the provider give the money back to the card. Asked again with the same key, it gives it once."""
    rows = Withdrawal.objects.select_related("top_up")
    withdrawal = rows.get(public_id=lease.payload["withdrawal"])
    try:
        return Answer(
            provider().refund(
                withdrawal.top_up.charge_ref if withdrawal.top_up else "",
                refund_id=withdrawal.public_id,
                amount=withdrawal.amount,
                key=lease.idempotency_key,
            )
        )
    except ProviderRefused as error:
        return Answer(None, error.code)


@use_case()
def note_answer(lease: Lease, answer: Answer) -> None:
    """Write down what the provider said, when no message has said it before."""
    now = clock.now()
    if answer.told is not None:
        apply(answer.told, now=now)
        return
    withdrawal = _lock(lease.payload["withdrawal"])
    if withdrawal.state == WithdrawalState.PROMISED:
        withdrawal.reason = _turned_back(answer.refused)
        taken = _count_back(withdrawal, now=now)
        wallets.void(
            hold=withdrawal.hold, key=withdrawal.token, actor=PROVIDER, now=now, scope=SCOPE
        )
        _make_good(withdrawal, taken, now=now)
        _decide(withdrawal, WithdrawalTransition.DECLINE, "reason", actor=PROVIDER, now=now)


def known_as(told: ProviderRefund) -> str:
    """Our id of the provider's refund of a top-up; empty for one that is none."""
    to_cards = Withdrawal.objects.exclude(top_up=None)
    asked = to_cards.filter(public_id=told.refund_id).first()
    found = asked or to_cards.filter(bank_ref=told.ref).first()
    return found.public_id if found else ""


@use_case()
def apply(told: ProviderRefund, *, now: datetime) -> str:
    """Bring a withdrawal to a card up to what the provider says of it; say what was done."""
    withdrawal = _lock(known_as(told))
    done = ""
    if told.status is not MoneyStatus.UNDER_WAY and withdrawal.state == WithdrawalState.PROMISED:
        _give(withdrawal, ref=told.ref, now=now)
        done = "sent back"
    if told.status is MoneyStatus.FAILED and withdrawal.state == WithdrawalState.SENT:
        _come_back(withdrawal, told, now=now)
        done = "came back"
    return done


@use_case()
def book_from_provider(told: ProviderRefund, *, now: datetime) -> str:
    """Book what somebody sent back to the card of a top-up at the provider's own pages; say what was done. It
    is none of ours to book where the charge is unknown, or less of it is left or free in the wallet."""
    known = CardTopUp.objects.filter(charge_ref=told.charge_ref).exclude(charge_ref="").first()
    if known is None or told.amount.currency != known.currency:
        return ""
    top_up = CARD_TOP_UP.lock_again(known)
    wallet, owner = top_up.wallet, top_up.wallet.organisation
    Chart(currency=known.currency, actor=PROVIDER, now=now).held(_purpose(wallet))
    free = wallets.available_in(owner, known.currency, lock=True)
    if told.amount.minor > min(top_up.refundable.minor, free.minor):
        return ""
    _take_of(top_up, wallet, told.amount)
    hold = wallets.authorise(
        organisation=owner, amount=told.amount, key=told.ref, purpose=_purpose(wallet), scope=SCOPE,
        actor=PROVIDER, now=now,
    )  # fmt: skip
    withdrawal = Withdrawal(
        wallet=wallet,
        top_up=top_up,
        currency=told.amount.currency,
        amount_minor=told.amount.minor,
        hold=hold,
        token=told.ref,
        created_at=now,
    )
    WITHDRAWAL.transition(withdrawal, WithdrawalTransition.ASK, actor=PROVIDER, now=now)
    _give(withdrawal, ref=told.ref, now=now)
    return "booked"


def _lock(withdrawal_id: str) -> Withdrawal:
    """A withdrawal to a card, locked after its top-up."""
    known = Withdrawal.objects.select_related("top_up").get(public_id=withdrawal_id)
    top_up = CARD_TOP_UP.lock_again(known.top_up) if known.top_up else None
    withdrawal = WITHDRAWAL.lock_again(known)
    withdrawal.top_up = top_up
    return withdrawal


def _give(withdrawal: Withdrawal, *, ref: str, now: datetime) -> None:
    """The money is on the card."""
    withdrawal.bank_ref = ref
    accounts = Chart(currency=withdrawal.currency, actor=PROVIDER, now=now)
    wallets.capture(
        hold=withdrawal.hold,
        amount=withdrawal.amount,
        key=withdrawal.token,
        purpose=_purpose(withdrawal.wallet),
        to=accounts.clearing(_provider_of(withdrawal)),
        refs=[_fact(withdrawal, "refund", step=1)],
        actor=PROVIDER,
        now=now,
        scope=SCOPE,
    )
    _decide(withdrawal, WithdrawalTransition.SEND, "bank_ref", actor=PROVIDER, now=now)


def _come_back(withdrawal: Withdrawal, told: ProviderRefund, *, now: datetime) -> None:
    """The card's bank turned it back: it is in the wallet again, and of the top-up again."""
    withdrawal.reason = _turned_back(told.failure or "failed")
    taken = _count_back(withdrawal, now=now)
    accounts = Chart(currency=withdrawal.currency, actor=PROVIDER, now=now)
    back = EntryRequest(
        debit=accounts.clearing(_provider_of(withdrawal)),
        credit=accounts.wallet(withdrawal.wallet.organisation),
        amount=withdrawal.amount,
    )
    accounts.post(
        Posting(
            scope=SCOPE,
            key=f"{withdrawal.token}:returned",
            kind="payments.withdrawal.returned",
            subject=f"wallet:{withdrawal.wallet.public_id}",
            transfers=[back],
            refs=[_fact(withdrawal, "refund_failure")],
        )
    )
    _make_good(withdrawal, taken, now=now)
    _decide(withdrawal, WithdrawalTransition.COME_BACK, "reason", actor=PROVIDER, now=now)


def _provider_of(withdrawal: Withdrawal) -> str:
    return withdrawal.top_up.provider if withdrawal.top_up else BANK


def _turned_back(code: str) -> str:
    return _("The card's bank did not take it: %(code)s.") % {"code": code}


def _count_back(withdrawal: Withdrawal, *, now: datetime) -> Money:
    """Count the money to its top-up again; how much of it the card's bank has taken by a chargeback."""
    top_up = withdrawal.top_up
    if top_up is None:
        return Money(0, withdrawal.currency)
    top_up.refunded_minor -= withdrawal.amount_minor
    top_up.save(update_fields=["refunded_minor"])
    # Chargebacks are locked before accounts.
    return set_offs.after_return(top_up, now=now)


def _make_good(withdrawal: Withdrawal, taken: Money, *, now: datetime) -> None:
    """The wallet, in which the money is again, gives what the exchange bore of a chargeback."""
    if not taken.minor:
        return
    accounts = Chart(currency=withdrawal.currency, actor=PROVIDER, now=now)
    owner = withdrawal.wallet.organisation
    accounts.post(
        Posting(
            scope=SCOPE,
            key=f"{withdrawal.token}:set_off",
            kind="payments.withdrawal.set_off",
            subject=f"wallet:{withdrawal.wallet.public_id}",
            transfers=[
                EntryRequest(debit=accounts.wallet(owner), credit=accounts.bad_debt(), amount=taken)
            ],
        )
    )


def _fact(withdrawal: Withdrawal, kind: str, *, step: int = 0) -> ExternalFact:
    return ExternalFact(
        psp=_provider_of(withdrawal),
        object_type="refund",
        object_id=withdrawal.bank_ref,
        kind=kind,
        step=step,
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
