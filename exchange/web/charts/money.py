"""Money drawn: revenue by price, the cost of metered usage."""

from collections.abc import Sequence
from datetime import date

from babel.numbers import format_compact_decimal
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from exchange.core.formatting import active_locale, short_day
from exchange.core.pictures import LEFT, RIGHT, WIDTH, Plane, heights, rungs, short
from exchange.web.templatetags.assay import count, money
from pricing.money import Money


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
    shapes = plane.band(*usual) if usual else SafeString("")
    shapes += plane.frame(across=heights(0, east, currency), up=heights(0, high, currency))
    shapes += plane.line(_saw(points)) + plane.dots(points)
    price, earned = Money(best[0], currency), Money(best[1], currency)
    shapes += plane.mark(best, money(price))
    return plane.picture(
        shapes,
        kind="revenue",
        title=_("Revenue at each price"),
        description=_("The most is %(revenue)s, at a price of %(price)s.")
        % {"revenue": money(earned), "price": money(price)},
        names=(_("Price"), _("Revenue")),
    )


def buyers(
    points: Sequence[tuple[int, int]], *, currency: str, best: tuple[int, int]
) -> SafeString:
    """How many would buy at each price or more: (price, buyers), rising prices."""
    if not points:
        return SafeString("")
    most = points[0][1]
    east = 1.06 * max(price for price, _number in points)
    plane = Plane(west=0, east=east, low=0, high=1.12 * max(1, most))
    corners: list[tuple[float, float]] = []
    before = 0
    for price, number in points:
        corners += [(before, number), (price, number)]
        before = price
    shapes = plane.frame(
        across=heights(0, east, currency),
        up=rungs(0, plane.high, lambda number: count(round(number)), least=1),
    ) + plane.line([*corners, (before, 0)])
    words = money(Money(best[0], currency))
    shapes += plane.mark(best, words)
    return plane.picture(
        shapes,
        kind="demand",
        title=_("Buyers at each price"),
        description=_("At %(price)s there are %(buyers)s of %(all)s buyers.")
        % {"price": words, "buyers": count(best[1]), "all": count(most)},
        names=(_("Price"), _("Buyers")),
    )


def _saw(points: Sequence[tuple[int, int]]) -> list[tuple[float, float]]:
    """Between two values nobody leaves, so revenue rises with the price and then falls at once."""
    corners: list[tuple[float, float]] = [(0, 0)]
    for price, earned in points:
        buyers_here = earned / price if price else 0
        corners += [(corners[-1][0], buyers_here * corners[-1][0]), (price, earned)]
    return [*corners, (points[-1][0], 0)]


def cost_path(
    path: Sequence[tuple[date, Money]], *, begins: date, ends: date, cap: Money | None
) -> SafeString:
    """The cost as a line of steps, with the cap as a line that it does not cross. Empty before use."""
    if not path:
        return SafeString("")
    last = path[-1][1]
    high = 1.12 * max(last.minor, cap.minor if cap else 0, 1)
    plane = Plane(west=begins.toordinal(), east=ends.toordinal(), low=0, high=high)
    points = [(float(begins.toordinal()), 0.0)]
    points += [(float(day.toordinal()), float(amount.minor)) for day, amount in path]
    shapes = plane.frame(
        across=[(at.toordinal(), short_day(at)) for at in (begins, ends)],
        up=heights(0, high, last.currency),
    )
    if cap is not None:
        at = short(plane.y(cap.minor))
        shapes += format_html(
            '<line class="guide" x1="{}" y1="{}" x2="{}" y2="{}"></line>'
            '<text class="label" x="{}" y="{}">{}</text>',
            LEFT, at, WIDTH - RIGHT, at, LEFT + 4, short(plane.y(cap.minor) - 4), _("Cap"),
        )  # fmt: skip
    shapes += plane.steps(points) + plane.mark(points[-1], money(last))
    return plane.picture(
        shapes,
        kind="metered",
        title=_("Cost of the period over time"),
        description=_("%(amount)s until %(day)s.")
        % {"amount": money(last), "day": short_day(path[-1][0])},
    )


def cost_by_quantity(
    points: Sequence[tuple[int, Money]], *, at: tuple[int, Money] | None, meter: str
) -> SafeString:
    """The cost as a line over the quantity of one meter, with the quantity asked about marked."""
    most = points[-1]
    high = 1.15 * max((amount.minor for _quantity, amount in points), default=0) or 1.0
    plane = Plane(west=0, east=most[0], low=0, high=high)
    shapes = plane.frame(
        across=[(0, "0"), (most[0], f"{_short(most[0])} {meter}")],
        up=heights(0, high, most[1].currency),
    )
    shapes += plane.line([(float(quantity), float(amount.minor)) for quantity, amount in points])
    if at is not None:
        shapes += plane.mark((float(at[0]), float(at[1].minor)), money(at[1]))
    return plane.picture(
        shapes,
        kind="metered",
        title=_("Cost by quantity"),
        description=_("%(quantity)s %(meter)s cost %(amount)s.")
        % {"quantity": _short(most[0]), "meter": meter, "amount": money(most[1])},
    )


def _short(number: int) -> str:
    return str(format_compact_decimal(number, locale=active_locale(), fraction_digits=1))
