"""Where an order's page leads: its documents, the access that it opened, its certificate's proof."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from exchange.delivery.queries.entitlements import entitlement_of_order
from exchange.orders.lifecycle import OrderState
from exchange.orders.models import Certificate, Order
from exchange.orders.queries import Side
from exchange.payments.models import Document
from exchange.payments.states import DocumentKind


@dataclass(frozen=True)
class DocumentLink:
    label: str
    url: str
    pdf_url: str


# Documents that an order has from a state on; those of settlement and the certificate are asked for.
FROM_CONTRACT = frozenset(OrderState) - {OrderState.CREATED, OrderState.CONFIRMED}
FROM_DELIVERY = FROM_CONTRACT - {
    OrderState.CONTRACT_SIGNED, OrderState.ESCROWED, OrderState.DELIVERING, OrderState.CANCELLED,
    OrderState.REFUNDED,
}  # fmt: skip


def document_links(
    order: Order, certificate: Certificate | None, side: Side
) -> tuple[DocumentLink, ...]:
    """The documents that the order has by now for this side, as pages and for printing.

    How the seller's money was shared out is not the buyer's to know.
    """
    state = OrderState(order.state)
    issued = set(Document.objects.filter(order_ref=order.public_id).values_list("kind", flat=True))
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
    """The page of what the order opened; empty where it opened nothing."""
    entitlement = entitlement_of_order(order.public_id)
    if entitlement is None:
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
