"""How much one person of an organisation may buy alone."""

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from exchange.core.refusals import Invalid
from exchange.orders.actions import limits_sql
from exchange.orders.models import BuyingLimit
from pricing.money import Money


class LimitRefused(Invalid):
    """A buying limit is zero or more."""

    code = "limit_refused"


@transaction.atomic
def set_limit(*, organisation_id: int, limit: Money, actor: str, now: datetime) -> BuyingLimit:
    """Set the limit for one currency; it holds for orders placed from now on."""
    if limit.minor < 0:
        raise LimitRefused(_("A limit is zero or more."), minimum=0)
    row, _made = BuyingLimit.objects.update_or_create(
        organisation_id=organisation_id,
        currency=limit.currency,
        defaults={"limit_minor": limit.minor, "set_by": actor, "set_at": now},
    )
    return row


@transaction.atomic
def lift_limit(*, organisation_id: int, currency: str) -> bool:
    """Let one person buy without limit; whether there was one."""
    found = BuyingLimit.objects.filter(organisation_id=organisation_id, currency=currency)
    gone, _by_model = found.delete()
    return gone > 0


def limit_of(*, organisation_id: int, currency: str) -> Money | None:
    """The limit, which nobody changes until this transaction ends; None where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            limits_sql.READ_STEADY, {"organisation": organisation_id, "currency": currency}
        )
        row = cursor.fetchone()
    return None if row is None else Money(row[0], currency)
