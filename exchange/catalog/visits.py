"""How often a product's page is opened and its sample taken, by day: whole numbers, of nobody in particular.

Own people of the seller and those of the exchange are not counted, nor are programs that say so (the door
knows them). A visit is counted by one statement after what was asked for is made; where it cannot be
counted the visitor notices nothing.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum

import structlog
from django.db import DatabaseError, connection
from django.utils import timezone

from exchange.catalog.lifecycle import KEPT_UP
from exchange.catalog.models import Product, ProductDay
from exchange.members.actors import Actor

log = structlog.get_logger(__name__)

KEPT_DAYS = 400
SHOWN_DAYS = 30
COUNT = """
INSERT INTO catalog_productday (product_id, day, views, samples)
SELECT %(product)s, %(day)s, %(views)s, %(samples)s
WHERE NOT EXISTS (
    SELECT FROM accounts_membership WHERE user_id = %(user)s AND organisation_id = %(seller)s
)
ON CONFLICT (product_id, day) DO UPDATE SET
    views = catalog_productday.views + EXCLUDED.views,
    samples = catalog_productday.samples + EXCLUDED.samples
"""


class Visit(StrEnum):
    """What is counted."""

    VIEW = "views"
    SAMPLE = "samples"


def count(product: Product, visit: Visit, *, actor: Actor, now: datetime) -> None:
    """Count a visit, unless the visitor is of the seller or of the exchange."""
    if product.state not in KEPT_UP or actor.oversees:
        return
    if actor.organisation_id == product.seller_id:
        return
    counted = {
        "product": product.pk, "seller": product.seller_id, "user": actor.user_id, "day": day_of(now),
        "views": int(visit is Visit.VIEW), "samples": int(visit is Visit.SAMPLE),
    }  # fmt: skip
    try:
        with connection.cursor() as cursor:
            cursor.execute(COUNT, counted)
    except DatabaseError as error:
        log.warning("catalog.visit.uncounted", product=product.public_id, error=str(error))


def day_of(moment: datetime) -> date:
    """The day of a moment, in the exchange's zone."""
    return timezone.localtime(moment, timezone.get_default_timezone()).date()


def first_day(now: datetime) -> date:
    """The first of the days that sellers look at, today among them."""
    return day_of(now) - timedelta(days=SHOWN_DAYS - 1)


def purge(*, now: datetime) -> int:
    """Forget the days that nobody looks at any more."""
    old = ProductDay.objects.filter(day__lt=day_of(now) - timedelta(days=KEPT_DAYS))
    deleted, _by_model = old.delete()
    return deleted
