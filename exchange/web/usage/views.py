"""Metered subscriptions, one meter with its receipts, and limits on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from exchange.core import clock
from exchange.core.downloads import Download
from exchange.core.refusals import NotAllowed, NotFound
from exchange.core.titles import title_of
from exchange.members.actors import actor_of, operating_organisation, organisation_of
from exchange.members.permissions import Permission
from exchange.metering import bills, caps, disputes, focus, holds, subscriptions
from exchange.metering.billing import price
from exchange.metering.models import (
    MeteredSubscription,
    UsageAlert,
    UsageBill,
    UsageDispute,
    UsagePeriod,
    UsageReceipt,
)
from exchange.metering.receipts import lines_of, receipt_file, receipt_of
from exchange.metering.subscriptions import subscription_seen_by, subscriptions_of
from exchange.payments import journal
from exchange.web.books.views import MonthForm, months_since
from exchange.web.charts.money import cost_path
from exchange.web.orders.pages import access_url
from exchange.web.pages import KeyPage, key_page, render_page
from exchange.web.submissions import blaming, unprocessable
from exchange.web.usage.cost import ChargeLine, charge_lines
from exchange.web.usage.forms import CapForm, ObjectionForm
from exchange.web.usage.rates import meter_name
from exchange.web.views import acting, attachment, button, get_view, post_view, version_of
from pricing.charges.plans import read_plan
from pricing.money import Money
from pricing.refusals import PricingRefusal

ROWS_PER_PAGE = 30
BILLS_SHOWN_MAX = 24
RECEIPTS_SHOWN_MAX = 31
DISPUTES_SHOWN_MAX = 24


@dataclass(frozen=True)
class MeterRow:
    subscription: MeteredSubscription
    title: str
    is_buyer: bool
    period: UsagePeriod | None
    cost: Money | None
    is_unpriced: bool
    cap: Money | None


@dataclass(frozen=True)
class MetersPage:
    found: KeyPage[MeterRow]
    costs: MonthForm | None


@dataclass(frozen=True)
class MeterPage:
    subscription: MeteredSubscription
    version: int
    title: str
    is_buyer: bool
    access_url: str
    period: UsagePeriod
    cost: Money | None
    unpriced: str
    cap: Money | None
    is_capped: bool
    share_percent: int | None
    set_aside: Money
    is_covered: bool
    used: tuple[tuple[str, int], ...]
    charges: tuple[ChargeLine, ...]
    picture: SafeString
    bills: tuple[UsageBill, ...]
    receipts: tuple[UsageReceipt, ...]
    alerts: tuple[tuple[UsageAlert, Money], ...]
    disputes: tuple[tuple[UsageDispute, str], ...]
    objection: ObjectionForm | None
    default_cap: Money | None
    form: CapForm


@get_view
def show_all(request: HttpRequest) -> HttpResponse:
    """Every subscription by use of the organisation acted for, newest first."""
    _actor, mine = acting(request, Permission.USAGE_SEE)
    found = key_page(request, subscriptions_of(mine), size=ROWS_PER_PAGE)
    newest = subscriptions.running_periods(found.rows)
    costs = bills.running_where_priced(list(newest.values()))
    shown = found.shown_as(lambda one: _row(one, mine, newest.get(one.pk), costs))
    months = months_since(subscriptions.first_used(mine))
    page = MetersPage(shown, MonthForm(months) if months else None)
    return render_page(request, "usage/meters.html", page)


@get_view
def download_costs(request: HttpRequest) -> Download:
    """What the organisation acted for used in the periods that end in a month, in the columns of FOCUS 1.2."""
    _actor, mine = acting(request, Permission.USAGE_SEE)
    month, exchange = (
        journal.period(request.GET.get("month", ""), now=clock.now()),
        operating_organisation(),
    )
    lines = focus.csv_of(
        mine,
        begins_at=month.time.begins_at,
        ends_at=month.time.ends_at,
        provider=exchange.name if exchange else "",
    )
    return Download(lines, name=f"focus-{month.name}.csv", content_type="text/csv; charset=utf-8")


@get_view
def show(request: HttpRequest, subscription_id: str) -> HttpResponse:
    """The meter of one subscription."""
    found = subscription_seen_by(actor_of(request), subscription_id)
    return render_page(request, "usage/meter.html", _page(request, found, None))


@login_required
@require_safe
def version(request: HttpRequest, subscription_id: str) -> HttpResponse:
    """The number that grows with each event, for pages that follow the meter."""
    actor = actor_of(request)
    found = subscription_seen_by(actor, subscription_id)
    counted = bills.events_counted([found.pk]).get(found.pk, 0)
    return version_of(counted, actor=actor)


@post_view
def set_cap(request: HttpRequest, subscription_id: str) -> HttpResponse:
    """As the buyer, cap what a period may cost."""
    actor = actor_of(request)
    found = subscription_seen_by(actor, subscription_id)
    form = CapForm(request.POST, currency=found.currency)
    if form.is_valid():
        with blaming(form, "amount", raising=(NotAllowed, NotFound)):
            caps.set_cap(
                subscription_id,
                actor=actor,
                cap_minor=form.cleaned_data["cap_minor"],
                soft_minor=form.cleaned_data["soft_minor"],
                now=clock.now(),
            )
            messages.success(request, _("The cap holds from now on."))
            return redirect("web:usage_meter", subscription_id)
    page = _page(request, found, form)
    return render_page(request, "usage/meter.html", page, status=unprocessable(form))


@post_view
def object_to(request: HttpRequest, subscription_id: str) -> HttpResponse:
    """As the buyer, object to what was counted on a day."""
    actor = actor_of(request)
    found = subscription_seen_by(actor, subscription_id)
    form = ObjectionForm(request.POST, meters=_meters(found))
    if form.is_valid():
        with blaming(form, "day", raising=(NotAllowed, NotFound)):
            dispute = disputes.object_to(
                subscription_id, actor=actor, now=clock.now(), **form.cleaned_data
            )
            messages.success(request, _("The exchange decides; the bill waits for it."))
            return redirect("web:usage_dispute", dispute.public_id)
    page = _page(request, found, None, objection=form)
    return render_page(request, "usage/meter.html", page, status=unprocessable(form))


end = button(
    subscriptions.end,
    back_to="web:usage_meter",
    said=gettext_lazy("The subscription ends with this period."),
)


def _row(
    one: MeteredSubscription, mine: int, period: UsagePeriod | None, costs: dict[int, Money]
) -> MeterRow:
    return MeterRow(
        subscription=one,
        title=title_of(one.offer.product),
        is_buyer=one.buyer_id == mine,
        period=period,
        cost=costs.get(period.pk) if period else None,
        is_unpriced=period is not None and period.pk not in costs,
        cap=_cap(period) if period else None,
    )


def _cap(period: UsagePeriod) -> Money | None:
    if period.hard_cap_minor is None:
        return None
    return Money(period.hard_cap_minor, period.subscription.currency)


def _meters(found: MeteredSubscription) -> list[str]:
    return sorted(read_plan(dict(found.plan)).meters)


def _page(
    request: HttpRequest,
    found: MeteredSubscription,
    form: CapForm | None,
    *,
    objection: ObjectionForm | None = None,
) -> MeterPage:
    period = found.periods.select_related("subscription").order_by("-number")[0]
    used = bills.used_in(period)
    cost, path, charges, unpriced = _cost(found, period, used)
    cap = _cap(period)
    share = cost.minor * 100 // cap.minor if cap and cost else None
    is_buyer = found.buyer_id == organisation_of(actor_of(request))
    default_minor = found.default_cap_minor
    return MeterPage(
        subscription=found,
        version=bills.events_counted([found.pk]).get(found.pk, 0),
        title=title_of(found.offer.product),
        is_buyer=is_buyer,
        access_url=access_url(found.order) if is_buyer else "",
        period=period,
        cost=cost,
        unpriced=unpriced,
        cap=cap,
        is_capped=cap is not None and cost is not None and cost.minor >= cap.minor,
        share_percent=None if share is None else min(share, 100),
        set_aside=Money(period.hold_minor, found.currency),
        is_covered=cap is None
        or found.hard_cap_minor is None
        or period.hold_minor >= holds.taxed(found, cap).minor,
        used=tuple((meter_name(meter), used[meter]) for meter in sorted(used)),
        charges=charges,
        picture=cost_path(path, begins=period.from_at.date(), ends=period.until_at.date(), cap=cap),
        bills=_bills(found),
        receipts=tuple(
            found.receipts.order_by("-day").defer("document", "note")[:RECEIPTS_SHOWN_MAX]
        ),
        alerts=tuple(
            (one, Money(one.limit_minor, found.currency)) for one in period.alerts.order_by("-pk")
        ),
        disputes=tuple(
            (one, meter_name(one.meter)) for one in disputes.disputes_of(found)[:DISPUTES_SHOWN_MAX]
        ),
        objection=(objection or ObjectionForm(meters=_meters(found))) if is_buyer else None,
        default_cap=None if default_minor is None else Money(default_minor, found.currency),
        form=form or CapForm(currency=found.currency, initial=_caps(found)),
    )


def _cost(
    found: MeteredSubscription, period: UsagePeriod, used: Mapping[str, int]
) -> tuple[Money | None, list[tuple[date, Money]], tuple[ChargeLine, ...], str]:
    """What the period costs, day by day and charge by charge; where the plan has no price for so much,
    nothing of that, and why."""
    try:
        path = bills.path_of(period)
        quote = price(read_plan(dict(found.plan)), used, bills.span_of(period), ended=False)
        cost = path[-1][1] if path else bills.running_net(period)
    except PricingRefusal as refusal:
        return None, [], (), str(refusal.message)
    return cost, path, charge_lines(quote), ""


def _caps(found: MeteredSubscription) -> dict[str, str]:
    minors = {"amount": found.hard_cap_minor, "soft": found.soft_cap_minor}
    return {
        name: "" if minor is None else f"{Money(minor, found.currency).decimal:f}"
        for name, minor in minors.items()
    }


def _bills(found: MeteredSubscription) -> tuple[UsageBill, ...]:
    rows = UsageBill.objects.filter(period__subscription=found).select_related("period", "order")
    return tuple(rows.order_by("-pk")[:BILLS_SHOWN_MAX])


@get_view
def download_bill(request: HttpRequest, subscription_id: str, number: int) -> HttpResponse:
    """A final bill, byte for byte as its hash in the log says."""
    found = subscription_seen_by(actor_of(request), subscription_id)
    bill = UsageBill.objects.filter(period__subscription=found, period__number=number).first()
    if bill is None:
        raise NotFound(_("There is no such bill."))
    return attachment(bytes(bill.document), name=f"{bill.public_id}.json")


@get_view
def download_receipt(request: HttpRequest, subscription_id: str, day: date) -> HttpResponse:
    """A day's signed receipt, as `verify_receipt.py` reads it."""
    found = subscription_seen_by(actor_of(request), subscription_id)
    answer = JsonResponse(receipt_file(receipt_of(found, day)))
    name = f"{found.public_id}-{day.isoformat()}.json"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@get_view
def download_events(request: HttpRequest, subscription_id: str, day: date) -> StreamingHttpResponse:
    """The events of a day's receipt, byte for byte as its hash says."""
    found = subscription_seen_by(actor_of(request), subscription_id)
    receipt = receipt_of(found, day)
    lines = lines_of(found.pk, receipt.day)
    answer = StreamingHttpResponse(lines, content_type="application/x-ndjson")
    name = f"{found.public_id}-{day.isoformat()}.ndjson"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
