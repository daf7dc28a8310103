"""Drafting an auction: its rules are checked by clearing it once with a bid nobody made."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.auctions import sealing
from exchange.auctions.actions.steps import take_step
from exchange.auctions.errors import AuctionRefused
from exchange.auctions.mechanism import CLOCK_OPTIONS, OPTIONS, dutch_clock, pricing_terms
from exchange.auctions.models import Auction, AuctionItem, AuctionStep
from exchange.auctions.rows import AMOUNT_MINOR_MAX, QUANTITY_MAX
from exchange.auctions.states import LIVE, SINGLE, Kind, Move
from exchange.auctions.wishes import AuctionWish
from exchange.catalog.lifecycle import OfferKind
from exchange.catalog.models import Product
from exchange.catalog.offers import OfferWish, check_wish
from exchange.ledger.entries import micros
from pricing.mechanisms import digital, evidence
from pricing.money import CURRENCIES, Money
from pricing.refusals import PricingRefusal

RUNS_AT_MOST = timedelta(days=366)
ITEMS_MAX = 20
SECONDS_MAX = 30 * 86_400
SEED_BYTES = 32
Items = list[tuple[Product, int, int]]


def draft_auction(
    *,
    wish: AuctionWish,
    organiser: Organisation,
    product: Product | None,
    items: Items,
    by_id: int,
    actor: str,
    now: datetime,
) -> AuctionStep:
    """Write an auction that only its organiser sees. Raises AuctionRefused, naming the field."""
    _check_times(wish, now)
    _check_form(wish, items, now)
    seed = secrets.token_hex(SEED_BYTES) if wish.kind is Kind.RANDOM_SAMPLING else ""
    auction = _written(wish, organiser, product, by_id, seed, now)
    step = take_step(auction=auction, move=Move.DRAFT, actor=actor, by_id=by_id, now=now)
    AuctionItem.objects.bulk_create(
        AuctionItem(auction=auction, product=one, count=count, reserve_minor=reserve)
        for one, count, reserve in items
    )
    _try_rules(auction, seed)
    return step


def _written(
    wish: AuctionWish,
    organiser: Organisation,
    product: Product | None,
    by_id: int,
    seed: str,
    now: datetime,
) -> Auction:
    options = dict(wish.options)
    if seed:
        options["commitment"] = digital.commitment(seed)
    return Auction(
        organiser=organiser,
        product=product,
        created_by_id=by_id,
        title=wish.title.strip() or (product.title if product else ""),
        title_zh=wish.title_zh.strip() or (product.title_zh if product else ""),
        kind=wish.kind,
        wish=wish.access.document,
        deal_nature=wish.deal_nature,
        exclusive=wish.exclusive,
        currency=wish.currency,
        opening_minor=wish.opening_minor,
        reserve_minor=wish.reserve_minor,
        reserve_shown=wish.reserve_shown,
        increments=[list(row) for row in wish.increments],
        quantity=wish.quantity,
        options=options,
        deposit_minor=wish.deposit_minor,
        sealed_key="" if wish.kind in LIVE else sealing.new_key(),
        seed=sealing.seal_text(seed) if seed else "",
        opens_at=wish.opens_at,
        closes_at=wish.closes_at,
        first_closes_at=wish.closes_at,
        soft_window_seconds=wish.soft_window_seconds,
        soft_extension_seconds=wish.soft_extension_seconds,
        closes_by=wish.closes_by,
        reveal_seconds=wish.reveal_seconds,
        created_at=now,
    )


def _check_times(wish: AuctionWish, now: datetime) -> None:
    if not wish.opens_at < wish.closes_at <= wish.opens_at + RUNS_AT_MOST:
        _refuse("closes_at", _("An auction closes after its opening, within a year."))
    if wish.closes_at <= now:
        _refuse("closes_at", _("An auction closes in the future."))
    if wish.closes_by is not None and wish.closes_by < wish.closes_at:
        _refuse("closes_by", _("The latest end is not before the end."))
    soft = (wish.soft_window_seconds, wish.soft_extension_seconds)
    if not all(0 <= seconds <= SECONDS_MAX for seconds in (*soft, wish.reveal_seconds)):
        _refuse("soft_window_seconds", _("Times are given in seconds, at most 30 days."))
    if (any(soft) or wish.closes_by) and (wish.kind is not Kind.ENGLISH or not all(soft)):
        _refuse(
            "soft_window_seconds",
            _("A soft close has a window and an extension, and is of an English auction."),
        )
    if wish.reveal_seconds and wish.kind in LIVE:
        _refuse("reveal_seconds", _("Only sealed bids are revealed."))


def _check_form(wish: AuctionWish, items: Items, now: datetime) -> None:
    if wish.currency not in CURRENCIES:
        _refuse("currency", _("Choose a currency of the table."))
    amounts = (wish.opening_minor, wish.reserve_minor, wish.deposit_minor)
    if not all(0 <= amount <= AMOUNT_MINOR_MAX for amount in amounts):
        _refuse("reserve_minor", _("Amounts are whole minor units, zero or more."))
    single = wish.kind in SINGLE
    if not 1 <= wish.quantity <= (1 if single else QUANTITY_MAX):
        _refuse("quantity", _("This kind of auction sells one licence; others one or more."))
    if wish.exclusive and not (wish.kind is Kind.LICENCES or (wish.quantity == 1 and not items)):
        _refuse("exclusive", _("An exclusive licence is sold once."))
    if (wish.kind is Kind.PACKAGES) != bool(items) or len(items) > ITEMS_MAX:
        _refuse("items", _("An auction of bundles names the products that they are made of."))
    allowed = {*OPTIONS.get(wish.kind, ()), *(CLOCK_OPTIONS if wish.kind is Kind.DUTCH else ())}
    for name in sorted(set(wish.options) - (allowed - {"commitment"})):
        _refuse("options", _("This kind of auction has no option “%(name)s”.") % {"name": name})
    access = wish.access
    check_wish(
        OfferWish(
            name="x",
            kind=OfferKind.ONE_OFF,
            price=Money(1, wish.currency),
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
        if not isinstance(options.get(name), int) or not 1 <= options[name] <= AMOUNT_MINOR_MAX:
            _refuse("options", _("A falling clock has a step and a number of seconds for each."))
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
