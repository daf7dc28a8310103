"""Licence windows: taken with the order, begun at the delivery, given free when nothing comes of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q
from django.utils.translation import gettext as _

from exchange.catalog.lifecycle import OfferKind
from exchange.core.lifecycle import Change
from exchange.core.periods import after_periods
from exchange.orders.errors import LicenceExcluded
from exchange.orders.models import LicenceWindow, Order

CONSTRAINT = "licence_window_respects_exclusive_ones"
# Two that meet at the constraint, each written before it was checked, would wait for each other. So who writes an
# exclusive window waits here for all other writers of the product's windows, and these for it, but not among
# themselves: their windows are never in each other's way.
LOCK_ALONE = "SELECT pg_advisory_xact_lock(hashtext('licence_window'), %s)"
LOCK_SHARED = "SELECT pg_advisory_xact_lock_shared(hashtext('licence_window'), %s)"
LOCK_KEYS = 2**31


def take(*, order: Order, exclusive: bool, now: datetime) -> LicenceWindow:
    """Take the time in which the order licenses its product. Raises LicenceExcluded.

    Without an exclusive licence of the product nobody waits for anybody here.
    """
    start = order.period_from or now
    with _refused(order, exclusive=exclusive):
        return LicenceWindow.objects.create(
            order=order,
            product_id=order.product_id,
            buyer_id=order.buyer_id,
            during=DateTimeTZRange(start, _end(order, start)),
            exclusive=exclusive,
        )


def is_exclusive(order: Order) -> bool:
    """Whether the order is for an exclusive licence."""
    return LicenceWindow.objects.filter(order=order, exclusive=True).exists()


def begin(*, order: Order, now: datetime) -> None:
    """Let the window begin with the delivery. Raises LicenceExcluded where that comes so late that
    another's exclusive time has begun, or its own would reach into another's."""
    start = order.period_from or now
    with _refused(order, exclusive=is_exclusive(order)):
        LicenceWindow.objects.filter(order=order, freed_at=None).update(
            during=DateTimeTZRange(start, _end(order, start))
        )


def extend(order: Order, *, until: datetime) -> None:
    """Let the window end later, with the access. Raises LicenceExcluded where that reaches into another's."""
    with _refused(order, exclusive=is_exclusive(order)):
        for window in LicenceWindow.objects.filter(order=order, freed_at=None):
            window.during = DateTimeTZRange(window.during.lower, until)
            window.save(update_fields=["during"])


def free(order: Order, change: Change) -> None:
    """Give the window free: the order licenses nothing any more. A reaction to its end."""
    LicenceWindow.objects.filter(order=order, freed_at=None).update(freed_at=change.at)


def _end(order: Order, start: datetime) -> datetime | None:
    """When the licence ends; None: never."""
    if order.period_until is not None:
        return order.period_until
    offer = order.terms["offer"]
    if offer["kind"] == OfferKind.SUBSCRIPTION:
        return after_periods(start, offer["period"], 1)
    days = offer["access_days"]
    return None if days is None else start + timedelta(days=days)


@contextmanager
def _refused(order: Order, *, exclusive: bool) -> Iterator[None]:
    with connection.cursor() as cursor:
        lock = LOCK_ALONE if exclusive else LOCK_SHARED
        cursor.execute(lock, [order.product_id % LOCK_KEYS])
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if CONSTRAINT not in str(error):
            raise
        raise LicenceExcluded(
            _("The product is licensed exclusively, or to others, at that time."),
            product=order.product.public_id,
            until=_until(order),
        ) from None


def _until(order: Order) -> str | None:
    """When the exclusive licence that stands in the way ends; None: never, or it is the other way
    round."""
    found = LicenceWindow.objects.filter(
        Q(product_id=order.product_id, exclusive=True, freed_at=None)
    ).order_by("-during__endswith")
    window = found.first()
    return (
        None if window is None or window.during.upper is None else window.during.upper.isoformat()
    )
