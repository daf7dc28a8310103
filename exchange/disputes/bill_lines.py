"""Lines of a bill of use: what a meter counted on a day, which a dispute over the bill's order can be about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from exchange.core.refusals import Invalid
from exchange.disputes.lifecycle import DisputeKind
from exchange.metering.lifecycle import DisputeKind as Doubt
from exchange.metering.models import UsageBill, UsageDay, UsageDispute
from exchange.orders.models import Order

LINES_MAX = 400


class LineRefused(Invalid):
    """A line is one of the order's bill, belongs to a dispute about price or metering, and no objection to it
    was decided before."""

    code = "line_refused"


@dataclass(frozen=True)
class BillLine:
    """What a meter counted on a day (UTC)."""

    day: date
    meter: str
    quantity: int = 0


def lines_of(order: Order) -> Sequence[BillLine]:
    """The lines of the order's bill that can be disputed, by day; none of any other order."""
    bill = UsageBill.objects.filter(order=order).select_related("period").first()
    if bill is None:
        return ()
    subscription_id = bill.period.subscription_id
    rows = UsageDay.objects.filter(subscription=subscription_id, bill_no=bill.period.number)
    totals = rows.order_by("day", "meter").values_list("day", "meter").annotate(Sum("quantity"))
    known = _decided(subscription_id)
    return [
        BillLine(day, meter, quantity)
        for day, meter, quantity in totals[:LINES_MAX]
        if quantity > 0 and (day, meter) not in known
    ]


def check_line(order: Order, line: BillLine, kind: str) -> None:
    """Raise LineRefused unless a dispute of this kind over the order can be about the line."""
    if kind != DisputeKind.WRONG_PRICE:
        raise LineRefused(
            _("A line of the bill belongs to a dispute about price or metering."), field="line"
        )
    bill = UsageBill.objects.filter(order=order).select_related("period").first()
    if bill is not None and (line.day, line.meter) in _decided(bill.period.subscription_id):
        raise LineRefused(
            _("An objection to this day was decided already; it is not disputed again."),
            field="line",
        )
    if (line.day, line.meter) not in {(one.day, one.meter) for one in lines_of(order)}:
        raise LineRefused(_("The bill of this order has no such line."), field="line")


def _decided(subscription_id: int) -> set[tuple[date, str]]:
    """Days and meters to which the buyer objected, or which the exchange decided, before the bill was final."""
    objected = UsageDispute.objects.filter(subscription=subscription_id).filter(
        Q(kind=Doubt.OBJECTION) | Q(decided__isnull=False)
    )
    return set(objected.values_list("day", "meter"))
