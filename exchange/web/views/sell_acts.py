"""What a seller does to a product with at most a reason: copy it, take it back, withdraw it, put it away."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from exchange.catalog.actions.listing import Said
from exchange.catalog.models import Product
from exchange.catalog.states import ListingState
from exchange.core.refusals import NotFound
from exchange.flows import publish_listing as flow
from exchange.members.actors import Actor
from exchange.members.callers import actor_of


@login_required
@require_POST
def act(request: HttpRequest, product_id: str, name: str) -> HttpResponse:
    """An act of the seller that needs at most a reason."""
    perform = ACTS.get(name)
    if perform is None:
        raise NotFound(_("There is no such act."))
    product = perform(request, actor_of(request), product_id)
    if product.state == ListingState.ARCHIVED:
        return redirect("web:sell")
    return redirect("web:sell_product", product.public_id)


def _duplicate(request: HttpRequest, actor: Actor, product_id: str) -> Product:
    copied = flow.duplicate(actor=actor, product_id=product_id, now=timezone.now())
    messages.success(request, _("The copy is a new draft. Upload its data next."))
    return copied


def _recall(_request: HttpRequest, actor: Actor, product_id: str) -> Product:
    return flow.recall(actor=actor, product_id=product_id, now=timezone.now())


def _archive(request: HttpRequest, actor: Actor, product_id: str) -> Product:
    archived = flow.archive(actor=actor, product_id=product_id, now=timezone.now())
    messages.success(request, _("“%(title)s” was put away.") % {"title": archived.title})
    return archived


def _delist(request: HttpRequest, actor: Actor, product_id: str) -> Product:
    said = Said(
        reason_code=request.POST.get("reason_code", ""), reason=request.POST.get("reason", "")
    )
    return flow.delist(actor=actor, product_id=product_id, said=said, now=timezone.now())


def _take_change_back(_request: HttpRequest, actor: Actor, product_id: str) -> Product:
    return flow.take_change_back(actor=actor, product_id=product_id, now=timezone.now())


def _forget_change(_request: HttpRequest, actor: Actor, product_id: str) -> Product:
    return flow.forget_change(actor=actor, product_id=product_id, now=timezone.now())


ACTS: dict[str, Callable[[HttpRequest, Actor, str], Product]] = {
    "duplicate": _duplicate,
    "recall": _recall,
    "archive": _archive,
    "delist": _delist,
    "take_change_back": _take_change_back,
    "forget_change": _forget_change,
}
