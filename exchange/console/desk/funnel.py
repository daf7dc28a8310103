"""From views to samples to purchases: of all that a seller has on offer, of one product, and as columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from exchange.catalog.models import Product, ProductDay
from exchange.catalog.visits import SHOWN_DAYS, first_day
from exchange.core.formatting import count_shown
from exchange.orders.models import Order
from exchange.orders.queries import purchases_since

PERCENT = 100


@dataclass(frozen=True)
class Stage:
    """One step: its number, and how many of the step before that is, where there was one."""

    label: str
    number: int
    share: str
    most: int

    @property
    def shown(self) -> str:
        return count_shown(self.number)


@dataclass(frozen=True)
class Funnel:
    """The steps of the last days, and since when."""

    title: str
    stages: Sequence[Stage]


def funnel_of(products: QuerySet[Product], *, now: datetime) -> Funnel:
    """Of all of these products together, in two statements."""
    chosen = products.order_by().values("pk")
    days = ProductDay.objects.filter(product__in=chosen, day__gte=first_day(now))
    sums = days.aggregate(views=Sum("views"), samples=Sum("samples"))
    bought = purchases_since(_begin(now)).filter(product__in=chosen).count()
    views, samples = sums["views"] or 0, sums["samples"] or 0
    most = max(views, samples, bought, 1)
    return Funnel(
        title=ngettext(
            "From views to purchases: the last %(days)d day",
            "From views to purchases: the last %(days)d days",
            SHOWN_DAYS,
        )
        % {"days": SHOWN_DAYS},
        stages=(
            Stage(_("Views of the page"), views, "", most),
            Stage(_("Samples taken"), samples, _share(samples, views), most),
            Stage(pgettext("sales", "Purchases"), bought, _share(bought, views), most),
        ),
    )


def with_counts(products: QuerySet[Product], *, now: datetime) -> QuerySet[Product]:
    """The same rows, each with its views, samples and purchases of those days."""
    days = ProductDay.objects.filter(product=OuterRef("pk"), day__gte=first_day(now)).order_by()
    orders = purchases_since(_begin(now)).filter(product=OuterRef("pk")).order_by()
    return products.annotate(
        views_lately=_sum(days, "views"),
        samples_lately=_sum(days, "samples"),
        purchases_lately=_count(orders),
    )


def _sum(days: QuerySet[ProductDay], name: str) -> Coalesce:
    summed = days.values("product").annotate(sum=Sum(name)).values("sum")
    return Coalesce(Subquery(summed, output_field=IntegerField()), Value(0))


def _count(orders: QuerySet[Order]) -> Coalesce:
    counted = orders.values("product").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))


def _begin(now: datetime) -> datetime:
    """The first moment of the first day, in the exchange's zone."""
    return timezone.make_aware(
        datetime.combine(first_day(now), time.min), timezone.get_default_timezone()
    )


def _share(number: int, views: int) -> str:
    """How many of a hundred views; nothing where no page was viewed."""
    if not views:
        return ""
    return _("%(share)s for 100 views") % {"share": f"{number * PERCENT / views:.3g}"}
