"""Events come in: from the seller's programs in batches, and from our own deliveries one by one."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from exchange.core.actions import live
from exchange.core.ids import new_id
from exchange.delivery.models import Entitlement
from exchange.flows import usage_alerts
from exchange.flows.usage_plans import bounds, check_cap
from exchange.members import policy
from exchange.members.actors import Actor, Subject, organisation_of
from exchange.members.permissions import Permission
from exchange.metering.actions import intake
from exchange.metering.actions.intake import Taken
from exchange.metering.errors import BatchRefused
from exchange.metering.lines import AHEAD_MAX, Target
from exchange.metering.models import MeteredSubscription
from exchange.metering.queries.bills import events_counted

BATCH_MAX = 10_000
OWN_SOURCE = "assay.delivery"


@transaction.atomic
def report(*, actor: Actor, lines: object, now: datetime) -> Taken:
    """As the seller, report a batch. What is new is kept, what is known is counted, and what cannot
    be kept is refused line by line; sending it again changes nothing. Raises BatchRefused."""
    seller_id = organisation_of(actor)
    policy.require(actor, Permission.USAGE_REPORT, Subject(organisation_id=seller_id))
    if not isinstance(lines, list) or not 0 < len(lines) <= BATCH_MAX:
        raise BatchRefused(
            _("Send a list of 1 to %(limit)d events.") % {"limit": BATCH_MAX}, limit=BATCH_MAX
        )
    named = {line.get("subscription") for line in lines if isinstance(line, dict)}
    targets = _locked(seller_id, {name for name in named if isinstance(name, str)}, now=now)
    taken = intake.take(seller_id=seller_id, lines=lines, targets=targets, now=now)
    _follow(targets, now=now)
    return taken


def count_delivery(
    *, entitlement: Entitlement, quantities: Mapping[str, int], now: datetime
) -> None:
    """Count one of our own deliveries, where it is paid by use. Raises CapReached."""
    found = MeteredSubscription.objects.filter(order_ref=entitlement.order_ref).first()
    if found is None:
        return
    refusal = check_cap(found)
    if refusal is not None:
        raise refusal
    targets = _locked(found.seller_id, {found.public_id}, now=now)
    meters = targets[found.public_id].meters
    event_id = new_id("use")
    lines = [
        {
            "subscription": found.public_id,
            "source": OWN_SOURCE,
            "event_id": f"{event_id}.{meter}",
            "meter": meter,
            "quantity": quantity,
            "at": now.isoformat(),
        }
        for meter, quantity in quantities.items()
        if meter in meters
    ]
    intake.take(seller_id=found.seller_id, lines=lines, targets=targets, now=now)
    _follow(targets, now=now)


def _follow(targets: Mapping[str, Target], *, now: datetime) -> None:
    """Let open meters know that something was counted, and buyers that a cap is near."""
    usage_alerts.raise_due([target.pk for target in targets.values()], now=now)
    counted = events_counted([target.pk for target in targets.values()])
    for name, target in targets.items():
        live.announce(topic=f"usage:{name}", version=counted.get(target.pk, 0))


def _locked(seller_id: int, names: set[str], *, now: datetime) -> dict[str, Target]:
    """The seller's subscriptions of these ids, which nobody closes before this transaction ends."""
    rows = MeteredSubscription.objects.filter(seller_id=seller_id, public_id__in=names)
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    locked = _share(keys)
    return {one.public_id: _target(one, now) for one in locked}


def _share(keys: Sequence[int]) -> list[MeteredSubscription]:
    return list(MeteredSubscription.objects.raw(intake.SHARE, {"keys": list(keys)}) if keys else ())


def _target(subscription: MeteredSubscription, now: datetime) -> Target:
    starts = [subscription.began_at]
    while starts[-1] <= now + AHEAD_MAX:
        starts.append(bounds(subscription, len(starts))[1])
    meters = {charge.get("meter") for charge in subscription.plan["charges"]}
    return Target(
        pk=subscription.pk,
        meters=frozenset(meter for meter in meters if meter),
        starts=starts,
        ends_at=subscription.ends_at,
        final_no=subscription.final_no,
    )
