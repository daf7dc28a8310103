"""What each price would earn: buyers at that price, the revenue, and the best of all prices."""

from collections.abc import Sequence

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from exchange.web.charts.drawing import picture
from exchange.web.charts.plane import HEIGHT, WIDTH, Plane, brief, heights
from exchange.web.templatetags.assay import count, money
from pricing.money import Money

TICKS_MAX = 4


def revenue(
    points: Sequence[tuple[int, int]],
    *,
    currency: str,
    best: tuple[int, int],
    usual: tuple[int, int] | None,
) -> SafeString:
    """Revenue (minor units) over price, rising prices; `usual` is where comparables lie."""
    if not points:
        return SafeString("")
    west, east = 0.0, 1.06 * max(price for price, _revenue in points)
    high = 1.12 * max(1, *(earned for _price, earned in points))
    plane = Plane(west=west, east=east, low=0, high=high)
    ticks = [
        (east * part / TICKS_MAX, brief(east * part / TICKS_MAX, currency))
        for part in range(TICKS_MAX + 1)
    ]
    shapes = plane.band(*usual) if usual else SafeString("")
    shapes += plane.frame(across=ticks, up=heights(0, high, currency))
    shapes += plane.line(_saw(points)) + plane.dots(points)
    price, earned = Money(best[0], currency), Money(best[1], currency)
    shapes += plane.mark(best, money(price))
    return picture(
        shapes,
        width=WIDTH,
        height=HEIGHT,
        kind="revenue",
        title=_("Revenue at each price"),
        description=_("The most is %(revenue)s, at a price of %(price)s.")
        % {"revenue": money(earned), "price": money(price)},
    )


def buyers(
    points: Sequence[tuple[int, int]], *, currency: str, best: tuple[int, int]
) -> SafeString:
    """How many would buy at each price or more: (price, buyers), rising prices."""
    if not points:
        return SafeString("")
    most = points[0][1]
    plane = Plane(
        west=0, east=1.06 * max(1, most), low=0, high=1.08 * max(price for price, _n in points)
    )
    corners: list[tuple[float, float]] = []
    before = 0
    for price, number in reversed(points):
        corners += [(before, price), (number, price)]
        before = number
    shapes = plane.frame(
        across=[(0, "0"), (most, count(most))], up=heights(0, plane.high, currency)
    ) + plane.line(corners)
    words = money(Money(best[0], currency))
    shapes += plane.mark((best[1], best[0]), words)
    return picture(
        shapes,
        width=WIDTH,
        height=HEIGHT,
        kind="demand",
        title=_("Buyers at each price"),
        description=_("At %(price)s there are %(buyers)s of %(all)s buyers.")
        % {"price": words, "buyers": count(best[1]), "all": count(most)},
    )


def _saw(points: Sequence[tuple[int, int]]) -> list[tuple[float, float]]:
    """Between two values nobody leaves, so revenue rises with the price and then falls at once."""
    corners: list[tuple[float, float]] = [(0, 0)]
    for price, earned in points:
        buyers_here = earned / price if price else 0
        corners += [(corners[-1][0], buyers_here * corners[-1][0]), (price, earned)]
    return [*corners, (points[-1][0], 0)]
