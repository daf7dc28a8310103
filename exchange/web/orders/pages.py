"""The page of one order: where it stands, whose turn it is, its money, what can be done next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.catalog.lifecycle import OfferKind
from exchange.core.calendar import is_provisional
from exchange.core.fields import ReasonForm
from exchange.core.titles import title_of
from exchange.delivery.entitlements import entitlement_of_order
from exchange.disputes import bill_lines, opening
from exchange.disputes.models import Dispute
from exchange.disputes.queries import latest_dispute
from exchange.journeys import refunds
from exchange.members import policy
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from exchange.metering.subscriptions import meter_of
from exchange.orders import placing
from exchange.orders.conversation import writing_permission
from exchange.orders.lifecycle import (
    MONEY_HELD,
    ORDER,
    OrderState,
    OrderTransition,
    Party,
    PaymentMethod,
    RulingReason,
    Turn,
)
from exchange.orders.models import Certificate, Order, OrderMessage, OrderStep, Subscription
from exchange.orders.placing import is_owed
from exchange.orders.queries import (
    Side,
    renewal_that_waits,
    side_of,
    subject_of,
    subscription_of,
    total_shown,
)
from exchange.payments import order_refunds
from exchange.payments.lifecycle import DocumentKind, PaymentState
from exchange.payments.models import Document, Payment, Settlement
from exchange.web.disputes.forms import DisputeForm
from exchange.web.orders import labels
from exchange.web.orders.comparison import Summary, order_comparison
from exchange.web.orders.forms import MessageForm
from exchange.web.orders.labels import TermsView, terms_view
from exchange.web.panels import Event, Stage
from pricing.money import Money

# Documents that an order has from a state on; those of settlement and the certificate are asked for.
FROM_CONTRACT = frozenset(OrderState) - {OrderState.CREATED, OrderState.CONFIRMED}
FROM_DELIVERY = FROM_CONTRACT - {
    OrderState.CONTRACT_SIGNED, OrderState.ESCROWED, OrderState.DELIVERING, OrderState.CANCELLED,
    OrderState.REFUNDED,
}  # fmt: skip
# From where on an order may have had a dispute.
MAYBE_DISPUTED = frozenset(
    {OrderState.OBJECTED, OrderState.ACCEPTED, OrderState.CLOSED, OrderState.REFUNDED}
)
GRAVE = {
    OrderTransition.DECLINE: "bad", OrderTransition.PAYMENT_FAILED: "warn",
    OrderTransition.DELAY: "warn", OrderTransition.OBJECT: "bad", OrderTransition.REFUND: "warn",
    OrderTransition.CANCEL: "neutral", OrderTransition.LAPSE: "warn",
    OrderTransition.MONEY_BACK: "warn",
}  # fmt: skip
CARD_REFUSALS: Mapping[str, str | Promise] = {
    "insufficient_funds": gettext_lazy(
        "The card has not enough money. Use another card, or try again later."
    ),
    "expired_card": gettext_lazy("The card has run out. Use another card."),
    "authentication_failed": gettext_lazy(
        "Your bank was not told that it is you who pays. Try again, or use another card."
    ),
    "authentication_required": gettext_lazy(
        "Your bank wants to ask you first. Pay on the card page, where it can."
    ),
    "authorisation_ended": gettext_lazy("The money was set aside for too long. Please pay again."),
}
OTHER = gettext_lazy(
    "Your bank declined the card and does not say why. Use another card, or ask your bank."
)


@dataclass(frozen=True)
class MoneyLine:
    label: str
    amount: Money
    is_sum: bool = False


@dataclass(frozen=True)
class RefundLine:
    amount: Money
    state: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class MoneyLines:
    lines: tuple[MoneyLine, ...]
    method: str
    payment_state: str
    reference: str
    is_held: bool
    held_until: datetime | None
    payout_from: datetime | None
    refunds: tuple[RefundLine, ...]
    note: str


@dataclass(frozen=True)
class Message:
    by: str
    is_own: bool
    text: str
    at: datetime


@dataclass(frozen=True)
class Acts:
    """What the reader may do now. A form that is None is not offered."""

    accept: bool = False
    object: DisputeForm | None = None
    object_until: datetime | None = None
    cancel: bool = False
    confirm: bool = False
    obstacle: str = ""
    is_held_up: bool = False
    decline: ReasonForm | None = None
    pay_url: str = ""
    refund_url: str = ""
    message: MessageForm | None = None


@dataclass(frozen=True)
class DocumentLink:
    label: str
    url: str
    pdf_url: str


@dataclass(frozen=True)
class OrderPage:
    order: Order
    title: str
    total: str
    is_synthetic: bool
    placed_by: str
    tone: str
    next_step: str
    turn: str
    is_my_turn: bool
    is_overdue: bool
    is_provisional: bool
    stages: tuple[Stage, ...]
    money: MoneyLines
    terms: TermsView
    events: tuple[Event, ...]
    messages: tuple[Message, ...]
    documents: tuple[DocumentLink, ...]
    comparison: Summary | None
    access_url: str
    meter_id: str
    subscription: Subscription | None
    renewal: Order | None
    may_renew: bool
    dispute: Dispute | None
    acts: Acts


def order_page(
    order: Order,
    actor: Actor,
    *,
    now: datetime,
    object_form: DisputeForm | None = None,
    message_form: MessageForm | None = None,
) -> OrderPage:
    """Everything the page shows to this actor, read at once."""
    side = side_of(order, actor)
    is_being_taken = _is_being_taken(order)
    acts = _acts(
        order,
        actor,
        now=now,
        is_over=order.due_at is not None and order.due_at <= now,
        is_being_taken=is_being_taken,
        object_form=object_form,
        message_form=message_form,
    )
    waits_for_exchange = is_being_taken or acts.is_held_up
    dispute = latest_dispute(order) if OrderState(order.state) in MAYBE_DISPUTED else None
    subscription = subscription_of(order) if order.terms["offer"]["period"] else None
    return OrderPage(
        order=order,
        title=title_of(order),
        total=total_shown(order),
        is_synthetic=bool(order.terms["product"]["synthetic"]),
        placed_by=str(order.placed_by) if side is not Side.SELLER else order.buyer.name,
        tone=labels.TONES.get(OrderState(order.state), "info"),
        next_step=str(labels.BEING_TAKEN[side])
        if is_being_taken
        else labels.next_step(order, side, is_held_up=acts.is_held_up),
        turn=str((Turn.OPERATOR if waits_for_exchange else labels.turn_of(order, dispute)).label),
        is_my_turn=order.turn == side.value and not acts.obstacle and not is_being_taken,
        is_overdue=order.due_at is not None and order.due_at < now,
        is_provisional=is_provisional(order.due_at),
        stages=labels.stages(order),
        money=lines_of(order, side),
        terms=terms_view(order.terms, side=side),
        events=_events(order, side),
        messages=_messages(order, actor),
        documents=document_links(order, side),
        comparison=order_comparison(order, actor),
        access_url=access_url(order) if side is Side.BUYER else "",
        meter_id=meter_of(order),
        subscription=subscription,
        renewal=None if subscription is None else renewal_that_waits(subscription),
        may_renew=subscription is not None
        and subscription.ended_at is None
        and subscription.declined_at is None
        and policy.allowed(actor, Permission.ORDER_CANCEL, subject_of(order)).allowed,
        dispute=dispute,
        acts=acts,
    )


def dispute_form(order: Order, side: Side, said: QueryDict | None = None) -> DisputeForm:
    """The form to open a dispute with, for the side; of a bill of use the buyer names a line."""
    lines = bill_lines.lines_of(order) if side is Side.BUYER else ()
    return DisputeForm(said, currency=order.currency, side=side, lines=lines)


def _acts(
    order: Order,
    actor: Actor,
    *,
    now: datetime,
    is_over: bool,
    is_being_taken: bool,
    object_form: DisputeForm | None,
    message_form: MessageForm | None,
) -> Acts:
    subject = subject_of(order)
    state = OrderState(order.state)

    def may(permission: Permission, move: OrderTransition) -> bool:
        is_late = is_over and ORDER.transitions[move].in_time
        return (
            ORDER.may(order, move)
            and not is_late
            and bool(policy.allowed(actor, permission, subject))
        )

    second = policy.allowed(actor, Permission.ORDER_CONFIRM, subject)
    waits = state is OrderState.CREATED and actor.organisation_id == order.buyer_id
    held_up = "" if is_being_taken else placing.obstacle(order)
    side = side_of(order, actor)
    complain_until = opening.complain_until(order, side)
    may_complain = (
        complain_until is not None and complain_until > now and opening.may_open(order, side, actor)
    )
    may_object = may_complain or may(Permission.ORDER_ACCEPT, OrderTransition.OBJECT)
    return Acts(
        accept=may(Permission.ORDER_ACCEPT, OrderTransition.ACCEPT),
        object=(object_form or dispute_form(order, side)) if may_object else None,
        object_until=complain_until if may_complain else None,
        cancel=may(Permission.ORDER_CANCEL, OrderTransition.CANCEL)
        and not is_owed(order)
        and not is_being_taken,
        confirm=waits and may(Permission.ORDER_CONFIRM, OrderTransition.CONFIRM) and not held_up,
        obstacle=held_up or (second.reason if waits and not second else ""),
        is_held_up=bool(held_up),
        decline=ReasonForm() if waits and second else None,
        pay_url=pay_url(order)
        if not held_up and may(Permission.ORDER_CANCEL, OrderTransition.PAY)
        else "",
        refund_url=_refund_url(order, actor),
        message=(message_form or MessageForm())
        if policy.allowed(actor, writing_permission(actor), subject)
        else None,
    )


def _refund_url(order: Order, actor: Actor) -> str:
    """Where the seller gives money back; empty to others, and where nothing is left to give."""
    may = actor.organisation_id == order.seller_id and policy.allowed(
        actor, Permission.ORDER_REFUND, refunds.seller_of(order)
    )
    if not may or not order_refunds.refundable(order).minor:
        return ""
    return reverse("web:order_refund", args=[order.public_id])


def _events(order: Order, side: Side) -> tuple[Event, ...]:
    steps = order.steps.select_related("by", "approved_by").order_by("-number")
    return tuple(_event(order, step, side) for step in steps)


def _event(order: Order, step: OrderStep, side: Side) -> Event:
    kind = RulingReason(step.reason_code).label if step.reason_code in RulingReason.values else ""
    return Event(
        title=step.get_transition_display(),
        at=step.at,
        by=_by(order, step, side),
        reason=" ".join(filter(None, (str(kind), step.reason))),
        tone=GRAVE.get(OrderTransition(step.transition), "good"),
    )


def _by(order: Order, step: OrderStep, side: Side) -> str:
    """The person to their own side, the organisation to the other."""
    party = ORDER.transitions[step.transition].by
    if step.by is None or party is Party.SYSTEM:
        return _("The exchange")
    if party is Party.OPERATOR:
        return _staff(step) if side is Side.EXCHANGE else _("The exchange")
    return order.buyer.name if side is Side.SELLER else str(step.by)


def _staff(step: OrderStep) -> str:
    if step.approved_by is None:
        return str(step.by)
    return _("%(proposer)s, approved by %(approver)s") % {
        "proposer": step.by,
        "approver": step.approved_by,
    }


def _messages(order: Order, actor: Actor) -> tuple[Message, ...]:
    rows = order.messages.select_related("by", "organisation").order_by("id")
    return tuple(_message(row, is_own=row.organisation_id == actor.organisation_id) for row in rows)


def _message(row: OrderMessage, *, is_own: bool) -> Message:
    by = f"{row.by} · {row.organisation}" if is_own else row.organisation.name
    return Message(by, is_own, row.text, row.at)


def document_links(order: Order, side: Side) -> tuple[DocumentLink, ...]:
    """The documents that the order has by now for this side, as pages and for printing; each credit note
    by its number.

    How the seller's money was shared out is not the buyer's to know.
    """
    state = OrderState(order.state)
    numbers = list(
        Document.objects.filter(order=order).order_by("pk").values_list("kind", "number")
    )
    issued = {kind for kind, _number in numbers}
    credited = [number for kind, number in numbers if kind == DocumentKind.CREDIT_NOTE]
    hidden = {DocumentKind.STATEMENT.value} if side is Side.BUYER else set()
    wanted = (
        ("order", _("Order"), True),
        ("contract", _("Contract"), state in FROM_CONTRACT - {OrderState.CANCELLED}),
        ("delivery_note", _("Delivery note"), state in FROM_DELIVERY),
        ("invoice", _("Invoice"), DocumentKind.INVOICE in issued),
        ("statement", _("Settlement statement"), DocumentKind.STATEMENT in issued - hidden),
        ("certificate", _("Trading certificate"), Certificate.objects.filter(order=order).exists()),
    )
    of_order = (
        _link(label, "web:order_document", order.public_id, kind)
        for kind, label, is_there in wanted
        if is_there
    )
    notes = (
        _link(_("Credit note %(number)s") % {"number": number}, "web:numbered_document", number)
        for number in credited
    )
    return (*of_order, *notes)


def _link(label: str, route: str, *which: str) -> DocumentLink:
    html, pdf = (reverse(route, args=[*which, form]) for form in ("html", "pdf"))
    return DocumentLink(label, html, pdf)


def access_url(order: Order) -> str:
    """The page of what the order opened; empty where it opened nothing or was given back."""
    entitlement = entitlement_of_order(order)
    if entitlement is None or order.state == OrderState.REFUNDED:
        return ""
    return reverse("web:entitlement", args=[entitlement.public_id])


def lines_of(order: Order, side: Side) -> MoneyLines:
    """The money as this side may see it: fees and payouts are the seller's own matter."""
    payment = _payment(order)
    settlement = None if side is Side.BUYER else _settlement(order)
    is_held = OrderState(order.state) in MONEY_HELD and order.total_minor > 0
    return MoneyLines(
        lines=_lines(order, settlement),
        method=str(PaymentMethod(order.payment_method).label),
        payment_state=str(PaymentState(payment.state).label) if payment else "",
        reference=payment.reference if payment and side is not Side.SELLER else "",
        is_held=is_held,
        held_until=order.inspection_ends_at if is_held else None,
        payout_from=settlement.clears_at if settlement else None,
        refunds=_refunds(payment),
        note=_note(order, side, settlement),
    )


def _refunds(payment: Payment | None) -> tuple[RefundLine, ...]:
    """What went back or is on its way, the newest first."""
    if payment is None or not payment.refunded_minor:
        return ()
    return tuple(
        RefundLine(
            row.amount,
            _("In the buyer's wallet") if row.to_wallet else row.get_state_display(),
            refund_reason(row.reason),
            row.created_at,
        )
        for row in payment.refunds.order_by("-pk")
    )


def refund_reason(reason: str) -> str:
    """Why a refund was made, in the reader's language where the exchange said it itself."""
    return _("The order had ended.") if reason == "order_cancelled" else reason


def pay_url(order: Order) -> str:
    """What leads the buyer to the payment; empty where there is nothing to pay."""
    payment = _payment(order)
    if payment is None or payment.state != PaymentState.WAITING:
        return ""
    return reverse("web:order_pay", args=[order.public_id])


def _lines(order: Order, settlement: Settlement | None) -> tuple[MoneyLine, ...]:
    lines = (
        MoneyLine(_("Price without tax"), order.net),
        MoneyLine(_("Value-added tax"), order.tax),
        MoneyLine(_("Total"), order.total, is_sum=True),
    )
    if settlement is None:
        return lines
    fee = [MoneyLine(_("Service fee"), settlement.fee_tax - settlement.fee)]
    if settlement.fee_tax_minor:
        fee.append(MoneyLine(_("Value-added tax on the service fee"), -settlement.fee_tax))
    return (*lines, *fee, MoneyLine(_("The seller gets"), settlement.pool, is_sum=True))


def _note(order: Order, side: Side, settlement: Settlement | None) -> str:
    if order.terms["offer"]["kind"] == OfferKind.METERED:
        return _("What is used is billed at the end of each period.")
    if order.total_minor == 0:
        return _("This costs nothing.")
    if side is Side.SELLER and settlement is None:
        return _("The service fee is taken off the price without tax when the order is settled.")
    return ""


def _is_being_taken(order: Order) -> bool:
    """Whether the payer's card has been authorised and the exchange has yet to take the money."""
    if order.state != OrderState.CONTRACT_SIGNED:
        return False
    payment = _payment(order)
    return payment is not None and payment.state == PaymentState.AUTHORISED


def _payment(order: Order) -> Payment | None:
    if order.total_minor == 0:
        return None
    return Payment.objects.filter(order=order).order_by("-pk").first()


def _settlement(order: Order) -> Settlement | None:
    if order.total_minor == 0:
        return None
    return Settlement.objects.filter(order=order).first()


def refusal_sentence(code: str) -> str:
    """One sentence for the provider's code."""
    return str(CARD_REFUSALS.get(code, OTHER))
