"""Auctions drawn: bids over time, and bids in the plane of price and quantity."""

from collections.abc import Sequence
from datetime import datetime

from babel.dates import format_datetime
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exchange.core.formatting import active_locale, short_moment
from exchange.core.pictures import WIDTH, Plane, heights, picture, short
from exchange.web.templatetags.assay import count, money
from pricing.money import Money

DAY_SECONDS = 86_400
DOTS_MAX = 60
RUNGS_MAX = 10
RUNG_PX = 34


def price_over_time(
    points: Sequence[tuple[datetime, int]], *, currency: str, begins: datetime, ends: datetime
) -> SafeString:
    """The standing price from the first bid to `ends`. Empty without a bid."""
    if not points:
        return SafeString("")
    places = [(at.timestamp(), float(price)) for at, price in points]
    prices = [price for _at, price in points]
    low, high = 0.9 * min(prices), 1.05 * max(prices)
    west = min(begins, points[0][0]).timestamp()
    east = max(ends, points[-1][0]).timestamp()
    plane = Plane(west=west, east=max(east, west + 1), low=low, high=high)
    last = Money(prices[-1], currency)
    shapes = (
        plane.frame(
            across=[(west, _moment(west, east)), (plane.east, _moment(plane.east, west))],
            up=heights(low, high, currency),
        )
        + plane.steps([*places, (plane.east, places[-1][1])])
        + plane.dots(places[-DOTS_MAX:])
        + plane.mark(places[-1], money(last))
    )
    return plane.picture(
        shapes,
        kind="prices",
        title=_("The standing price over time"),
        description=ngettext(
            "After %(count)d bid the price stands at %(price)s; it began at %(first)s.",
            "After %(count)d bids the price stands at %(price)s; it began at %(first)s.",
            len(points),
        )
        % {
            "count": len(points),
            "price": money(last),
            "first": money(Money(prices[0], currency)),
        },
    )


def ladder(rungs: Sequence[tuple[str, Money, bool]]) -> SafeString:
    """Bidders, best first, as bars: name, highest amount that may be shown, and whether it is one's
    own. Empty without any."""
    shown = list(rungs)[:RUNGS_MAX]
    if not shown:
        return SafeString("")
    highest = max(amount.minor for _name, amount, _mine in shown) or 1
    shapes = format_html_join(
        "",
        '<text class="{}" x="0" y="{}">{}</text>'
        '<text class="strong" x="{}" y="{}" text-anchor="end">{}</text>'
        '<rect class="bar soft" x="0" y="{}" width="{}" height="10"></rect>'
        '<rect class="{}" x="0" y="{}" width="{}" height="10"></rect>',
        (
            (
                "strong" if mine else "name", number * RUNG_PX + 12, name,
                WIDTH, number * RUNG_PX + 12, money(amount),
                number * RUNG_PX + 18, WIDTH,
                "bar mine" if mine else "bar", number * RUNG_PX + 18,
                short(max(amount.minor / highest * WIDTH, 2)),
            )
            for number, (name, amount, mine) in enumerate(shown)
        ),
    )  # fmt: skip
    return picture(
        shapes,
        width=WIDTH,
        height=RUNG_PX * len(shown),
        kind="ladder",
        title=_("Bid ladder"),
        description="; ".join(f"{name}: {money(amount)}" for name, amount, _mine in shown),
    )


def demand(
    points: Sequence[tuple[int, int]],
    *,
    currency: str,
    price_minor: int | None,
    sold: int,
    supply: int,
) -> SafeString:
    """Units asked for at each price or above, what there was, and where it cleared."""
    if not points:
        return SafeString("")
    prices = [price for price, _units in points]
    high, low = 1.08 * max(prices), min(0.9 * min(prices), float(price_minor or max(prices)))
    units = points[-1][1]
    plane = Plane(west=0, east=max(units, supply, 1) * 1.04, low=max(low, 0), high=high)
    corners: list[tuple[float, float]] = []
    before = 0
    for price, total in points:
        corners += [(before, price), (total, price)]
        before = total
    shapes = plane.frame(
        across=[(0, "0"), (units, count(units))], up=heights(plane.low, plane.high, currency)
    ) + plane.line(corners)
    if supply <= units * 2:
        shapes += plane.upright(supply, _("for sale: %(supply)s") % {"supply": count(supply)})
    said = _("%(units)s asked for, %(sold)s sold.") % {"units": count(units), "sold": count(sold)}
    if price_minor is not None and sold:
        clearing = money(Money(price_minor, currency))
        shapes += plane.mark((sold, price_minor), clearing)
        said += " " + _("It cleared at %(price)s.") % {"price": clearing}
    return plane.picture(
        shapes,
        kind="demand",
        title=_("What was asked for at each price"),
        description=said,
    )


def _moment(at: float, other: float) -> str:
    moment = timezone.localtime(datetime.fromtimestamp(at, tz=timezone.get_current_timezone()))
    if abs(at - other) >= DAY_SECONDS:
        return short_moment(moment)
    pattern = "HH:mm" if abs(at - other) >= DAY_SECONDS / 48 else "HH:mm:ss"
    return str(format_datetime(moment, pattern, tzinfo=moment.tzinfo, locale=active_locale()))
