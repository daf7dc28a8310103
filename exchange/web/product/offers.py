"""A product's offers as they are shown: prices, terms, and what the reader holds already."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exchange.catalog.buyable import ends_at, offers_of_day
from exchange.catalog.disclosure import order_obstacle
from exchange.catalog.lifecycle import Delivery, Future, History, OfferKind, RefundPolicy
from exchange.catalog.models import Offer, Product
from exchange.delivery.lifecycle import EntitlementState
from exchange.delivery.models import Entitlement
from exchange.orders.lifecycle import OrderState
from exchange.orders.models import Order
from exchange.orders.terms import quote_for
from exchange.web.catalogue.cards import period_in_words, say
from exchange.web.usage.rates import rates_of
from pricing.money import Money

OVER = (OrderState.CANCELLED, OrderState.REFUNDED)
UNPAID = (OrderState.CREATED, OrderState.CONFIRMED, OrderState.CONTRACT_SIGNED)
ORDERS_LOOKED_AT_MAX = 20


@dataclass(frozen=True)
class OfferView:
    """One offer: what it opens in words, and its total with tax, as the checkout will show it.

    What is paid by use has `rates` in place of a total, and a page that says what they come to. One that
    begins later says `since` when and cannot be bought; `then` is what takes this one's place.
    """

    public_id: str
    name: str
    kind: str
    is_free: bool
    rates: tuple[str, ...]
    net: Money
    tax: Money
    total: Money
    period: str
    access: tuple[str, ...]
    since: datetime | None
    until: datetime | None
    buy_url: str
    cost_url: str
    ask_url: str
    then: "OfferView | None" = None


@dataclass(frozen=True)
class Box:
    """What one gets, may do, may not do, and gets back."""

    gets: tuple[str, ...]
    may: tuple[str, ...]
    may_not: tuple[str, ...]
    licence_text: str
    refund: str


def offers_of(product: Product, *, at: datetime) -> tuple[OfferView, ...]:
    """What can be bought now, the cheapest first, taxed by the rules of this moment, each with what takes
    its place later; then what begins later beside them."""
    today = offers_of_day(product, at=at)
    later = {offer.supersedes_id: offer_view(offer, at=at) for offer in today.planned}
    now = [replace(offer_view(offer, at=at), then=later.get(offer.pk)) for offer in today.open]
    replaced = {offer.pk for offer in today.open}
    beside = (one for one in today.planned if one.supersedes_id not in replaced)
    return (*now, *(offer_view(one, at=at) for one in beside))


def box_of(product: Product) -> Box:
    """The promise of the product, whatever the offer."""
    licence = product.licence
    attribution = (
        (_("Name the source wherever you show the data."),) if licence.get("attribution") else ()
    )
    return Box(
        gets=_gets(product),
        may=tuple(say("use", code) for code in licence.get("allowed", ())),
        may_not=(*(say("use", code) for code in licence.get("forbidden", ())), *attribution),
        licence_text=str(licence.get("text") or ""),
        refund=_refund(product),
    )


def offer_view(offer: Offer, *, at: datetime) -> OfferView:
    """The offer as the page and the checkout show it, taxed by the rules of `at`."""
    quote = quote_for(offer, at=at)
    has_begun = offer.valid_from <= at
    is_orderable = has_begun and order_obstacle(offer.product.delivery) is None
    return OfferView(
        public_id=offer.public_id,
        name=offer.name,
        kind=offer.get_kind_display(),
        is_free=offer.kind == OfferKind.FREE,
        rates=rates_of(offer),
        net=quote.net,
        tax=quote.tax,
        total=quote.total,
        period=period_in_words(offer.period),
        access=access_words(offer, to_buyer=True),
        since=None if has_begun else offer.valid_from,
        until=ends_at(offer),
        buy_url=_url("web:checkout", offer) if is_orderable and not offer.needs_approval else "",
        ask_url=_url("web:request_offer", offer) if is_orderable and offer.needs_approval else "",
        cost_url=_url("web:usage_cost", offer)
        if has_begun and offer.kind == OfferKind.METERED
        else "",
    )


def _url(name: str, offer: Offer) -> str:
    """Where it is bought or reckoned; empty in a deployment without trading."""
    try:
        return reverse(name, args=[offer.public_id])
    except NoReverseMatch:
        return ""


def _gets(product: Product) -> tuple[str, ...]:
    by_delivery: dict[Delivery, str] = {
        Delivery.FILE: _("Files to download, each with its hash, original and Parquet"),
        Delivery.EXTERNAL: _("The address where the provider keeps the data"),
        Delivery.API: _("Access to an interface with a key of your own"),
        Delivery.SANDBOX: _(
            "Work on the data in the exchange's trusted space; only results leave it"
        ),
    }
    how = by_delivery.get(Delivery(product.delivery), product.get_delivery_display())
    rhythm = say("rhythm", product.rhythm)
    updated = (_("Updates: %(rhythm)s") % {"rhythm": rhythm},) if rhythm else ()
    return (str(how), *updated, _("A contract, an invoice and a trading certificate"))


def _refund(product: Product) -> str:
    return {
        RefundPolicy.NONE: _("No refund once the contract is concluded, but for faults."),
        RefundPolicy.UNTIL_DOWNLOAD: _(
            "Your money is held until you accept. If you object before the first download, the"
            " exchange refunds you in full."
        ),
        RefundPolicy.INSPECTION: _(
            "Your money is held until you accept. If you object within the inspection time,"
            " the exchange decides, and can refund you in full."
        ),
    }.get(RefundPolicy(product.refund_policy or RefundPolicy.NONE), "")


def access_words(offer: Offer, *, to_buyer: bool = False) -> tuple[str, ...]:
    """Sentences about earlier revisions, later ones, and the end of access."""
    count = offer.history_count or 1
    earlier = {
        History.ALL: _("All revisions published so far"),
        History.LAST: ngettext("The last revision", "The last %(count)d revisions", count)
        % {"count": count},
        History.NONE: _("No earlier revision") if to_buyer else _("The newest revision alone"),
    }[History(offer.history)]
    every = (
        _("Every new revision while your access lasts")
        if to_buyer
        else _("Every new revision while access lasts")
    )
    later = every if offer.future == Future.ALL else _("No new revisions")
    return earlier, later, _lasting(offer)


def _lasting(offer: Offer) -> str:
    if offer.period:
        return _("Access for each paid period (%(period)s)") % {
            "period": period_in_words(offer.period)
        }
    days = offer.access_days
    if days:
        return ngettext("Access for %(days)d day", "Access for %(days)d days", days) % {
            "days": days
        }
    return _("Access without end")


@dataclass(frozen=True)
class Holding:
    """An order that goes on, or access that is open: a sentence, where it is, and the offer bought."""

    sentence: str
    url: str
    label: str
    offer_id: str


def holdings_of(organisation_id: int, product_id: str, *, now: datetime) -> tuple[Holding, ...]:
    """What the organisation has of the product, the newest first."""
    orders = (
        Order.objects.filter(buyer=organisation_id, product__public_id=product_id)
        .select_related("offer")
        .exclude(state__in=OVER)
        .order_by("-pk")[:ORDERS_LOOKED_AT_MAX]
    )
    given = Entitlement.objects.filter(organisation=organisation_id, product__public_id=product_id)
    access = {entitlement.order_id: entitlement for entitlement in given}
    found = (_holding(order, access.get(order.pk), now=now) for order in orders)
    return tuple(holding for holding in found if holding is not None)


def _holding(order: Order, entitlement: Entitlement | None, *, now: datetime) -> Holding | None:
    order_url = reverse("web:order", args=[order.public_id])
    if order.state in UNPAID:
        sentence = _("Your organisation has ordered this already. The order is not paid yet.")
        return Holding(sentence, order_url, _("To the order"), order.offer.public_id)
    if entitlement is None:
        sentence = _("Your organisation has ordered this already. It is being delivered.")
        return Holding(sentence, order_url, _("To the order"), order.offer.public_id)
    until = entitlement.valid_until
    if entitlement.state != EntitlementState.ACTIVE or (until is not None and until <= now):
        return None
    url = reverse("web:entitlement", args=[entitlement.public_id])
    return Holding(
        _("Your organisation has this already."), url, _("Open it"), order.offer.public_id
    )
