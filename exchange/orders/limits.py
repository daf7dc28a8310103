"""How much one person of an organisation may buy alone."""

from datetime import datetime

from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.audit.actions import log
from exchange.core.refusals import Invalid
from exchange.core.use_case import use_case
from exchange.members.actors import Actor, Subject, organisation_of
from exchange.members.permissions import Permission
from exchange.orders.models import BuyingLimit
from pricing.money import Money

# A shared lock: orders do not wait for each other, changes of the limit wait for orders.
READ_LOCKED = """
    SELECT limit_minor FROM orders_buyinglimit
    WHERE organisation_id = %(organisation)s AND currency = %(currency)s
    FOR SHARE
"""


class LimitRefused(Invalid):
    """A buying limit is zero or more."""

    code = "limit_refused"


def _own(*, actor: Actor, **_rest: object) -> Subject:
    return Subject(organisation_id=organisation_of(actor))


@use_case(Permission.LIMIT_SET, about=_own)
def set_limit(*, actor: Actor, limit: Money, now: datetime) -> BuyingLimit:
    """Let orders above the limit wait for a second person of the organisation acted for, from now
    on. Raises LimitRefused below zero."""
    if limit.minor < 0:
        raise LimitRefused(_("A limit is zero or more."), minimum=0)
    organisation = Organisation.objects.get(pk=organisation_of(actor))
    row, _made = BuyingLimit.objects.update_or_create(
        organisation=organisation,
        currency=limit.currency,
        defaults={"limit_minor": limit.minor, "set_by": actor.name, "set_at": now},
    )
    log.record(
        event="orders.limit.set",
        actor=actor.name,
        subject=f"organisation:{organisation.public_id}",
        facts={"currency": limit.currency, "limit_minor": str(limit.minor)},
        at=now,
    )
    return row


@use_case(Permission.LIMIT_SET, about=_own)
def lift_limit(*, actor: Actor, currency: str, now: datetime) -> None:
    """Let one person buy without limit again; nothing happens where there is none."""
    organisation = Organisation.objects.get(pk=organisation_of(actor))
    gone, _by_model = BuyingLimit.objects.filter(
        organisation=organisation, currency=currency
    ).delete()
    if gone:
        log.record(
            event="orders.limit.lifted",
            actor=actor.name,
            subject=f"organisation:{organisation.public_id}",
            facts={"currency": currency},
            at=now,
        )


def limit_of(*, organisation_id: int, currency: str) -> Money | None:
    """The limit, which nobody changes until this transaction ends; None where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(READ_LOCKED, {"organisation": organisation_id, "currency": currency})
        row = cursor.fetchone()
    return None if row is None else Money(row[0], currency)
