"""What a reader does on an order's page: one call each, and back to the page."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from exchange.core.refusals import Refusal
from exchange.journeys import acceptance, checkout
from exchange.members.callers import actor_of
from exchange.orders import conversation, performance, placing, subscriptions
from exchange.orders.queries import order_seen_by
from exchange.web.forms.orders import MessageForm, ObjectForm
from exchange.web.order_page import order_page
from exchange.web.pages import render_page


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
