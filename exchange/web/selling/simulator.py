"""What a price would earn, as the seller sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min
from django.utils.safestring import SafeString

from exchange.catalog.facts import offers_of
from exchange.catalog.lifecycle import ListingState, OfferKind
from exchange.catalog.models import Offer, Product
from exchange.catalog.plans import flat_plan, priced
from exchange.orders.terms import quote_for
from exchange.payments.allocation import split
from exchange.payments.settlement import Sharing
from exchange.web.charts import money as charts
from exchange.web.selling.finding_words import finding_words
from pricing.money import Money
from pricing.worth.bundles import Wish, uniform_bundle_price
from pricing.worth.proceeds import Fee

COMPARABLES_MAX = 2_000
LEVELS_MAX = 200
DATA = frozenset({"data"})


@dataclass(frozen=True)
class Comparables:
    """Lowest prices of listed products of the same industry, net of tax."""

    count: int
    p25: Money
    median: Money
    p75: Money


@dataclass(frozen=True)
class Earning:
    """One price: who would buy, what buyers pay in all, and what is left for the seller."""

    price: Money
    buyers: int
    revenue: Money
    buyer_pays: Money
    fee: Money
    seller_gets: Money
    is_best: bool


@dataclass(frozen=True)
class Simulation:
    """`bound` is what the buyers would give at most, each its own price."""

    best: Earning
    rows: tuple[Earning, ...]
    bound: Money
    revenue_picture: SafeString
    demand_picture: SafeString


def prices_of_comparables(product: Product, *, currency: str) -> list[int]:
    """The lowest price of each listed product of the industry but this one, rising."""
    rows = (
        Offer.objects.filter(
            product__industry=product.industry,
            product__state=ListingState.LISTED,
            reserved_for=None,
            withdrawn_at=None,
            currency=currency,
            price_minor__gt=0,
        )
        .exclude(product=product)
        .values("product")
        .annotate(lowest=Min("price_minor"))
        .order_by("lowest")
    )
    return [row["lowest"] for row in rows[:COMPARABLES_MAX]]


def comparables_of(prices: Sequence[int], *, currency: str) -> Comparables | None:
    """The quarters of rising prices by nearest rank; None without any."""
    if not prices:
        return None
    quarter, half, three = (
        Money(prices[-(-len(prices) * share // 4) - 1], currency) for share in (1, 2, 3)
    )
    return Comparables(len(prices), quarter, half, three)


def findings_of(product: Product, *, at: datetime) -> tuple[str, ...]:
    """What the linter says of the plans of the product's offers."""
    return tuple(
        f"{offer.name}: {finding_words(finding, price.plan)}"
        for offer in offers_of(product)
        for price in [priced(offer.plan, at=at, by_use=offer.kind == OfferKind.METERED)]
        for finding in price.findings
    )


def simulate(
    willing: Sequence[tuple[int, int]],
    *,
    currency: str,
    usual: Comparables | None,
    shared: Sharing,
    fee: Fee,
    at: datetime,
) -> Simulation:
    """Try every price at which somebody would just buy. `willing` are (most given, buyers). Raises
    PricingRefusal where the library refuses the demand."""
    wishes = [
        Wish(f"{value}:{number}", DATA, value)
        for value, buyers in willing
        for number in range(buyers)
    ]
    posted = uniform_bundle_price(wishes)
    best_price = posted.bundle or 0
    levels = sorted({value for value, _buyers in willing})[-LEVELS_MAX:]
    rows = tuple(
        _earning(
            Money(level, currency),
            sum(buyers for value, buyers in willing if value >= level),
            is_best=level == best_price,
            shared=shared,
            fee=fee,
            at=at,
        )
        for level in levels
    )
    best = next(row for row in rows if row.is_best)
    band = (usual.p25.minor, usual.p75.minor) if usual else None
    return Simulation(
        best=best,
        rows=rows,
        bound=Money(posted.bound, currency),
        revenue_picture=charts.revenue(
            [(row.price.minor, row.revenue.minor) for row in rows],
            currency=currency,
            best=(best.price.minor, best.revenue.minor),
            usual=band,
        ),
        demand_picture=charts.buyers(
            [(row.price.minor, row.buyers) for row in rows],
            currency=currency,
            best=(best.price.minor, best.buyers),
        ),
    )


def _earning(
    price: Money, buyers: int, *, is_best: bool, shared: Sharing, fee: Fee, at: datetime
) -> Earning:
    """One sale is quoted, taxed and shared out as an order would be; the rest is that many times."""
    plan = flat_plan(name="simulation", number=1, title="simulation", price=price)
    quote = quote_for(Offer(plan=plan), at=at)
    net = quote.total - quote.tax
    parts = split(net=net, tax=quote.tax, terms=shared.waterfall(fee, net=net))

    def times(one: Money) -> Money:
        return Money(one.minor * buyers, one.currency)

    return Earning(
        price=price,
        buyers=buyers,
        revenue=times(price),
        buyer_pays=quote.total,
        fee=times(parts.fee),
        seller_gets=times(parts.shares[0]),  # the seller is the first party
        is_best=is_best,
    )
