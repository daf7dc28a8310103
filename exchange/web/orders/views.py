"""Orders: the list, one order, and what a reader does on its page."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from exchange.core.refusals import Refusal
from exchange.core.titles import title_of
from exchange.journeys import acceptance, checkout
from exchange.members import policy
from exchange.members.actors import Actor, Subject, organisation_of
from exchange.members.callers import actor_of
from exchange.members.permissions import Permission
from exchange.orders import conversation, performance, placing, subscriptions
from exchange.orders.lifecycle import OrderState, Turn
from exchange.orders.models import Order
from exchange.orders.queries import Side, Urgency, needing_first, order_seen_by, orders_of
from exchange.orders.terms import canonical
from exchange.web.orders import labels
from exchange.web.orders.forms import MessageForm, ObjectForm
from exchange.web.orders.pages import order_page
from exchange.web.pages import render_page
from pricing.money import Money

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    Sorted = QuerySet[WithAnnotations[Order, Urgency]]

ROWS_PER_PAGE = 25
SIGNER = signing.Signer(salt="web:orders")


@dataclass(frozen=True)
class Row:
    public_id: str
    title: str
    side: Side
    other: str
    state: str
    tone: str
    total: Money
    next_step: str
    needs_me: bool
    due_at: datetime | None
    is_overdue: bool
    placed_at: datetime


@dataclass(frozen=True)
class OrdersPage:
    side: str
    rows: tuple[Row, ...]
    next_url: str
    first_url: str


@login_required
@require_GET
def show_all(request: HttpRequest) -> HttpResponse:
    """The orders of the organisation acted for: bought, sold, or both."""
    actor, now = actor_of(request), timezone.now()
    mine = organisation_of(actor)
    policy.require(actor, Permission.ORDER_SEE, Subject(organisation_id=mine))
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


@login_required
@require_GET
def show(request: HttpRequest, order_id: str) -> HttpResponse:
    """One trade, for everybody whom it concerns."""
    actor = actor_of(request)
    order = order_seen_by(actor, order_id)
    page = order_page(order, actor, now=timezone.now())
    return render_page(request, "orders/order.html", page)


@require_safe
def version(request: HttpRequest, order_id: str) -> HttpResponse:
    """The number that grows with each change, for pages that follow the order."""
    order = order_seen_by(actor_of(request), order_id)
    answer = HttpResponse(str(order.version), content_type="text/plain; charset=utf-8")
    answer["Cache-Control"] = "private, no-store"
    return answer


@login_required
@require_GET
def download_terms(request: HttpRequest, order_id: str) -> HttpResponse:
    """The frozen terms as the very bytes whose hash the order carries."""
    order = order_seen_by(actor_of(request), order_id)
    answer = HttpResponse(canonical(order.terms), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{order.public_id}-terms.json"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _row(order: Order, actor: Actor, now: datetime) -> Row:
    side = Side.BUYER if order.buyer_id == actor.organisation_id else Side.SELLER
    state = OrderState(order.state)
    return Row(
        public_id=order.public_id,
        title=title_of(order),
        side=side,
        other=order.seller.name if side is Side.BUYER else order.buyer.name,
        state=str(state.label),
        tone=labels.TONES.get(state, "info"),
        total=order.total,
        next_step=labels.next_step(order, side),
        # Who placed an order above the limit cannot be the second person.
        needs_me=order.turn == Turn(side.value)
        and not (state is OrderState.CREATED and order.placed_by_id == actor.user_id),
        due_at=order.due_at,
        is_overdue=order.due_at is not None and order.due_at < now,
        placed_at=order.created_at,
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


@login_required
@require_POST
def confirm(request: HttpRequest, order_id: str) -> HttpResponse:
    """Confirm an order above the limit, as a second person."""
    checkout.confirm(order_id, actor=actor_of(request), now=timezone.now())
    messages.success(request, _("The order is confirmed."))
    return redirect("web:order", order_id)


@login_required
@require_POST
def decline(request: HttpRequest, order_id: str) -> HttpResponse:
    """Decline an order above the limit, as a second person."""
    placing.decline(
        order_id,
        actor=actor_of(request),
        reason=request.POST.get("reason", ""),
        now=timezone.now(),
    )
    messages.success(request, _("The order is declined."))
    return redirect("web:order", order_id)


@login_required
@require_POST
def cancel(request: HttpRequest, order_id: str) -> HttpResponse:
    """Cancel an order before it is paid."""
    placing.cancel(
        order_id,
        actor=actor_of(request),
        reason=request.POST.get("reason", ""),
        now=timezone.now(),
    )
    messages.success(request, _("The order is cancelled."))
    return redirect("web:order", order_id)


@login_required
@require_POST
def accept(request: HttpRequest, order_id: str) -> HttpResponse:
    """Accept the delivery."""
    acceptance.accept(order_id, actor=actor_of(request), now=timezone.now())
    messages.success(request, _("You accepted the delivery. The trade is settled and certified."))
    return redirect("web:order", order_id)


@login_required
@require_POST
def object_to(request: HttpRequest, order_id: str) -> HttpResponse:
    """Object to the delivery, with a reason."""
    form = ObjectForm(request.POST)

    def perform(reason: str) -> None:
        performance.object_to(order_id, actor=actor_of(request), reason=reason, now=timezone.now())
        messages.success(request, _("Your objection is raised. The money stays held."))

    return _with_text(request, order_id, form, "reason", perform)


@login_required
@require_POST
def write(request: HttpRequest, order_id: str) -> HttpResponse:
    """Write to the other party."""
    form = MessageForm(request.POST)

    def perform(text: str) -> None:
        conversation.write(order_id, actor=actor_of(request), text=text, now=timezone.now())

    return _with_text(request, order_id, form, "text", perform)


@login_required
@require_POST
def set_renewal(request: HttpRequest, order_id: str) -> HttpResponse:
    """Switch a subscription's renewal on or off."""
    wanted = request.POST.get("wanted") == "yes"
    subscriptions.set_auto_renew(
        order_id, actor=actor_of(request), wanted=wanted, now=timezone.now()
    )
    messages.success(
        request,
        _("The subscription renews by itself.")
        if wanted
        else _("The subscription ends with the period paid for."),
    )
    return redirect("web:order", order_id)


def _with_text(
    request: HttpRequest,
    order_id: str,
    form: ObjectForm | MessageForm,
    field: str,
    perform: Callable[[str], None],
) -> HttpResponse:
    """Perform with what was written; what was written is not lost when it is refused."""
    actor = actor_of(request)
    order = order_seen_by(actor, order_id)
    status = 422
    if form.is_valid():
        try:
            perform(form.cleaned_data[field])
            return redirect("web:order", order_id)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
            status = int(refusal.http_status)
    page = order_page(
        order,
        actor,
        now=timezone.now(),
        object_form=form if isinstance(form, ObjectForm) else None,
        message_form=form if isinstance(form, MessageForm) else None,
    )
    return render_page(request, "orders/order.html", page, status=status)
