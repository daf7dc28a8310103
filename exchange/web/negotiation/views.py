"""Negotiations: the list, one negotiation, asking for a quote or a private offer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.catalog.buyable import buyable_offer, check_not_paused, licence_document
from exchange.catalog.lifecycle import KEPT_UP
from exchange.catalog.models import Product
from exchange.core import clock
from exchange.core.fields import ReasonForm, text_field
from exchange.core.refusals import NotAllowed, NotFound, Refusal
from exchange.core.titles import title_of
from exchange.members import policy
from exchange.members.actors import Actor, Subject, actor_of, organisation_of
from exchange.members.permissions import Permission
from exchange.negotiation import deciding, rounds
from exchange.negotiation.models import WORDS_CHARS_MAX, Negotiation
from exchange.negotiation.queries import (
    negotiation_seen_by,
    negotiations_of,
    waiting_for_approval,
)
from exchange.web.negotiation.forms import PrivateOfferForm, ProposalForm
from exchange.web.negotiation.pages import TONES, negotiation_page, whose_turn
from exchange.web.pages import KeyPage, key_page, render_page
from exchange.web.panels import Tab, tabs_of
from exchange.web.product.offers import OfferView, offer_view
from exchange.web.review import is_to_be_reviewed, review
from exchange.web.submissions import Problem, blame, blaming, noting, sent, unprocessable
from exchange.web.throttles import throttled
from exchange.web.views import acting, form_view, get_view, post_view

ROWS_PER_PAGE = 30
APPROVALS_MAX = 50
PAGES = (NotAllowed, NotFound)  # refusals that have a page of their own


@dataclass(frozen=True)
class NegotiationRow:
    negotiation: Negotiation
    title: str
    is_buyer: bool
    tone: str
    turn: str


@dataclass(frozen=True)
class NegotiationsPage:
    tabs: tuple[Tab, ...]
    approvals: tuple[NegotiationRow, ...]
    negotiations: KeyPage[NegotiationRow]


@dataclass(frozen=True)
class ProposePage:
    title: str
    product_id: str
    form: forms.Form
    is_private_offer: bool


@get_view
def show_all(request: HttpRequest) -> HttpResponse:
    """The inbox: what waits for me, what runs, what ended; and what a second person has to approve."""
    _actor, mine = acting(request, Permission.NEGOTIATION_SEE)
    labels = {"turn": _("Your turn"), "running": _("Running"), "ended": _("Ended")}
    chosen = request.GET.get("show", "running")
    chosen = chosen if chosen in labels else "running"
    rows = negotiations_of(mine, wanted=chosen)
    found = key_page(request, rows, size=ROWS_PER_PAGE, show=chosen)
    page = NegotiationsPage(
        tabs=tabs_of(request.path, labels, chosen=chosen),
        approvals=tuple(_row(one, mine) for one in waiting_for_approval(mine)[:APPROVALS_MAX]),
        negotiations=found.shown_as(lambda one: _row(one, mine)),
    )
    return render_page(request, "negotiation/negotiations.html", page)


@get_view
def show(request: HttpRequest, negotiation_id: str) -> HttpResponse:
    """The conversation."""
    actor = actor_of(request)
    page = negotiation_page(negotiation_seen_by(actor, negotiation_id), actor)
    return render_page(request, "negotiation/negotiation.html", page)


@form_view
def ask(request: HttpRequest, product_id: str) -> HttpResponse:
    """As a buyer, ask for a quote on a listed product."""
    actor = actor_of(request)
    product = _product(product_id)
    _require_asking(actor, product)
    licensed = {"allowed": licence_document(product)["allowed"]}
    form = ProposalForm(sent(request), may_ask=True, initial=licensed)
    if form.is_valid():
        if is_to_be_reviewed(request, form):
            return _review_proposal(request, product, form, button=_("Ask the seller"))
        with blaming(form, raising=PAGES):
            opened = rounds.ask(
                actor=actor, product_id=product_id, spoken=form.spoken(), now=clock.now()
            )
            messages.success(request, _("The seller is asked."))
            return redirect("web:negotiation", opened.public_id)
    return _propose(request, product, form, is_private_offer=False)


@form_view
@throttled("names", "POST")
def offer_privately(request: HttpRequest, product_id: str) -> HttpResponse:
    """As the seller, make one organisation an offer that nobody else sees; with `?demand=`, the one
    that posted that request."""
    actor = actor_of(request)
    product = _product(product_id)
    policy.require(actor, Permission.QUOTE_MAKE, Subject(organisation_id=product.seller_id))
    demand_id = request.GET.get("demand", "")
    shape = ProposalForm if demand_id else PrivateOfferForm
    form = shape(sent(request), initial={"allowed": licence_document(product)["allowed"]})
    if form.is_valid():
        if is_to_be_reviewed(request, form):
            return _review_proposal(request, product, form, button=_("Make the offer"))
        buyer = form.cleaned_data.pop("buyer", None)
        said: dict[str, Any] = {
            "actor": actor,
            "product_id": product_id,
            "spoken": form.spoken(),
            "now": clock.now(),
        }
        # An organisation or a request that is not there is the form's to say.
        with blaming(form, "buyer", raising=(NotAllowed,)):
            opened = (
                rounds.answer_demand(demand_id=demand_id, **said)
                if buyer is None
                else rounds.offer_privately(buyer_id=buyer.public_id, **said)
            )
            messages.success(request, _("The offer lies with the buyer."))
            return redirect("web:negotiation", opened.public_id)
    return _propose(request, product, form, is_private_offer=True)


@post_view
def act(request: HttpRequest, negotiation_id: str, name: str) -> HttpResponse:
    """Counter, accept, decline, withdraw or approve. `answers` names the proposal that was read."""
    actor = actor_of(request)
    seen = negotiation_seen_by(actor, negotiation_id)
    perform = ACTS.get(name)
    if perform is None:
        raise NotFound(_("There is no such step."))
    form = _form(request, name, seen)
    why = Problem(_("Please say why.") if name == "decline" else "")
    if form.is_valid():
        if is_to_be_reviewed(request, form):
            return review(
                request, form,
                title=title_of(seen.product),
                button=_("Send"),
                back_url=reverse("web:negotiation", args=[negotiation_id]),
                keep=("answers",),
            )  # fmt: skip
        with noting(why, raising=PAGES), _at_form(form):
            perform(negotiation_id, actor=actor, now=clock.now(), **_said(request, name, form))
            messages.success(request, _("Done. The other side sees it at once."))
            return redirect("web:negotiation", negotiation_id)
    seen.refresh_from_db()
    answered = form if isinstance(form, ProposalForm) else None
    page = negotiation_page(seen, actor, sent=answered, refusal=why.sentence)
    return render_page(request, "negotiation/negotiation.html", page, status=422)


ACTS: dict[str, Callable[..., object]] = {
    "counter": rounds.counter,
    "accept": deciding.accept,
    "approve": deciding.approve,
    "decline": deciding.decline,
    "withdraw": deciding.withdraw,
}


def _form(request: HttpRequest, name: str, seen: Negotiation) -> forms.Form:
    if name == "counter":
        return ProposalForm(request.POST, currency=seen.currency)
    return ReasonForm(request.POST) if name == "decline" else forms.Form(request.POST)


def _said(request: HttpRequest, name: str, form: forms.Form) -> dict[str, Any]:
    """What the act is told: the proposal that was read, other terms, a reason."""
    answers, reason = request.POST.get("answers", ""), request.POST.get("reason", "")
    if isinstance(form, ProposalForm):
        return {"answers": answers, "spoken": form.spoken()}
    return {"accept": {"answers": answers}, "approve": {}}.get(name, {"reason": reason})


def _review_proposal(
    request: HttpRequest, product: Product, form: forms.Form, *, button: str
) -> HttpResponse:
    back_url = reverse("web:product", args=[product.public_id])
    return review(request, form, title=title_of(product), button=button, back_url=back_url)


def _propose(
    request: HttpRequest, product: Product, form: forms.Form, *, is_private_offer: bool
) -> HttpResponse:
    page = ProposePage(
        title=title_of(product),
        product_id=product.public_id,
        form=form,
        is_private_offer=is_private_offer,
    )
    return render_page(request, "negotiation/propose.html", page, status=unprocessable(form))


@contextmanager
def _at_form(form: forms.Form) -> Iterator[None]:
    """A refusal stands at the field of a proposal that it speaks of, too."""
    try:
        yield
    except Refusal as refusal:
        if isinstance(form, ProposalForm):
            blame(form, refusal)
        raise


def _require_asking(actor: Actor, product: Product) -> None:
    """Raise NotAllowed for whom the forms are not that ask the product's seller."""
    mine = frozenset({organisation_of(actor)})
    subject = Subject(organisation_id=product.seller_id, engaged=mine)
    policy.require(actor, Permission.QUOTE_ASK, subject)


def _product(product_id: str) -> Product:
    rows = Product.objects.select_related("seller").filter(state__in=KEPT_UP)
    product = rows.filter(public_id=product_id).first()
    if product is None:
        raise NotFound(_("There is no such product."))
    check_not_paused(product)
    return product


def _row(one: Negotiation, mine: int) -> NegotiationRow:
    return NegotiationRow(
        negotiation=one,
        title=title_of(one.product),
        is_buyer=one.buyer_id == mine,
        tone=TONES[one.state],  # type: ignore[index]  # a state by its value
        turn=whose_turn(one, mine),
    )


class AskForm(forms.Form):
    words = text_field(
        gettext_lazy("Words to the seller"),
        chars_max=WORDS_CHARS_MAX,
        rows=4,
        required=False,
        help_text=gettext_lazy("Who you are and what you need the data for."),
    )


@dataclass(frozen=True)
class AskPage:
    title: str
    product_id: str
    offer: OfferView
    form: AskForm


@form_view
def request_offer(request: HttpRequest, offer_id: str) -> HttpResponse:
    """Ask the seller for exactly these terms."""
    actor, now = actor_of(request), clock.now()
    offer = buyable_offer(offer_id, at=now, buyer_id=actor.organisation_id)
    if not offer.needs_approval:
        raise NotFound(_("This offer is bought without asking."))
    _require_asking(actor, offer.product)
    form = AskForm(sent(request))
    if form.is_valid():
        with blaming(form, raising=PAGES):
            opened = rounds.request_offer(
                actor=actor, offer_id=offer_id, words=form.cleaned_data["words"], now=now
            )
            messages.success(request, _("The seller is asked."))
            return redirect("web:negotiation", opened.public_id)
    page = AskPage(
        title=title_of(offer.product),
        product_id=offer.product.public_id,
        offer=offer_view(offer, at=now),
        form=form,
    )
    return render_page(request, "negotiation/request.html", page, status=unprocessable(form))
