"""The page on which a seller gives a buyer money back: how much and why, what it takes from whom, done."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from exchange.core import clock
from exchange.core.titles import title_of
from exchange.journeys import refunds
from exchange.members import policy
from exchange.members.actors import Actor, actor_of
from exchange.members.permissions import Permission
from exchange.orders.models import Order
from exchange.orders.queries import order_seen_by
from exchange.payments import order_refunds
from exchange.payments.errors import RefundChanged
from exchange.web.orders.forms import RefundForm
from exchange.web.pages import render_page
from exchange.web.submissions import blaming, sent, status_of
from exchange.web.views import form_view
from pricing.money import Money


@dataclass(frozen=True)
class PartRow:
    label: str
    amount: Money


@dataclass(frozen=True)
class Shown:
    """What the refund that was asked for would take from whom."""

    amount: Money
    reason: str
    parts: tuple[PartRow, ...]
    seal: str
    left: Money


@dataclass(frozen=True)
class RefundPage:
    order: Order
    title: str
    refundable: Money
    form: RefundForm
    shown: Shown | None


@form_view
def refund(request: HttpRequest, order_id: str) -> HttpResponse:
    """Shown with the amount alone, then with what each part gives; confirming that is the refund."""
    actor = actor_of(request)
    order = order_seen_by(actor, order_id)
    policy.require(actor, Permission.ORDER_REFUND, refunds.seller_of(order))
    refundable = order_refunds.refundable(order)
    form = RefundForm(sent(request), currency=order.currency, initial={"amount": refundable})
    shown = None
    if form.is_valid():
        with blaming(form, "amount"):
            if form.cleaned_data["seen"] and _give_back(order, form, actor):
                messages.success(request, _("The money goes back to the buyer."))
                return redirect("web:order", order_id)
            shown = _shown(order, form)
    page = RefundPage(order, title_of(order), refundable, form, shown)
    return render_page(request, "orders/refund.html", page, status=status_of(form))


def _give_back(order: Order, form: RefundForm, actor: Actor) -> bool:
    """Whether it was done: not where it would be another refund than was shown."""
    try:
        refunds.give_back(order.public_id, actor=actor, now=clock.now(), **form.cleaned_data)
    except RefundChanged:
        return False
    return True


def _shown(order: Order, form: RefundForm) -> Shown:
    preview = order_refunds.preview(order, amount=form.cleaned_data["amount"])
    parts = order_refunds.parts_named(order, preview.seal)
    return Shown(
        preview.amount,
        form.cleaned_data["reason"],
        tuple(PartRow(label, amount) for label, amount in parts),
        preview.seal,
        preview.left,
    )
