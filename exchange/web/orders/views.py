"""Orders: the list, one order, and what a reader does on its page."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib import messages
from django.core import signing
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from exchange.core import clock
from exchange.core.lifecycle import IllegalTransition
from exchange.core.refusals import NotAllowed, NotFound
from exchange.core.titles import title_of
from exchange.disputes import opening
from exchange.journeys import acceptance, case_files, checkout
from exchange.members.actors import Actor, actor_of
from exchange.members.permissions import Permission
from exchange.orders import conversation, discount_tiers, placing, subscriptions
from exchange.orders.lifecycle import OrderState, PriceGround, Turn
from exchange.orders.models import DiscountTier, Order
from exchange.orders.queries import (
    Side,
    Urgency,
    needing_first,
    order_seen_by,
    orders_of,
    side_of,
    tiers_of,
    total_shown,
)
from exchange.orders.terms import canonical
from exchange.web.orders import labels
from exchange.web.orders.forms import DiscountTierForm, MessageForm
from exchange.web.orders.pages import dispute_form, order_page
from exchange.web.pages import KeyPage, key_page, render_page
from exchange.web.submissions import blaming, sent, status_of, unprocessable
from exchange.web.throttles import throttled
from exchange.web.views import (
    acting,
    attachment,
    button,
    form_view,
    get_view,
    post_view,
    version_of,
)

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    Sorted = QuerySet[WithAnnotations[Order, Urgency]]

ROWS_PER_PAGE = 25
TIERS_PER_PAGE = 30
SIGNER = signing.Signer(salt="web:orders")


@dataclass(frozen=True)
class Row:
    order: Order
    title: str
    total: str
    side: Side
    tone: str
    next_step: str
    needs_me: bool
    is_overdue: bool


@dataclass(frozen=True)
class OrdersPage:
    side: str
    rows: tuple[Row, ...]
    next_url: str
    first_url: str


@get_view
def show_all(request: HttpRequest) -> HttpResponse:
    """The orders of the organisation acted for: bought, sold, or both."""
    actor, mine = acting(request, Permission.ORDER_SEE)
    now = clock.now()
    chosen = request.GET.get("side", "")
    side = Side(chosen) if chosen in (Side.BUYER, Side.SELLER) else None
    orders = needing_first(orders_of(mine, side=side), organisation_id=mine)
    found = list(_after(orders, request.GET.get("after", ""))[: ROWS_PER_PAGE + 1])
    here = reverse("web:orders") + (f"?{urlencode({'side': side})}" if side else "")
    page = OrdersPage(
        side=side or "",
        rows=tuple(_row(order, actor, now) for order in found[:ROWS_PER_PAGE]),
        next_url=_next_url(found, side),
        first_url=here if request.GET.get("after") else "",
    )
    return render_page(request, "orders/orders.html", page)


@get_view
def show(request: HttpRequest, order_id: str) -> HttpResponse:
    """One trade, for everybody whom it concerns."""
    actor = actor_of(request)
    page = order_page(order_seen_by(actor, order_id), actor, now=clock.now())
    return render_page(request, "orders/order.html", page)


@require_safe
def version(request: HttpRequest, order_id: str) -> HttpResponse:
    """The number that grows with each change, for pages that follow the order."""
    actor = actor_of(request)
    return version_of(order_seen_by(actor, order_id).version, actor=actor)


@get_view
def download_terms(request: HttpRequest, order_id: str) -> HttpResponse:
    """The frozen terms as the very bytes whose hash the order carries."""
    order = order_seen_by(actor_of(request), order_id)
    return attachment(canonical(order.terms), name=f"{order.public_id}-terms.json")


@get_view
def download_case_file(request: HttpRequest, order_id: str) -> HttpResponse:
    """Everything about the order that the reader may have, in one archive that checks offline."""
    case = case_files.case_file(order_id, actor=actor_of(request), now=clock.now())
    return attachment(case.content, name=case.name, content_type="application/zip")


def _row(order: Order, actor: Actor, now: datetime) -> Row:
    side = Side.BUYER if order.buyer_id == actor.organisation_id else Side.SELLER
    state = OrderState(order.state)
    return Row(
        order=order,
        title=title_of(order),
        total=total_shown(order),
        side=side,
        tone=labels.TONES.get(state, "info"),
        next_step=labels.next_step(order, side),
        # Who placed an order above the limit cannot be the second person.
        needs_me=order.turn == Turn(side.value)
        and not (state is OrderState.CREATED and order.placed_by_id == actor.user_id),
        is_overdue=order.due_at is not None and order.due_at < now,
    )


def _after(orders: "Sorted", cursor: str) -> "Sorted":
    """The rows behind the one that the cursor names; all of them for what is no cursor of ours."""
    try:
        waits, pk = SIGNER.unsign_object(cursor)
    except (signing.BadSignature, ValueError):
        return orders
    return orders.filter(Q(waits__gt=waits) | Q(waits=waits, pk__lt=pk))


def _next_url(found: "list[WithAnnotations[Order, Urgency]]", side: Side | None) -> str:
    if len(found) <= ROWS_PER_PAGE:
        return ""
    last = found[ROWS_PER_PAGE - 1]
    cursor = SIGNER.sign_object([last.waits, last.pk])
    return f"{reverse('web:orders')}?{urlencode({'side': side or '', 'after': cursor})}"


confirm = button(
    checkout.confirm, back_to="web:order", said=gettext_lazy("The order is confirmed.")
)
decline = button(
    placing.decline,
    back_to="web:order",
    said=gettext_lazy("The order is declined."),
    with_reason=True,
)
cancel = button(
    placing.cancel,
    back_to="web:order",
    said=gettext_lazy("The order is cancelled."),
    with_reason=True,
)
accept = button(
    acceptance.accept,
    back_to="web:order",
    said=gettext_lazy("You accepted the delivery. The trade is settled and certified."),
)


@post_view
def object_to(request: HttpRequest, order_id: str) -> HttpResponse:
    """Open a dispute over the delivery: what is wrong, and what is asked for."""
    actor = actor_of(request)
    order = order_seen_by(actor, order_id)
    side = side_of(order, actor)
    form = dispute_form(order, side, request.POST)
    if form.is_valid():
        # Where no dispute can be opened the page has no form that could say so.
        with blaming(form, raising=(IllegalTransition, NotAllowed, NotFound)):
            opens = opening.open_claim if side is Side.SELLER else opening.open_dispute
            dispute = opens(order_id, actor=actor, now=clock.now(), **form.cleaned_data)
            messages.success(request, _("The dispute is open. The other side is told of it."))
            return redirect("web:dispute", dispute.public_id)
    page = order_page(order, actor, now=clock.now(), object_form=form)
    return render_page(request, "orders/order.html", page, status=status_of(form))


@post_view
def write(request: HttpRequest, order_id: str) -> HttpResponse:
    """Write to the other party."""
    actor, form = actor_of(request), MessageForm(request.POST)
    order = order_seen_by(actor, order_id)
    if form.is_valid():
        with blaming(form):
            conversation.write(order_id, actor=actor, now=clock.now(), **form.cleaned_data)
            return redirect("web:order", order_id)
    page = order_page(order, actor, now=clock.now(), message_form=form)
    return render_page(request, "orders/order.html", page, status=status_of(form))


@post_view
def set_renewal(request: HttpRequest, order_id: str) -> HttpResponse:
    """Switch a subscription's renewal on or off."""
    wanted = request.POST.get("wanted") == "yes"
    subscriptions.set_auto_renew(order_id, actor=actor_of(request), wanted=wanted, now=clock.now())
    messages.success(
        request,
        _("The subscription renews by itself.")
        if wanted
        else _("The subscription ends with the period paid for."),
    )
    return redirect("web:order", order_id)


@dataclass(frozen=True)
class DiscountTiersPage:
    tiers: KeyPage[DiscountTier]
    form: DiscountTierForm


@form_view
@throttled("names", "POST")
def discounts(request: HttpRequest) -> HttpResponse:
    """The discount tiers, newest first, and granting one more."""
    actor, mine = acting(request, Permission.OFFER_MAKE)
    form = DiscountTierForm(sent(request))
    if form.is_valid():
        said = form.cleaned_data
        with blaming(form):
            discount_tiers.grant(
                actor=actor,
                buyer_id=said["buyer"].public_id,
                name=said["name"],
                percent=said["percent"],
                ground=PriceGround(said["ground"]),
                words=said["words"],
                now=clock.now(),
            )
            messages.success(request, _("The discount holds from now on."))
            return redirect("web:discount_tiers")
    page = DiscountTiersPage(key_page(request, tiers_of(mine), size=TIERS_PER_PAGE), form)
    return render_page(request, "orders/discount_tiers.html", page, status=unprocessable(form))


@post_view
def end_discount(request: HttpRequest, tier_id: str) -> HttpResponse:
    """End a discount for what is bought from now on."""
    discount_tiers.end(actor=actor_of(request), tier_id=tier_id, now=clock.now())
    messages.success(request, _("The discount has ended. What was ordered keeps its price."))
    return redirect("web:discount_tiers")
