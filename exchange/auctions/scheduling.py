"""Holding an auction: drafted, with rules that are tried by clearing it once with a bid nobody made, and
announced; from then on everybody sees it and its rules never change."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.auctions import sealing
from exchange.auctions.access import subject_of
from exchange.auctions.errors import AuctionRefused
from exchange.auctions.lifecycle import AUCTION, LIVE, SINGLE, AuctionTransition, Kind
from exchange.auctions.mechanism import CLOCK_OPTIONS, OPTIONS, dutch_clock, pricing_terms
from exchange.auctions.models import Auction, AuctionItem
from exchange.auctions.requests import QUANTITY_MAX, AuctionRequest
from exchange.catalog import disclosure
from exchange.catalog.buyable import check_not_paused
from exchange.catalog.lifecycle import ListingState, OfferKind
from exchange.catalog.models import Product
from exchange.catalog.offers import OfferRequest, check_command
from exchange.catalog.queries import subject_of as product_subject
from exchange.catalog.state_assets import check_path
from exchange.core import currencies
from exchange.core.inputs import checked_amount, is_shown
from exchange.core.refusals import NotFound
from exchange.core.use_case import use_case
from exchange.members import policy, standing
from exchange.members.actors import Actor, Subject, organisation_of, person_of
from exchange.members.permissions import Permission
from exchange.orders.models import LicenceWindow
from pricing.exact import micros
from pricing.mechanisms import digital, evidence
from pricing.money import Money
from pricing.refusals import PricingRefusal

RUNS_MAX = timedelta(days=366)
ITEMS_MAX = 20
SECONDS_MAX = 30 * 86_400
SEED_BYTES = 32
Items = list[tuple[Product, int, int]]


@use_case()
def draft(request: AuctionRequest, *, actor: Actor, now: datetime) -> Auction:
    """Write an auction that only its organiser sees. Raises AuctionRefused, naming the field,
    NotAllowed, NotFound."""
    organiser = Organisation.objects.get(pk=organisation_of(actor))
    product = None
    if request.kind is Kind.PROCUREMENT:
        _require_buyer(actor, organiser.pk)
    else:
        policy.require(actor, Permission.AUCTION_SCHEDULE, Subject.of(organiser))
        check_path(organiser, request.deal_nature)
        product = _own_product(actor, request.product_id)
    items = [
        (_own_product(actor, item.product_id), item.count, item.reserve_minor)
        for item in request.items
    ]
    if request.exclusive and product is not None:
        _check_free(product, request.closes_at)
    if not is_shown(request.title + request.title_zh):
        _refuse("title", _("The text has a character that cannot be shown."))
    _check_times(request, now)
    _check_form(request, items, now)
    seed = secrets.token_hex(SEED_BYTES) if request.kind is Kind.RANDOM_SAMPLING else ""
    auction = _written(request, organiser, product, person_of(actor), seed, now)
    AUCTION.transition(auction, AuctionTransition.DRAFT, actor=actor, now=now)
    AuctionItem.objects.bulk_create(
        AuctionItem(auction=auction, product=sold, count=count, reserve_minor=reserve)
        for sold, count, reserve in items
    )
    _try_rules(auction, seed)
    return auction


@use_case(locks=AUCTION, before=standing.held_of(Auction, "organiser_id"))
def announce(auction: Auction, *, actor: Actor, now: datetime) -> Auction:
    """Announce a draft: from now on everybody sees it, and its rules never change."""
    require_organiser(auction, actor)
    AUCTION.check(auction, AuctionTransition.SCHEDULE)
    standing.hold(auction.organiser_id)
    if auction.closes_at <= now:
        raise AuctionRefused(_("An auction closes in the future."), field="closes_at")
    _check_orderable(auction)
    if auction.exclusive and auction.product_id is not None:
        # Who buys holds the product still; so nobody buys between this look and the announcement.
        product = Product.objects.select_for_update(of=("self",), no_key=True).get(
            pk=auction.product_id
        )
        _check_free(product, auction.closes_at)
    secret = {} if auction.reserve_shown else {"reserve_minor": str(auction.reserve_minor)}
    return AUCTION.transition(
        auction, AuctionTransition.SCHEDULE, actor=actor, personal=secret, now=now
    )


@use_case()
def schedule(request: AuctionRequest, *, actor: Actor, now: datetime) -> Auction:
    """Draft an auction and announce it at once."""
    return announce(draft(request, actor=actor, now=now), actor=actor, now=now)


def require_organiser(auction: Auction, actor: Actor) -> None:
    """Raise unless the actor may hold the auction: as a seller, or in a procurement as a buyer."""
    policy.require(actor, Permission.AUCTION_SEE, subject_of(auction, seen_by=actor))
    if auction.kind == Kind.PROCUREMENT:
        _require_buyer(actor, auction.organiser_id)
    else:
        policy.require(actor, Permission.AUCTION_SCHEDULE, subject_of(auction, seen_by=actor))


def _require_buyer(actor: Actor, organiser_id: int) -> None:
    subject = Subject(organisation_id=None, engaged=frozenset({organiser_id}))
    policy.require(actor, Permission.QUOTE_ASK, subject)


def _own_product(actor: Actor, product_id: str) -> Product:
    """A listed product of the actor's own. Raises NotFound, AuctionRefused, TrustedSpaceNotOpen."""
    product = Product.objects.select_related("seller").filter(public_id=product_id).first()
    if product is None or product.seller_id != actor.organisation_id:
        raise NotFound(_("There is no such product."))
    policy.require(actor, Permission.OFFER_MAKE, product_subject(product))
    if product.state != ListingState.LISTED:
        raise AuctionRefused(_("Only a listed product can be sold."), field="product")
    disclosure.check_orderable(product)
    return product


def _check_orderable(auction: Auction) -> None:
    """What was drafted may have become a sandbox product since, or been paused."""
    sold = [item.product for item in auction.items.select_related("product")]
    if auction.product is not None:
        sold.append(auction.product)
    for product in sold:
        check_not_paused(product)
        disclosure.check_orderable(product)


def _check_free(product: Product, closes_at: datetime) -> None:
    """An exclusive licence needs a time in which nobody else has one."""
    taken = LicenceWindow.objects.filter(
        product=product, freed_at=None, during__endswith__gt=closes_at
    ) | LicenceWindow.objects.filter(product=product, freed_at=None, during__endswith=None)
    if taken.exists():
        raise AuctionRefused(
            _("Others have licences that last beyond the end of the auction."), field="exclusive"
        )


def _written(
    request: AuctionRequest,
    organiser: Organisation,
    product: Product | None,
    by_id: int,
    seed: str,
    now: datetime,
) -> Auction:
    options = dict(request.options)
    if seed:
        options["commitment"] = digital.commitment(seed)
    return Auction(
        organiser=organiser,
        product=product,
        created_by_id=by_id,
        title=request.title.strip() or (product.title if product else ""),
        title_zh=request.title_zh.strip() or (product.title_zh if product else ""),
        kind=request.kind,
        access=request.access.document,
        deal_nature=request.deal_nature,
        exclusive=request.exclusive,
        currency=request.currency,
        opening_minor=request.opening_minor,
        reserve_minor=request.reserve_minor,
        reserve_shown=request.reserve_shown,
        increments=[list(row) for row in request.increments],
        quantity=request.quantity,
        options=options,
        deposit_minor=request.deposit_minor,
        sealed_key="" if request.kind in LIVE else sealing.new_key(),
        seed=sealing.seal_text(seed) if seed else "",
        opens_at=request.opens_at,
        closes_at=request.closes_at,
        first_closes_at=request.closes_at,
        soft_window_seconds=request.soft_window_seconds,
        soft_extension_seconds=request.soft_extension_seconds,
        closes_by=request.closes_by,
        reveal_seconds=request.reveal_seconds,
        created_at=now,
    )


# Forms have no seconds: what opens in this minute opens now.
FORM_PRECISION = timedelta(minutes=1)


def _check_times(request: AuctionRequest, now: datetime) -> None:
    if not request.opens_at < request.closes_at <= request.opens_at + RUNS_MAX:
        _refuse("closes_at", _("An auction closes after its opening, within a year."))
    if request.opens_at < now - FORM_PRECISION:
        _refuse("opens_at", _("An auction opens now or later."))
    if request.closes_at <= now:
        _refuse("closes_at", _("An auction closes in the future."))
    if request.closes_by is not None and request.closes_by < request.closes_at:
        _refuse("closes_by", _("The latest end is not before the end."))
    soft = (request.soft_window_seconds, request.soft_extension_seconds)
    if not all(0 <= seconds <= SECONDS_MAX for seconds in (*soft, request.reveal_seconds)):
        _refuse("soft_window_seconds", _("Times are given in seconds, at most 30 days."))
    if (any(soft) or request.closes_by) and (request.kind is not Kind.ENGLISH or not all(soft)):
        _refuse(
            "soft_window_seconds",
            _("A soft close has a window and an extension, and is of an English auction."),
        )
    if request.reveal_seconds and request.kind in LIVE:
        _refuse("reveal_seconds", _("Only sealed bids are revealed."))


def _check_form(request: AuctionRequest, items: Items, now: datetime) -> None:
    currencies.check_offered(request.currency)
    for name in ("opening_minor", "reserve_minor", "deposit_minor"):
        checked_amount(getattr(request, name), request.currency, least_minor=0, field=name)
    for _floor, increment in request.increments:
        checked_amount(increment, request.currency, least_minor=0, field="increment")
    single = request.kind in SINGLE
    if not 1 <= request.quantity <= (1 if single else QUANTITY_MAX):
        _refuse("quantity", _("This kind of auction sells one licence; others one or more."))
    if request.exclusive and not (
        request.kind is Kind.LICENCES or (request.quantity == 1 and not items)
    ):
        _refuse("exclusive", _("An exclusive licence is sold once."))
    if (request.kind is Kind.PACKAGES) != bool(items) or len(items) > ITEMS_MAX:
        _refuse("items", _("An auction of bundles names the products that they are made of."))
    allowed = {
        *OPTIONS.get(request.kind, ()),
        *(CLOCK_OPTIONS if request.kind is Kind.DUTCH else ()),
    }
    for name in sorted(set(request.options) - (allowed - {"commitment"})):
        _refuse("options", _("This kind of auction has no option “%(name)s”.") % {"name": name})
    access = request.access
    check_command(
        OfferRequest(
            name="x",
            kind=OfferKind.ONE_OFF,
            price=Money(1, request.currency),
            access_days=access.access_days,
            history=access.history,
            history_count=access.history_count,
            future=access.future,
        ),
        now=now,
    )


def _try_rules(auction: Auction, seed: str) -> None:
    """Clear the auction with one bid: what the library refuses in the rules is refused now, not at
    the close."""
    try:
        if auction.kind == Kind.DUTCH:
            _check_clock(auction)
        evidence.clear(
            {
                "mechanism": auction.kind,
                "terms": pricing_terms(auction, seed=seed),
                "bids": [
                    {"bidder": "x", "seq": 1, "time": micros(auction.opens_at), **_sample(auction)}
                ],
            }
        )
    except PricingRefusal as refusal:
        raise AuctionRefused(str(refusal), **refusal.facts) from None


def _check_clock(auction: Auction) -> None:
    options = auction.options
    for name in CLOCK_OPTIONS:
        if not isinstance(options.get(name), int) or options[name] < 1:
            _refuse("options", _("A falling clock has a step and a number of seconds for each."))
        checked_amount(options[name], auction.currency, field="options")
    if not 1 <= auction.reserve_minor <= auction.opening_minor:
        _refuse("reserve_minor", _("The clock falls from its start to a floor above zero."))
    dutch_clock(auction)


def _sample(auction: Auction) -> dict[str, Any]:
    price = max(1, auction.opening_minor, auction.reserve_minor)
    if auction.kind == Kind.LICENCES:
        return {"values": [price]}
    if auction.kind == Kind.BUDGET_UNIFORM_PRICE:
        return {"spend": str(price), "quantity": "1"}
    if auction.kind == Kind.PACKAGES:
        first = auction.items.select_related("product")[0]
        return {"price": max(1, first.reserve_minor), "items": {first.product.public_id: 1}}
    return {"price": auction.opening_minor if auction.kind == Kind.DUTCH else price}


def _refuse(field: str, message: str) -> None:
    raise AuctionRefused(message, field=field)
