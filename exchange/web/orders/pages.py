"""The page of one order: where it stands, whose turn it is, what can be done next."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from exchange.core.titles import title_of
from exchange.delivery.queries.entitlements import entitlement_of_order
from exchange.members import policy
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from exchange.orders.conversation import writing_permission
from exchange.orders.lifecycle import ORDER, OrderState, OrderTransition, Party, RulingReason, Turn
from exchange.orders.models import Certificate, Order, OrderMessage, OrderStep
from exchange.orders.queries import Side, side_of, subject_of, subscription_of
from exchange.payments.lifecycle import DocumentKind
from exchange.payments.models import Document
from exchange.web.orders import labels, money
from exchange.web.orders.forms import AcceptForm, MessageForm, ObjectForm, ReasonForm
from exchange.web.orders.labels import TermsView, terms_view
from exchange.web.orders.money import MoneyLines
from pricing.money import Money

# Documents that an order has from a state on; those of settlement and the certificate are asked for.
FROM_CONTRACT = frozenset(OrderState) - {OrderState.CREATED, OrderState.CONFIRMED}


FROM_DELIVERY = FROM_CONTRACT - {
    OrderState.CONTRACT_SIGNED, OrderState.ESCROWED, OrderState.DELIVERING, OrderState.CANCELLED,
    OrderState.REFUNDED,
}  # fmt: skip


@dataclass(frozen=True)
class Stage:
    label: str
    state: str


@dataclass(frozen=True)
class Event:
    title: str
    at: datetime
    by: str
    reason: str
    tone: str


@dataclass(frozen=True)
class Message:
    public_id: str
    by: str
    is_own: bool
    text: str
    at: datetime


@dataclass(frozen=True)
class SubscriptionView:
    paid_until: datetime
    auto_renew: bool
    ended_at: datetime | None
    may_change: bool


@dataclass(frozen=True)
class Acts:
    """What the reader may do now. A form that is None is not offered."""

    accept: AcceptForm | None = None
    object: ObjectForm | None = None
    cancel: bool = False
    confirm: bool = False
    confirm_obstacle: str = ""
    decline: ReasonForm | None = None
    pay_url: str = ""
    message: MessageForm | None = None


@dataclass(frozen=True)
class DocumentLink:
    label: str
    url: str
    pdf_url: str


@dataclass(frozen=True)
class OrderPage:
    public_id: str
    title: str
    product_id: str
    is_synthetic: bool
    side: Side
    buyer: str
    seller: str
    placed_by: str
    po_number: str
    state: str
    tone: str
    next_step: str
    turn: str
    is_my_turn: bool
    due_at: datetime | None
    is_overdue: bool
    stages: tuple[Stage, ...]
    total: Money
    money: MoneyLines
    terms: TermsView
    terms_hash: str
    events: tuple[Event, ...]
    messages: tuple[Message, ...]
    documents: tuple[DocumentLink, ...]
    access_url: str
    certificate: str
    subscription: SubscriptionView | None
    acts: Acts
    version: int


def order_page(
    order: Order,
    actor: Actor,
    *,
    now: datetime,
    object_form: ObjectForm | None = None,
    message_form: MessageForm | None = None,
) -> OrderPage:
    """Everything the page shows to this actor, read at once."""
    side = side_of(order, actor)
    state = OrderState(order.state)
    certificate = Certificate.objects.filter(order=order).first()
    acts = _acts(order, actor, object_form=object_form, message_form=message_form)
    return OrderPage(
        public_id=order.public_id,
        title=title_of(order),
        product_id=order.product.public_id,
        is_synthetic=bool(order.terms["product"]["synthetic"]),
        side=side,
        buyer=order.buyer.name,
        seller=order.seller.name,
        placed_by=str(order.placed_by) if side is not Side.SELLER else order.buyer.name,
        po_number=order.po_number,
        state=str(state.label),
        tone=labels.TONES.get(state, "info"),
        next_step=labels.next_step(order, side),
        turn=str(Turn(order.turn).label),
        is_my_turn=order.turn == side.value and not acts.confirm_obstacle,
        due_at=order.due_at,
        is_overdue=order.due_at is not None and order.due_at < now,
        stages=tuple(Stage(label, at) for label, at in labels.stages(order)),
        total=order.total,
        money=money.lines_of(order, side),
        terms=terms_view(order.terms),
        terms_hash=order.terms_hash,
        events=_events(order, side),
        messages=_messages(order, actor),
        documents=document_links(order, certificate, side),
        access_url=access_url(order) if side is Side.BUYER else "",
        certificate=certificate.number if certificate else "",
        subscription=_subscription(order, actor),
        acts=acts,
        version=order.version,
    )


def _acts(
    order: Order,
    actor: Actor,
    *,
    object_form: ObjectForm | None,
    message_form: MessageForm | None,
) -> Acts:
    subject = subject_of(order)
    state = OrderState(order.state)

    def may(permission: Permission, move: OrderTransition) -> bool:
        return ORDER.may(order, move) and bool(policy.allowed(actor, permission, subject))

    second = policy.allowed(actor, Permission.ORDER_CONFIRM, subject)
    waits = state is OrderState.CREATED and actor.organisation_id == order.buyer_id
    may_answer = may(Permission.ORDER_ACCEPT, OrderTransition.OBJECT)
    return Acts(
        accept=AcceptForm() if may_answer else None,
        object=(object_form or ObjectForm()) if may_answer else None,
        cancel=may(Permission.ORDER_CANCEL, OrderTransition.CANCEL),
        confirm=waits and bool(second),
        confirm_obstacle=second.reason if waits and not second else "",
        decline=ReasonForm() if waits and second else None,
        pay_url=money.pay_url(order) if may(Permission.ORDER_CANCEL, OrderTransition.PAY) else "",
        message=(message_form or MessageForm())
        if policy.allowed(actor, writing_permission(actor), subject)
        else None,
    )


def _events(order: Order, side: Side) -> tuple[Event, ...]:
    steps = order.steps.select_related("by", "approved_by").order_by("-number")
    return tuple(_event(order, step, side) for step in steps)


def _event(order: Order, step: OrderStep, side: Side) -> Event:
    grave = {
        OrderTransition.DECLINE: "bad", OrderTransition.PAYMENT_FAILED: "warn", OrderTransition.DELAY: "warn", OrderTransition.OBJECT: "bad",
        OrderTransition.REFUND: "warn", OrderTransition.CANCEL: "neutral", OrderTransition.LAPSE: "warn",
    }  # fmt: skip
    kind = RulingReason(step.reason_code).label if step.reason_code in RulingReason.values else ""
    return Event(
        title=step.get_transition_display(),
        at=step.at,
        by=_by(order, step, side),
        reason=" ".join(filter(None, (str(kind), step.reason))),
        tone=grave.get(OrderTransition(step.transition), "good"),
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
    return tuple(_message(row, actor) for row in rows)


def _message(row: OrderMessage, actor: Actor) -> Message:
    is_own = row.organisation_id == actor.organisation_id
    return Message(
        public_id=row.public_id,
        by=f"{row.by} · {row.organisation}" if is_own else row.organisation.name,
        is_own=is_own,
        text=row.text,
        at=row.at,
    )


def _subscription(order: Order, actor: Actor) -> SubscriptionView | None:
    if not order.terms["offer"]["period"]:
        return None
    found = subscription_of(order)
    if found is None:
        return None
    may = bool(policy.allowed(actor, Permission.ORDER_CANCEL, subject_of(order)))
    return SubscriptionView(
        paid_until=found.paid_until,
        auto_renew=found.auto_renew,
        ended_at=found.ended_at,
        may_change=may and found.ended_at is None,
    )


def document_links(
    order: Order, certificate: Certificate | None, side: Side
) -> tuple[DocumentLink, ...]:
    """The documents that the order has by now for this side, as pages and for printing.

    How the seller's money was shared out is not the buyer's to know.
    """
    state = OrderState(order.state)
    issued = set(Document.objects.filter(order=order).values_list("kind", flat=True))
    hidden = {DocumentKind.STATEMENT.value} if side is Side.BUYER else set()
    wanted = (
        ("order", _("Order"), True),
        ("contract", _("Contract"), state in FROM_CONTRACT - {OrderState.CANCELLED}),
        ("delivery_note", _("Delivery note"), state in FROM_DELIVERY),
        ("invoice", _("Invoice"), DocumentKind.INVOICE in issued),
        ("credit_note", _("Credit note"), DocumentKind.CREDIT_NOTE in issued),
        ("statement", _("Settlement statement"), DocumentKind.STATEMENT in issued - hidden),
        ("certificate", _("Trading certificate"), certificate is not None),
    )
    links = (_link(order, kind, label) for kind, label, is_there in wanted if is_there)
    return tuple(link for link in links if link is not None)


def access_url(order: Order) -> str:
    """The page of what the order opened; empty where it opened nothing or was given back."""
    entitlement = entitlement_of_order(order.public_id)
    if entitlement is None or order.state == OrderState.REFUNDED:
        return ""
    return reverse("web:entitlement", args=[entitlement.public_id])


def _link(order: Order, kind: str, label: str) -> DocumentLink | None:
    try:
        return DocumentLink(
            label,
            reverse("web:order_document", args=[order.public_id, kind, "html"]),
            reverse("web:order_document", args=[order.public_id, kind, "pdf"]),
        )
    except NoReverseMatch:
        return None
