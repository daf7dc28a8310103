"""Reviews by buyers, and the seller's replies."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from exchange.core.refusals import Invalid
from exchange.flows import interest as flow
from exchange.members.callers import actor_of
from exchange.web.forms.demands import ReplyForm, ReviewForm
from exchange.web.views.catalogue_product import product_seen_by


@login_required
@require_POST
def write(request: HttpRequest, product_id: str) -> HttpResponse:
    """Review the product of an accepted order."""
    now = timezone.now()
    actor = actor_of(request, at=now)
    product = product_seen_by(actor, product_id)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Give one to five stars and write a few words."))
    flow.write_review(
        actor=actor,
        product_id=product.public_id,
        order_id=form.cleaned_data["order"],
        stars=form.cleaned_data["stars"],
        text=form.cleaned_data["text"],
        now=now,
    )
    messages.success(request, _("Thank you. Your review is public now."))
    return redirect("web:product", product_id=product.public_id)


@login_required
@require_POST
def reply(request: HttpRequest, review_id: str) -> HttpResponse:
    """Answer a review of one's own product, once."""
    form = ReplyForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Write a few words."))
    replied = flow.reply_to_review(
        actor=actor_of(request),
        review_id=review_id,
        text=form.cleaned_data["text"],
        now=timezone.now(),
    )
    return redirect("web:product", product_id=replied.product.public_id)
