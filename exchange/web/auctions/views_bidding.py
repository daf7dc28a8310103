"""Bidding: look at a bid, place it, register, withdraw, take the receipt."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.auctions import access, bidding, envelopes, sealing
from exchange.auctions.access import auction_seen_by
from exchange.auctions.bidding import Receipt
from exchange.auctions.errors import PriceMoved
from exchange.auctions.lifecycle import ENDED, LIVE, Kind
from exchange.auctions.models import Auction
from exchange.auctions.requests import BidRequest, checked_rows
from exchange.auctions.standing import least_of, price_at
from exchange.catalog.lifecycle import ListingState
from exchange.catalog.models import Product
from exchange.core import clock, idempotency
from exchange.core.idempotency import Answer
from exchange.core.refusals import Refusal
from exchange.core.titles import title_of
from exchange.members.actors import Actor, actor_of, organisation_of
from exchange.web.auctions.forms_bids import AcceptForm, BidForm, Choices, EnvelopeForm, form_class
from exchange.web.auctions.pages import AuctionPage, auction_page
from exchange.web.pages import render_page
from exchange.web.submissions import Problem, noting
from exchange.web.views import attachment, post_view
from pricing.money import Money

TOKEN_BYTES = 16
PRODUCTS_MAX = 200
ACCEPTS_MAX = 5
SIGNER = signing.Signer(salt="web:auctions:receipt")


@dataclass(frozen=True)
class ConfirmPage:
    shown: AuctionPage
    form: BidForm
    lines: tuple[str, ...]


@dataclass(frozen=True)
class ReceiptPage:
    auction: Auction
    title: str
    commitment: str
    text: str
    signed: str


@post_view
def bid(request: HttpRequest, auction_id: str) -> HttpResponse:
    """First show once more what is being bid, then bid."""
    actor = actor_of(request)
    auction = auction_seen_by(actor, auction_id)
    form = _form(auction, actor, request.POST)
    if not form.is_valid():
        return _again(request, auction, actor, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    if "confirmed" not in request.POST:
        page = ConfirmPage(auction_page(auction, actor), form, tuple(form.lines()))
        return render_page(request, "auctions/confirm.html", page)
    try:
        bid_id = _place_once(actor, auction, form)
    except Refusal as refusal:
        form.add_error(None, refusal.message)
        auction = auction_seen_by(actor, auction_id)
        return _again(request, auction, actor, form, int(refusal.http_status))
    messages.success(request, _("Your bid is taken."))
    if isinstance(form, EnvelopeForm):
        return _receipt(request, auction, actor, form, bid_id)
    return redirect("web:auction", auction_id)


@post_view
def register(request: HttpRequest, auction_id: str) -> HttpResponse:
    """Place the deposit, so that bids need nothing more."""
    actor = actor_of(request)
    register = partial(bidding.register, auction_id, actor=actor, now=clock.now())
    return tried(request, actor, auction_id, register, said=_("Your organisation may bid now."))


@post_view
def withdraw(request: HttpRequest, auction_id: str) -> HttpResponse:
    """Take a sealed bid back before the close, with a reason."""
    actor, reason = actor_of(request), request.POST.get("reason", "")
    withdraw = partial(envelopes.withdraw, auction_id, actor=actor, reason=reason, now=clock.now())
    said = _("Your bid is withdrawn. You can place another until the close.")
    return tried(request, actor, auction_id, withdraw, said=said)


def tried(
    request: HttpRequest, actor: Actor, auction_id: str, act: Callable[[], object], *, said: str
) -> HttpResponse:
    """Act on an auction that the actor sees; its page says what was done, or what was refused."""
    auction, problem = auction_seen_by(actor, auction_id), Problem()
    with noting(problem):
        act()
        messages.success(request, said)
        return redirect("web:auction", auction_id)
    messages.error(request, problem.sentence)
    return _again(request, auction, actor, empty_form(auction, actor), problem.status)


@post_view
def download_receipt(request: HttpRequest, auction_id: str) -> HttpResponse:
    """The receipt of a sealed bid as a file. It lives on its page alone: nothing of it is kept here."""
    auction = auction_seen_by(actor_of(request), auction_id)
    try:
        text = str(SIGNER.unsign_object(request.POST.get("receipt", "")))
    except signing.BadSignature:
        return redirect("web:auction", auction_id)
    return attachment(text, name=f"{auction.public_id}-receipt.json")


def empty_form(auction: Auction, actor: Actor) -> BidForm | None:
    """The form to begin with; None once the auction is over."""
    return None if auction.state in ENDED else _form(auction, actor, None)


def _form(auction: Auction, actor: Actor, said: Any) -> BidForm:
    initial: dict[str, Any] = {"token": secrets.token_urlsafe(TOKEN_BYTES)}
    options: dict[str, Any] = {}
    if auction.kind not in LIVE:
        initial["nonce"] = sealing.new_nonce()
    if auction.kind == Kind.DUTCH:
        initial["price_minor"] = _shown(auction)
    if auction.kind == Kind.PROCUREMENT:
        options["products"] = _products_of(actor)
    if auction.kind == Kind.ENGLISH and said is not None and "confirmed" not in said:
        # What was confirmed is asked of the auction: the same bid sent again was taken already.
        options["least"] = Money(least_of(auction, actor.organisation_id), auction.currency)
    return form_class(auction)(said, auction=auction, initial=initial, **options)


def _shown(auction: Auction) -> int:
    """What the falling clock shows now."""
    at = access.now()
    return price_at(auction, at) or auction.opening_minor


def _products_of(actor: Actor) -> Choices:
    own = Product.objects.filter(
        seller_id=actor.organisation_id, state=ListingState.LISTED
    ).order_by("pk")
    return [(one.public_id, title_of(one)) for one in own[:PRODUCTS_MAX]]


def _place_once(actor: Actor, auction: Auction, form: BidForm) -> str:
    """Place the bid; the same form sent twice is one bid."""
    bid = form.command()
    place = _accept if isinstance(form, AcceptForm) else bidding.place
    answer = idempotency.once(
        scope=f"web:bid:{actor.name}",
        key=form.cleaned_data["token"],
        # The nonce keeps the rows of a sealed bid from being guessed.
        fingerprint=idempotency.fingerprint_of(
            auction.public_id, bid.amount_minor, bid.quantity, bid.rows, bid.nonce
        ),
        perform=lambda: Answer(
            status=HTTPStatus.CREATED,
            body={"bid": place(auction.public_id, bid, actor=actor, now=clock.now()).bid.public_id},
        ),
    )
    return str(answer.body["bid"])


def _accept(auction_id: str, bid: BidRequest, *, actor: Actor, now: datetime) -> Receipt:
    """Accept at the price of the moment: whoever agreed to more agreed to less."""
    most = shown = bid.amount_minor or 0
    for _attempt in range(ACCEPTS_MAX):
        try:
            return bidding.place(auction_id, replace(bid, amount_minor=shown), actor=actor, now=now)
        except PriceMoved as moved:
            shown = int(str(moved.facts["price_minor"]))
            if shown > most:
                raise
    raise PriceMoved(
        _("The price is %(price)s now.") % {"price": Money(shown, bid.currency)}, price_minor=shown
    )


def _receipt(
    request: HttpRequest, auction: Auction, actor: Actor, form: EnvelopeForm, bid_id: str
) -> HttpResponse:
    """What the bidder keeps: with it anybody can check the commitment after the close."""
    bidder = Organisation.objects.get(pk=organisation_of(actor)).public_id
    nonce, rows = form.cleaned_data["nonce"], checked_rows(auction, form.rows())
    commitment = sealing.commitment(
        auction_id=auction.public_id, bidder=bidder, rows=rows, nonce=nonce
    )
    document = {
        "auction": auction.public_id, "bid": bid_id, "bidder": bidder, "rows": rows,
        "nonce": nonce, "commitment": commitment,
    }  # fmt: skip
    text = json.dumps(document, indent=2, ensure_ascii=False)
    page = ReceiptPage(
        auction=auction,
        title=title_of(auction),
        commitment=commitment,
        text=text,
        signed=SIGNER.sign_object(text),
    )
    answer = render_page(request, "auctions/receipt.html", page)
    answer["Cache-Control"] = "private, no-store"
    return answer


def _again(
    request: HttpRequest, auction: Auction, actor: Actor, form: BidForm | None, status: int
) -> HttpResponse:
    page = auction_page(auction, actor, form=form)
    return render_page(request, "auctions/auction.html", page, status=int(status))
