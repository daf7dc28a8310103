"""Asking for an offer whose seller approves each buyer."""

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from exchange.catalog.queries.products import buyable_offer
from exchange.core.refusals import NotFound, Refusal
from exchange.core.titles import title_of
from exchange.flows import negotiated_deal
from exchange.members.callers import actor_of
from exchange.negotiation.models.proposals import WORDS_CHARS_MAX
from exchange.web.pages import render_page
from exchange.web.product.offers import OfferView, offer_view


class AskForm(forms.Form):
    words = forms.CharField(
        label=gettext_lazy("Words to the seller"),
        required=False,
        max_length=WORDS_CHARS_MAX,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Who you are and what you need the data for."),
    )


@dataclass(frozen=True)
class AskPage:
    title: str
    product_url: str
    offer: OfferView
    form: AskForm


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, offer_id: str) -> HttpResponse:
    """Ask the seller for exactly these terms."""
    actor, now = actor_of(request), timezone.now()
    offer = buyable_offer(offer_id, at=now, buyer_id=actor.organisation_id)
    if not offer.needs_approval:
        raise NotFound(_("This offer is bought without asking."))
    form = AskForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            opened = negotiated_deal.request_offer(
                actor=actor, offer_id=offer_id, words=form.cleaned_data["words"], now=now
            )
        except Refusal as refusal:
            if refusal.http_status in {403, 404}:
                raise
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("The seller is asked."))
            return redirect("web:negotiation", opened.public_id)
    page = AskPage(
        title=title_of(offer.product),
        product_url=reverse("web:product", args=[offer.product.public_id]),
        offer=offer_view(offer, at=now),
        form=form,
    )
    status = 422 if form.errors else 200
    return render_page(request, "negotiation/request.html", page, status=status)
