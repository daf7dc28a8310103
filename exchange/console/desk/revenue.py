"""What the seller earned month by month: a picture on the first page, and the same as a table."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import formats
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from exchange.core import clock
from exchange.core.formatting import money_shown
from exchange.core.pictures import Plane, heights
from exchange.members import policy
from exchange.members.actors import Actor, Subject, organisation_of
from exchange.members.permissions import Permission
from exchange.payments.queries import MonthEarned, earned_by_month
from pricing.money import Money

MONTHS_SHOWN = 12


@dataclass(frozen=True)
class Revenue:
    """The last months in one currency."""

    title: str
    total: str
    picture: SafeString
    table: dict[str, list[str] | list[list[str]]]


def revenue_of(actor: Actor) -> list[Revenue]:
    """For those who see what the organisation earns, one a currency; nothing before the first sale."""
    mine = organisation_of(actor)
    if not policy.allowed(actor, Permission.EARNINGS_SEE, Subject(organisation_id=mine)):
        return []
    earned = earned_by_month(mine, now=clock.now(), months=MONTHS_SHOWN)
    return [_revenue(months, currency) for currency, months in earned.items()]


def _revenue(months: Sequence[MonthEarned], currency: str) -> Revenue:
    total = Money(sum(one.net.minor for one in months), currency)
    return Revenue(
        title=_("Earned in %(currency)s, by the month of settlement") % {"currency": currency},
        total=money_shown(total),
        picture=_picture(months, total),
        table={
            "headers": [_("month"), _("earned")],
            "rows": [[_month(one), money_shown(one.net)] for one in reversed(months)],
        },
    )


def _picture(months: Sequence[MonthEarned], total: Money) -> SafeString:
    best = max(months, key=lambda one: one.net.minor)
    high = 1.12 * max(1, best.net.minor)
    plane = Plane(west=0, east=len(months), low=0, high=high)
    shapes = plane.frame(
        across=[(0, _month(months[0])), (len(months), _month(months[-1]))],
        up=heights(0, high, total.currency),
    )
    return plane.picture(
        shapes + plane.bars([one.net.minor for one in months]),
        kind="earned",
        title=_("Earned by month"),
        description=_("%(total)s in %(count)d months; most in %(month)s: %(most)s.")
        % {
            "total": money_shown(total),
            "count": len(months),
            "month": _month(best),
            "most": money_shown(best.net),
        },
    )


def _month(one: MonthEarned) -> str:
    return str(formats.date_format(one.begins, "YEAR_MONTH_FORMAT"))
