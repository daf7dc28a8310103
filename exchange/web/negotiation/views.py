"""Negotiations: the list, one negotiation, asking for a quote or a private offer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from exchange.catalog.buyable import buyable_offer
from exchange.catalog.lifecycle import ListingState
from exchange.catalog.models import Product
from exchange.core.refusals import NotFound, Refusal
from exchange.core.titles import title_of
from exchange.members import policy
from exchange.members.actors import Subject, organisation_of
from exchange.members.callers import actor_of
from exchange.members.permissions import Permission
from exchange.negotiation import deciding, rounds
from exchange.negotiation.models import WORDS_CHARS_MAX, Negotiation
from exchange.negotiation.queries import (
    negotiation_seen_by,
    negotiations_of,
    waiting_for_approval,
)
from exchange.web.negotiation.forms import PrivateOfferForm, ProposalForm, ReasonForm
from exchange.web.negotiation.pages import TONES, negotiation_page, whose_turn
from exchange.web.pages import key_page, render_page
from exchange.web.product.offers import OfferView, offer_view
from exchange.web.submissions import blame

ROWS_PER_PAGE = 30
APPROVALS_MAX = 50
TABS = ("turn", "running", "ended")


@dataclass(frozen=True)
class Tab:
    label: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class NegotiationRow:
    url: str
    title: str
    other_side: str
    is_buyer: bool
    state: str
    tone: str
    turn: str
    due_at: datetime | None
    rounds: int


@dataclass(frozen=True)
class NegotiationsPage:
    chosen: str
    tabs: tuple[Tab, ...]
    approvals: tuple[NegotiationRow, ...]
    rows: tuple[NegotiationRow, ...]
    newest_url: str
    older_url: str


@dataclass(frozen=True)
class ProposePage:
    title: str
    product_url: str
    form: forms.Form
    is_private_offer: bool


@login_required
@require_GET
def show_all(request: HttpRequest) -> HttpResponse:
    """The inbox: what waits for me, what runs, what ended; and what a second person has to approve."""
    actor = actor_of(request)
    mine = organisation_of(actor)
    policy.require(actor, Permission.NEGOTIATION_SEE, Subject(organisation_id=mine))
    chosen = request.GET.get("show", "running")
    chosen = chosen if chosen in TABS else "running"
    found = key_page(
        request, negotiations_of(mine, wanted=chosen).order_by("-pk"), size=ROWS_PER_PAGE
    )
    labels = {"turn": _("Your turn"), "running": _("Running"), "ended": _("Ended")}
    page = NegotiationsPage(
        chosen=chosen,
        tabs=tuple(
            Tab(labels[name], f"{request.path}?show={name}", name == chosen) for name in TABS
        ),
        approvals=tuple(_row(one, mine) for one in waiting_for_approval(mine)[:APPROVALS_MAX]),
        rows=tuple(_row(one, mine) for one in found.rows),
        newest_url=f"{request.path}?show={chosen}" if found.newest_url else "",
        older_url=f"{found.older_url}&show={chosen}" if found.older_url else "",
    )
    return render_page(request, "negotiation/negotiations.html", page)


@login_required
@require_GET
def show(request: HttpRequest, negotiation_id: str) -> HttpResponse:
    """The conversation."""
    actor = actor_of(request)
    page = negotiation_page(negotiation_seen_by(actor, negotiation_id), actor)
    return render_page(request, "negotiation/negotiation.html", page)


@login_required
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, product_id: str) -> HttpResponse:
    """As a buyer, ask for a quote on a listed product."""
    actor = actor_of(request)
    product = _product(product_id)
    mine = organisation_of(actor)
    policy.require(
        actor,
        Permission.QUOTE_ASK,
        Subject(organisation_id=product.seller_id, engaged=frozenset({mine})),
    )
    form = ProposalForm(request.POST if request.method == "POST" else None, may_ask=True)
    if request.method == "POST" and form.is_valid():
        try:
            opened = rounds.ask(
                actor=actor, product_id=product_id, spoken=form.spoken(), now=timezone.now()
            )
        except Refusal as refusal:
            _blame(form, refusal)
        else:
            messages.success(request, _("The seller is asked."))
            return redirect("web:negotiation", opened.public_id)
    return _propose(request, product, form, is_private_offer=False)


@login_required
@require_http_methods(["GET", "POST"])
def offer_privately(request: HttpRequest, product_id: str) -> HttpResponse:
    """As the seller, make one organisation an offer that nobody else sees; with `?demand=`, the one
    that posted that request."""
    actor = actor_of(request)
    product = _product(product_id)
    policy.require(actor, Permission.QUOTE_MAKE, Subject(organisation_id=product.seller_id))
    demand_id = request.GET.get("demand", "")
    shape = ProposalForm if demand_id else PrivateOfferForm
    form = shape(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        buyer_id = form.cleaned_data.pop("buyer", "").strip()
        said: dict[str, Any] = {
            "actor": actor,
            "product_id": product_id,
            "spoken": form.spoken(),
            "now": timezone.now(),
        }
        try:
            opened = (
                rounds.answer_demand(demand_id=demand_id, **said)
                if demand_id
                else rounds.offer_privately(buyer_id=buyer_id, **said)
            )
        except NotFound as refusal:
            form.add_error("buyer" if "buyer" in form.fields else None, refusal.message)
        except Refusal as refusal:
            _blame(form, refusal)
        else:
            messages.success(request, _("The offer lies with the buyer."))
            return redirect("web:negotiation", opened.public_id)
    return _propose(request, product, form, is_private_offer=True)


@login_required
@require_POST
def act(request: HttpRequest, negotiation_id: str, name: str) -> HttpResponse:
    """Counter, accept, decline, withdraw or approve. `answers` names the proposal that was read."""
    actor = actor_of(request)
    seen = negotiation_seen_by(actor, negotiation_id)
    perform = ACTS.get(name)
    if perform is None:
        raise NotFound(_("There is no such step."))
    form = _form(request, name, seen)
    why = ""
    if form is None or form.is_valid():
        try:
            perform(request, negotiation_id, form)
        except Refusal as refusal:
            if refusal.http_status in {403, 404}:
                raise
            why = str(refusal.message)
            if isinstance(form, ProposalForm):
                _blame(form, refusal)
        else:
            messages.success(request, _("Done. The other side sees it at once."))
            return redirect("web:negotiation", negotiation_id)
    elif name == "decline":
        why = _("Please say why.")
    seen.refresh_from_db()
    sent = form if isinstance(form, ProposalForm) else None
    page = negotiation_page(seen, actor, sent=sent, refusal=why)
    return render_page(request, "negotiation/negotiation.html", page, status=422)


def _counter(request: HttpRequest, negotiation_id: str, form: forms.Form | None) -> object:
    if not isinstance(form, ProposalForm):
        raise TypeError("a counter-offer has a form")
    return rounds.counter(
        negotiation_id,
        actor=actor_of(request),
        answers=request.POST.get("answers", ""),
        spoken=form.spoken(),
        now=timezone.now(),
    )


def _accept(request: HttpRequest, negotiation_id: str, _form: forms.Form | None) -> object:
    return deciding.accept(
        negotiation_id,
        actor=actor_of(request),
        answers=request.POST.get("answers", ""),
        now=timezone.now(),
    )


def _approve(request: HttpRequest, negotiation_id: str, _form: forms.Form | None) -> object:
    return deciding.approve(negotiation_id, actor=actor_of(request), now=timezone.now())


def _ending(end: Callable[..., object]) -> Callable[[HttpRequest, str, forms.Form | None], object]:
    def perform(request: HttpRequest, negotiation_id: str, _form: forms.Form | None) -> object:
        return end(
            negotiation_id, actor=actor_of(request),
            reason=request.POST.get("reason", ""), now=timezone.now(),
        )  # fmt: skip

    return perform


ACTS: dict[str, Callable[[HttpRequest, str, forms.Form | None], object]] = {
    "counter": _counter,
    "accept": _accept,
    "approve": _approve,
    "decline": _ending(deciding.decline),
    "withdraw": _ending(deciding.withdraw),
}


def _form(request: HttpRequest, name: str, seen: Negotiation) -> forms.Form | None:
    if name == "counter":
        return ProposalForm(request.POST, currency=seen.currency)
    return ReasonForm(request.POST) if name == "decline" else None


def _propose(
    request: HttpRequest, product: Product, form: forms.Form, *, is_private_offer: bool
) -> HttpResponse:
    page = ProposePage(
        title=title_of(product),
        product_url=reverse("web:product", args=[product.public_id]),
        form=form,
        is_private_offer=is_private_offer,
    )
    status = 422 if form.errors else 200
    return render_page(request, "negotiation/propose.html", page, status=status)


def _blame(form: forms.Form, refusal: Refusal) -> None:
    if refusal.http_status in {403, 404}:
        raise refusal
    blame(form, refusal)


def _product(product_id: str) -> Product:
    rows = Product.objects.select_related("seller").filter(state=ListingState.LISTED)
    product = rows.filter(public_id=product_id).first()
    if product is None:
        raise NotFound(_("There is no such product."))
    return product


def _row(one: Negotiation, mine: int) -> NegotiationRow:
    is_buyer = one.buyer_id == mine
    return NegotiationRow(
        url=reverse("web:negotiation", args=[one.public_id]),
        title=title_of(one.product),
        other_side=one.seller.name if is_buyer else one.buyer.name,
        is_buyer=is_buyer,
        state=one.get_state_display(),
        tone=TONES[one.state],  # type: ignore[index]  # a state by its value
        turn=whose_turn(one, mine),
        due_at=one.due_at,
        rounds=one.proposals_count,
    )


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
def request_offer(request: HttpRequest, offer_id: str) -> HttpResponse:
    """Ask the seller for exactly these terms."""
    actor, now = actor_of(request), timezone.now()
    offer = buyable_offer(offer_id, at=now, buyer_id=actor.organisation_id)
    if not offer.needs_approval:
        raise NotFound(_("This offer is bought without asking."))
    form = AskForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            opened = rounds.request_offer(
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
