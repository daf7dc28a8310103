"""Making offers and ending them. What was offered once is never changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from exchange.catalog import disclosure
from exchange.catalog.errors import (
    LimitReached,
    OfferRefused,
    OfferWithdrawn,
)
from exchange.catalog.facts import proposed_offers
from exchange.catalog.lifecycle import (
    AMENDABLE,
    LISTING,
    OFFER,
    DealNature,
    Future,
    History,
    OfferKind,
    OfferState,
    OfferTransition,
    Period,
)
from exchange.catalog.listing import begin_change, check_editable, check_open, end_change
from exchange.catalog.models import Offer, Product
from exchange.catalog.models.offers import (
    ACCESS_DAYS_MAX,
    HISTORY_COUNT_MAX,
    NAME_CHARS_MAX,
    PERIODIC,
)
from exchange.catalog.plans import Priced, UseRates, check_own_meters, flat_plan, priced, use_plan
from exchange.catalog.queries import subject_of
from exchange.core import currencies
from exchange.core.inputs import checked_amount
from exchange.core.lifecycle import Doer
from exchange.core.refusals import NotFound
from exchange.core.use_case import use_case
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from pricing.charges.plans import read_plan
from pricing.money import Money

OFFERS_MAX = 20
BEGINS_WITHIN_DAYS = 366


@dataclass(frozen=True)
class OfferRequest:
    """What a seller offers. `price` is net, per period for a subscription; a `plan` of
    `pricing.charges` may be given in its place, and for an offer by use its `rates`.
    """

    name: str
    kind: OfferKind
    price: Money
    period: str = ""
    access_days: int | None = None
    history: History = History.ALL
    history_count: int | None = None
    future: Future = Future.NONE
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    supersedes: str = ""
    plan: Mapping[str, Any] | None = None
    rates: UseRates | None = None
    needs_approval: bool = False


def command_like(offer: Offer) -> OfferRequest:
    """What was wished for to get an offer like this one, without its dates."""
    return OfferRequest(
        name=offer.name,
        kind=OfferKind(offer.kind),
        price=offer.price,
        period=offer.period,
        access_days=offer.access_days,
        history=History(offer.history),
        history_count=offer.history_count,
        future=Future(offer.future),
        plan=offer.plan,
    )


@use_case(Permission.OFFER_MAKE, locks=LISTING)
def add_offer(
    product: Product, command: OfferRequest, *, actor: Actor, now: datetime
) -> tuple[Offer, Priced]:
    """Offer a product, and say what the linter thinks of the price plan. Where it supersedes another,
    that one is over in the moment in which this one begins. An offer of a standing listing is part of its
    change: buyers see it once an operator has accepted that, and all that was agreed before stays."""
    check_editable(product)
    if (
        product.offers.exclude(state=OfferState.WITHDRAWN).filter(reserved_for=None).count()
        >= OFFERS_MAX
    ):
        raise LimitReached(
            _("A product has at most %(limit)d offers at once.") % {"limit": OFFERS_MAX},
            limit=OFFERS_MAX,
        )
    check_command(command, now=now)
    currencies.check_offered((command.plan or {}).get("currency", command.price.currency))
    before = _superseded(product, command, now=now)
    waits = product.state in AMENDABLE
    offer, price = _make(
        product, command, before=before, by_id=actor.user_id, actor=actor, now=now,
        transition=OfferTransition.PROPOSE if waits else OfferTransition.MAKE,
    )  # fmt: skip
    if before is not None and not waits:
        _give_way(before, offer, actor=actor, now=now)
    begin_change(product)
    _touch(product, now)
    return offer, price


def accept_proposed(product: Product, *, actor: Doer, now: datetime) -> None:
    """Put the proposed offers of a locked product on offer, each in the place of what it supersedes: at
    once, or from the moment for which it is planned."""
    for offer in proposed_offers(product).select_related("supersedes"):
        offer.product = product
        OFFER.transition(offer, OfferTransition.ACCEPT, actor=actor, now=now)
        before = offer.supersedes
        if before is not None and before.state == OfferState.ACTIVE:
            before.product = product
            _give_way(before, offer, actor=actor, now=now)


def end_replaced(product: Product, *, actor: Doer, now: datetime) -> int:
    """End the offers of a locked product in whose place others have begun; return how many."""
    ended = 0
    for offer in product.offers.filter(state=OfferState.ACTIVE, replaced_at__lte=now):
        offer.product = product
        _end(offer, actor, now)
        ended += 1
    return ended


def withdraw_proposed(product: Product, *, actor: Doer, now: datetime) -> None:
    """Take the proposed offers of a locked product back; nobody has seen them."""
    for offer in proposed_offers(product):
        offer.product = product
        _end(offer, actor, now)


@use_case()
def reserve_offer(
    *,
    product_id: str,
    command: OfferRequest,
    reserved_for_id: int,
    basis: str,
    by_id: int | None,
    actor: Doer,
    now: datetime,
    deal_nature: DealNature = DealNature.LICENCE,
) -> Offer:
    """Offer a product to one organisation, on what was agreed with it elsewhere; `basis` names where.

    The same basis gives the organisation the offer that it has. What was agreed binds, so neither the
    product's state nor the number of its offers stands in the way.
    """
    product = LISTING.lock(product_id)
    known = Offer.objects.filter(basis=basis, reserved_for_id=reserved_for_id).first()
    if known is not None:
        return known
    check_command(command, now=now)
    offer, _price = _make(
        product, command, by_id=by_id, actor=actor, now=now,
        reserved_for_id=reserved_for_id, basis=basis, deal_nature=deal_nature,
    )  # fmt: skip
    return offer


def _make(
    product: Product,
    command: OfferRequest,
    *,
    by_id: int | None,
    actor: Doer,
    now: datetime,
    before: Offer | None = None,
    transition: OfferTransition = OfferTransition.MAKE,
    **reserved: object,
) -> tuple[Offer, Priced]:
    """Write the next offer of a locked product."""
    last = product.offers.order_by("-number").values_list("number", flat=True).first()
    number = 1 if last is None else last + 1
    price = price_command(command, product=product, number=number, at=now)
    offer = Offer(
        product=product,
        number=number,
        name=command.name.strip(),
        kind=command.kind,
        plan=dict(price.plan.document),
        plan_digest=price.plan.digest,
        currency=price.price.currency,
        price_minor=price.price.minor,
        period=command.period,
        access_days=command.access_days,
        history=command.history,
        history_count=command.history_count,
        future=command.future,
        needs_approval=command.needs_approval,
        valid_from=command.valid_from or now,
        valid_until=command.valid_until,
        supersedes=before,
        created_by_id=by_id,
        **reserved,
    )
    return OFFER.transition(offer, transition, actor=actor, now=now), price


def _product_of(offer_id: str, **_request: object) -> Subject:
    """Whose product the offer is of. Raises NotFound."""
    offer = Offer.objects.filter(public_id=offer_id).select_related("product").first()
    if offer is None:
        raise NotFound(_("There is no such offer."))
    return subject_of(offer.product)


@use_case(Permission.LISTING_END, about=_product_of)
def withdraw_offer(offer_id: str, *, actor: Actor, now: datetime) -> Offer:
    """End an offer. Who took it up keeps what was agreed; before the first listing it vanishes. One that
    has not begun is taken back: what it was to take the place of stays open."""
    product = LISTING.lock_key(
        Offer.objects.values_list("product_id", flat=True).get(public_id=offer_id)
    )
    offer = OFFER.lock(offer_id)
    offer.product = product
    if offer.state == OfferState.WITHDRAWN:
        raise OfferWithdrawn(_("This offer was withdrawn already."), offer=offer.public_id)
    if product.listed_at is None:
        check_open(product)
    if offer.state == OfferState.PROPOSED:
        check_editable(product)  # not while the exchange looks at it
    _end(offer, actor, now)
    _leave_place(offer, actor=actor, now=now)
    if product.listed_at is None and not offer.successors.exists():
        product.offers.filter(pk=offer.pk).delete()
    _touch(product, now)
    return offer


def check_command(command: OfferRequest, *, now: datetime) -> None:
    """Raise OfferRefused, naming the field, unless the request is one that can be offered."""
    name = command.name.strip()
    if not 0 < len(name) <= NAME_CHARS_MAX:
        _refuse("name", _("Give the offer a name."), limit=NAME_CHARS_MAX)
    if not name.isprintable():
        _refuse("name", _("The text has a character that cannot be shown."))
    is_subscription = command.kind == OfferKind.SUBSCRIPTION
    if (command.kind in PERIODIC) != (command.period in Period.values):
        _refuse(
            "period",
            _("A subscription and an offer by use have a period, other offers have none."),
            accepted=Period.values,
        )
    if command.access_days is not None and (
        is_subscription or not 1 <= command.access_days <= ACCESS_DAYS_MAX
    ):
        _refuse(
            "access_days",
            _("Access lasts from 1 to 3,650 days; that of a subscription its period."),
        )
    if command.needs_approval and command.kind not in {OfferKind.ONE_OFF, OfferKind.SUBSCRIPTION}:
        _refuse(
            "needs_approval", _("Buyers are approved for offers at one price: once or per period.")
        )
    counts = command.history_count is not None and 1 <= command.history_count <= HISTORY_COUNT_MAX
    if (command.history == History.LAST) != counts:
        _refuse("history_count", _("Say how many earlier revisions are included, from 1 to 100."))
    _check_dates(command, now=now)


def _check_dates(command: OfferRequest, *, now: datetime) -> None:
    begins = command.valid_from
    if begins is not None and not now < begins <= now + timedelta(days=BEGINS_WITHIN_DAYS):
        _refuse(
            "valid_from", _("Name a moment within a year from now, or leave it empty: at once.")
        )
    if command.valid_until is not None and command.valid_until <= (begins or now):
        _refuse("valid_until", _("The offer has to end after its beginning, in the future."))


def price_command(command: OfferRequest, *, product: Product, number: int, at: datetime) -> Priced:
    """The plan of a request and what it charges. Raises OfferRefused."""
    by_use = command.kind == OfferKind.METERED
    name, title = f"{product.public_id}-{number}", command.name.strip()
    if command.plan is not None:
        document = dict(command.plan)
    elif command.rates is not None:
        currency = command.price.currency
        document = use_plan(
            name=name, number=number, title=title, rates=command.rates, currency=currency
        )
    else:
        document = flat_plan(name=name, number=number, title=title, price=command.price)
    price = priced(document, at=at, by_use=by_use)
    if by_use and disclosure.opens_files(product.delivery):
        check_own_meters(price.plan, field="meter" if command.plan is None else "")
    is_free = command.kind == OfferKind.FREE or by_use
    checked_amount(price.price.minor, price.price.currency, least_minor=0, field="price")
    if is_free != (price.price.minor == 0):
        _refuse("price", _("A free offer costs nothing, any other offer something."))
    return price


def check_meters(product: Product, *, delivery: str) -> None:
    """Raise OfferRefused, at `delivery`, where the product would be delivered as files and an open
    offer charges for what nobody counts of files."""
    if disclosure.opens_files(delivery):
        for offer in product.offers.filter(kind=OfferKind.METERED, state=OfferState.ACTIVE):
            check_own_meters(read_plan(dict(offer.plan)), field="delivery")


def _superseded(product: Product, command: OfferRequest, *, now: datetime) -> Offer | None:
    if not command.supersedes:
        return None
    before = product.offers.filter(public_id=command.supersedes, reserved_for=None).first()
    if before is None or before.state != OfferState.ACTIVE or before.valid_from > now:
        _refuse("supersedes", _("The offer that this one takes the place of is not open."))
    if (
        before.replaced_at is not None
        or proposed_offers(product).filter(supersedes=before).exists()
    ):
        _refuse("supersedes", _("A change of this offer is planned already. Take that back first."))
    return before


def _give_way(before: Offer, to: Offer, *, actor: Doer, now: datetime) -> None:
    """End an offer in the moment in which the other begins: now, or later by the clock."""
    if to.valid_from <= now:
        _end(before, actor, now)
        return
    before.replaced_at = to.valid_from
    before.save(update_fields=["replaced_at"])


def _leave_place(offer: Offer, *, actor: Doer, now: datetime) -> None:
    """Keep open what an offer that never began was to take the place of. Once it has begun, that one is
    over, whether the clock has come to it or not."""
    before = offer.supersedes
    if before is None or before.state != OfferState.ACTIVE or before.replaced_at is None:
        return
    before.product = offer.product
    if before.replaced_at <= now:
        _end(before, actor, now)
        return
    before.replaced_at = None
    before.save(update_fields=["replaced_at"])


def _end(offer: Offer, actor: Doer, now: datetime) -> None:
    offer.withdrawn_at = now
    OFFER.transition(offer, OfferTransition.WITHDRAW, actor=actor, now=now, save=("withdrawn_at",))


def _touch(product: Product, now: datetime) -> None:
    product.updated_at = now
    end_change(product)
    product.save(update_fields=["updated_at", "amendment"])


def _refuse(field: str, message: str, **facts: object) -> NoReturn:
    raise OfferRefused(message, field=field, **facts)
