"""What use would cost at each quantity, up to a most and beyond."""

from collections.abc import Sequence

from babel.numbers import format_compact_decimal
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from exchange.web.charts.drawing import picture
from exchange.web.charts.plane import HEIGHT, WIDTH, Plane, heights
from exchange.web.templatetags.assay import active_locale, money
from pricing.money import Money


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
    return picture(
        shapes,
        width=WIDTH,
        height=HEIGHT,
        kind="metered",
        title=_("Cost by quantity"),
        description=_("%(quantity)s %(meter)s cost %(amount)s.")
        % {"quantity": _short(most[0]), "meter": meter, "amount": money(most[1])},
    )


def _short(number: int) -> str:
    return str(format_compact_decimal(number, locale=active_locale(), fraction_digits=1))
