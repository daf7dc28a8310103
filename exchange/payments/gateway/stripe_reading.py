"""Stripe's objects, read as the port's."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import stripe

from exchange.core.inputs import YEAR_MAX, YEAR_MIN
from exchange.payments.gateway.port import (
    DisputeStatus,
    MoneyStatus,
    PaymentStatus,
    ProviderAccount,
    ProviderCard,
    ProviderDispute,
    ProviderMovement,
    ProviderNews,
    ProviderPayment,
    ProviderPayout,
    ProviderRefund,
)
from pricing.money import Money

PAYMENT_STATUS = {
    "requires_capture": PaymentStatus.AUTHORISED,
    "succeeded": PaymentStatus.RECEIVED,
    "canceled": PaymentStatus.CANCELLED,
}
CARD_GIVEN = frozenset({"requires_capture", "succeeded"})
MONEY_STATUS = {
    "succeeded": MoneyStatus.DONE,
    "paid": MoneyStatus.DONE,
    "failed": MoneyStatus.FAILED,
    "canceled": MoneyStatus.FAILED,
}


def news(told: Any, *, is_live: bool) -> ProviderNews:
    """A signed message. Raises ValueError, or what the missing of a part raises, for one whose parts
    are not those of a message, or do not fit where they are kept, and for one of the other mode."""
    if bool(told.get("livemode")) != is_live:
        raise ValueError("the message is of the other mode")
    about = told["data"]["object"]
    created_at = moment(told["created"])
    if not YEAR_MIN <= created_at.year <= YEAR_MAX:
        raise ValueError("created is outside the years that are accepted")
    return ProviderNews(
        event_id=_name(told["id"], 80),
        kind=_name(told["type"], 100),
        object_type=_name(about["object"], 60),
        object_id=_name(about.get("id") or "-", 80),
        account=_name(told.get("account") or "-", 80).removeprefix("-"),
        created_at=created_at,
    )


def _name(value: Any, chars_max: int) -> str:
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= chars_max:
        raise ValueError(f"not a name of at most {chars_max} characters")
    return value


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def money(minor: int, currency: str) -> Money:
    """Stripe writes currencies in small letters and amounts in the same minor units."""
    return Money(minor, currency.upper())


def noted(about: Any, name: str) -> str:
    """What we wrote beside the object when we made it."""
    return str(about[name]) if about and name in about else ""


def payment(intent: stripe.PaymentIntent) -> ProviderPayment:
    """The intent, with its charge and the fee where they were expanded."""
    charge = intent.latest_charge
    line = charge.balance_transaction if isinstance(charge, stripe.Charge) else None
    error = intent.last_payment_error
    return ProviderPayment(
        ref=intent.id,
        status=PAYMENT_STATUS.get(intent.status, PaymentStatus.WAITING),
        amount=money(intent.amount, intent.currency),
        payment_id=noted(intent.metadata, "payment"),
        charge_ref=charge.id if isinstance(charge, stripe.Charge) else (charge or ""),
        fee_minor=line.fee if isinstance(line, stripe.BalanceTransaction) else 0,
        refusal=(error.decline_code or error.code or "declined") if error else "",
        is_attempt=bool(noted(intent.metadata, "attempt")),
        saves_card=noted(intent.metadata, "card"),
        card=_card_of(intent),
    )


def _card_of(intent: stripe.PaymentIntent) -> ProviderCard | None:
    """The card that was saved with a payment, where it was expanded. One without a customer is not kept."""
    card_id, method = noted(intent.metadata, "card"), intent.payment_method
    if not card_id or intent.status not in CARD_GIVEN:
        return None
    if not isinstance(method, stripe.PaymentMethod):
        return None
    seen = _with_method(ProviderCard(ref=intent.id, card_id=card_id), method, intent.customer)
    return seen if seen.customer_ref else None


def known_by(seen: ProviderPayment, ref: str) -> ProviderPayment:
    """The payment, and a card saved with it, by the page on which the card was given."""
    return replace(seen, ref=ref, card=replace(seen.card, ref=ref) if seen.card else None)


def _id_of(linked: Any) -> str:
    """The id of another object, which is named or expanded."""
    return linked if isinstance(linked, str) else str(getattr(linked, "id", "") or "")


def session(found: stripe.checkout.Session) -> ProviderPayment:
    """A Checkout session, with its intent where a card was given. One that has run out without money is
    cancelled; the payment is known by the session, whatever its intent is."""
    intent = found.payment_intent
    if isinstance(intent, stripe.PaymentIntent):
        seen = known_by(payment(intent), found.id)
    else:
        seen = ProviderPayment(
            ref=found.id,
            status=PaymentStatus.WAITING,
            amount=money(found.amount_total or 0, found.currency or ""),
            payment_id=noted(found.metadata, "payment"),
            saves_card=noted(found.metadata, "card"),
        )
    if found.status == "expired" and seen.status is PaymentStatus.WAITING:
        return replace(seen, status=PaymentStatus.CANCELLED)
    return seen


def card(found: stripe.checkout.Session) -> ProviderCard:
    """A page on which a card is saved, with the card once there is one."""
    intent = found.setup_intent
    seen = ProviderCard(
        ref=found.id,
        card_id=noted(found.metadata, "card"),
        is_closed=found.status == "expired",
    )
    if not isinstance(intent, stripe.SetupIntent):
        return seen
    method, error = intent.payment_method, intent.last_setup_error
    if intent.status != "succeeded" or not isinstance(method, stripe.PaymentMethod):
        refusal = (error.decline_code or error.code or "declined") if error else ""
        return replace(seen, refusal=refusal)
    return _with_method(seen, method, found.customer)


def _with_method(seen: ProviderCard, method: stripe.PaymentMethod, customer: Any) -> ProviderCard:
    about = method.card
    return replace(
        seen,
        customer_ref=_id_of(customer) or _id_of(method.customer),
        method_ref=method.id,
        brand=about.brand[:20] if about else "",
        last4=(about.last4 or "")[:4] if about else "",
        exp_month=about.exp_month if about else 0,
        exp_year=about.exp_year if about else 0,
    )


def refund(found: stripe.Refund) -> ProviderRefund:
    return ProviderRefund(
        ref=found.id,
        status=MONEY_STATUS.get(found.status or "", MoneyStatus.UNDER_WAY),
        amount=money(found.amount, found.currency),
        refund_id=noted(found.metadata, "refund"),
        failure=found.failure_reason or "" if found.status == "failed" else "",
        charge_ref=_id_of(found.charge),
    )


def dispute(found: stripe.Dispute) -> ProviderDispute:
    due_by = found.evidence_details.due_by
    status = "inquiry" if found.status.startswith("warning") else found.status
    return ProviderDispute(
        ref=found.id,
        status=DisputeStatus(status if status in set(DisputeStatus) else "under_review"),
        charge_ref=_id_of(found.charge),
        amount=money(found.amount, found.currency),
        fee_minor=sum(line.fee for line in found.balance_transactions if line.amount < 0),
        reason=found.reason[:60],
        due_at=moment(due_by) if due_by else None,
    )


def payout(found: stripe.Payout, *, transfer_ref: str = "") -> ProviderPayout:
    return ProviderPayout(
        transfer_ref=transfer_ref or noted(found.metadata, "transfer"),
        payout_ref=found.id,
        status=MONEY_STATUS.get(found.status, MoneyStatus.UNDER_WAY),
        payout_id=noted(found.metadata, "payout"),
        failure=found.failure_code or "",
    )


def account(found: stripe.Account) -> ProviderAccount:
    """Ready is one that transfers reach and that banks are paid from."""
    asked = found.requirements
    transfers = found.capabilities.transfers if found.capabilities else None
    due = asked.current_deadline if asked else None
    missing = [
        *((asked.past_due or []) if asked else []),
        *((asked.currently_due or []) if asked else []),
    ]
    banks = found.external_accounts.data if found.external_accounts else []
    last4 = next((bank.last4 for bank in banks if isinstance(bank, stripe.BankAccount)), "")
    return ProviderAccount(
        ref=found.id,
        ready=bool(found.payouts_enabled) and transfers == "active",
        account_id=noted(found.metadata, "account"),
        label=last4,
        missing=tuple(dict.fromkeys(missing)),
        disabled=(asked.disabled_reason or "") if asked else "",
        due_at=moment(due) if due else None,
    )


def movement(line: stripe.BalanceTransaction) -> ProviderMovement:
    source = line.source
    return ProviderMovement(
        ref=line.id,
        # Both movements of a dispute are adjustments.
        kind=line.reporting_category if line.type == "adjustment" else line.type,
        source_ref=source if isinstance(source, str) else (source.id if source else ""),
        amount=money(line.amount, line.currency),
        fee_minor=line.fee,
        created_at=moment(line.created),
        available_at=moment(line.available_on),
    )
