"""Doubts about use: reports that are held until the buyer's word, objections, and what is decided.

What is held is not counted. What is decided is counted or corrected by events like any other, in the
bill of the period, which waits for it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from exchange.audit.coverage import require_record, subjects
from exchange.catalog.buyable import receivers_of
from exchange.core.lifecycle import checked_reason
from exchange.core.scheduled import run_due as run_lifecycle
from exchange.core.use_case import use_case
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.metering import holds, recording
from exchange.metering.bills import CLOCK
from exchange.metering.errors import DisputeRefused, UnknownSubscription
from exchange.metering.lifecycle import DISPUTE, DisputeKind, DisputeTransition
from exchange.metering.lines import Columns
from exchange.metering.models import (
    QUANTITY_MAX,
    RULING_SOURCE,
    MeteredSubscription,
    UsageDay,
    UsageDispute,
    UsageHeldEvent,
)
from exchange.metering.plausibility import Group, group_of
from exchange.metering.subscriptions import buyers_own, lock
from exchange.notices import notify
from exchange.notices.notify import Party, notify_organisation
from exchange.orders.lifecycle import Turn
from exchange.orders.reactions import BUYERS, SELLERS


def declare() -> None:
    """Say whom a dispute tells, and that each has its record. For `AppConfig.ready`."""
    require_record(
        name="metering.disputes",
        rows=subjects("dispute", UsageDispute.objects.all()),
        event=["metering.dispute.held", "metering.dispute.objected"],
    )
    notify.declare(
        DISPUTE,
        parties={
            Turn.BUYER: Party("buyer_id", BUYERS),
            Turn.SELLER: Party("seller_id", SELLERS),
        },
        facts=lambda dispute: {
            "product": dispute.subscription.offer.product,
            "day": dispute.day.isoformat(),
            "quantity": dispute.reported,
            "meter": dispute.meter,
        },
    )


@use_case()
def hold(kept: Columns, *, seller_id: int, now: datetime) -> int:
    """Keep these lines of a batch uncounted until the buyer's word; how many they are."""
    lines: dict[Group, dict[tuple[str, str], int]] = defaultdict(dict)
    for index in range(len(kept.places)):
        lines[group_of(kept, index)].setdefault((kept.sources[index], kept.ids[index]), index)
    return sum(
        _hold(group, kept, list(lines[group].values()), seller_id=seller_id, now=now)
        for group in sorted(lines, key=lambda one: (one.subscription, one.day, one.meter))
    )


def _hold(
    group: Group, kept: Columns, indexes: Sequence[int], *, seller_id: int, now: datetime
) -> int:
    which = {
        "subscription_id": group.subscription, "period_no": group.period_no, "day": group.day,
        "meter": group.meter, "kind": DisputeKind.HELD,
    }  # fmt: skip
    total = sum(kept.quantities[index] for index in indexes)
    # One that is being answered this moment is left alone: its answer waits for our lock.
    waiting = UsageDispute.objects.select_for_update(skip_locked=True)
    dispute = waiting.filter(**which, turn=Turn.BUYER).first()
    if dispute is None:
        dispute = UsageDispute(**which, reported=total, created_at=now)
        DISPUTE.transition(dispute, DisputeTransition.HOLD, actor=CLOCK, now=now)
    else:
        dispute.reported += total
        dispute.save(update_fields=["reported"])
    UsageHeldEvent.objects.bulk_create(
        [
            UsageHeldEvent(
                dispute=dispute,
                seller_id=seller_id,
                source=kept.sources[index],
                event_id=kept.ids[index],
                quantity=kept.quantities[index],
                at=kept.moments[index],
            )
            for index in indexes
        ],
        batch_size=1000,
    )
    return len(indexes)


def tell_jumps(groups: frozenset[Group], *, now: datetime) -> None:
    """Tell buyers of reports that are far more than before and are counted, once a day and meter."""
    for group in groups:
        subscription = MeteredSubscription.objects.select_related("offer__product").get(
            pk=group.subscription
        )
        notify_organisation(
            organisation_id=subscription.buyer_id,
            roles=BUYERS,
            kind="metering.use.jumped",
            facts={
                "product": subscription.offer.product,
                "day": group.day.isoformat(),
                "meter": group.meter,
            },
            url=notify.path("metered", subscription.public_id),
            dedupe=f"usage_jump:{group.subscription}:{group.day}:{group.meter}",
            now=now,
        )


def _buyers(dispute: UsageDispute, **_said: object) -> Subject:
    return Subject(organisation_id=dispute.subscription.buyer_id)


def _parties(dispute: UsageDispute, **_said: object) -> Subject:
    """As operators judge it: nobody rules on what his own organisation buys, sells or gets a part of."""
    subscription = dispute.subscription
    return Subject(
        organisation_id=subscription.seller_id,
        other_side=frozenset({subscription.buyer_id, subscription.seller_id}),
        receivers=partial(receivers_of, subscription.offer.product_id),
    )


@use_case(Permission.USAGE_DISPUTE, about=buyers_own)
def object_to(
    subscription_id: str,
    *,
    day: date,
    meter: str,
    accepted: int,
    reason: str,
    actor: Actor,
    now: datetime,
) -> UsageDispute:
    """As the buyer, object to what a meter counted on a day (UTC): `accepted` is what was used in the
    buyer's own count. Raises DisputeRefused for what was not counted, is billed for good, or is in
    dispute already."""
    subscription = lock(public_id=subscription_id)
    reason = checked_reason(reason)
    period_no, counted = _counted(subscription, day, meter)
    if period_no is None:
        raise DisputeRefused(_("Nothing was counted by this meter on that day."), field="day")
    if period_no <= subscription.final_no:
        raise DisputeRefused(
            _(
                "The bill of that period is final. Object to its order while it is under inspection."
            ),
            field="day",
        )
    if not 0 <= accepted < counted:
        raise DisputeRefused(
            _("Give what you accept: from 0 to less than the %(counted)s that were counted.")
            % {"counted": counted},
            field="accepted",
            counted=counted,
        )
    which = {"subscription": subscription, "period_no": period_no, "day": day, "meter": meter}
    _check_undecided(which, counted)
    dispute = UsageDispute(
        **which,
        kind=DisputeKind.OBJECTION,
        reported=counted,
        accepted=accepted,
        reason=reason,
        created_at=now,
    )
    return DISPUTE.transition(
        dispute, DisputeTransition.OBJECT, actor=actor, reason=reason, now=now
    )


def _check_undecided(which: Mapping[str, Any], counted: int) -> None:
    """Raise DisputeRefused for what is in dispute, or was decided and is no more than was left of it:
    a bill does not wait for the same doubt twice."""
    disputes = UsageDispute.objects.filter(**which)
    if disputes.filter(turn__in=(Turn.BUYER, Turn.OPERATOR)).exists():
        raise DisputeRefused(_("This day is in dispute already."), field="day")
    last = disputes.filter(kind=DisputeKind.OBJECTION).order_by("-pk").first()
    if last is not None and counted <= (last.reported if last.decided is None else last.decided):
        raise DisputeRefused(
            _("An objection to this day was decided already, and nothing was counted since."),
            field="day",
        )


def _counted(subscription: MeteredSubscription, day: date, meter: str) -> tuple[int | None, int]:
    rows = UsageDay.objects.filter(subscription=subscription, day=day, meter=meter).order_by()
    latest = rows.values("period_no").annotate(total=Sum("quantity")).order_by("-period_no").first()
    return (None, 0) if latest is None else (latest["period_no"], int(latest["total"]))


@use_case(Permission.USAGE_DISPUTE, locks=DISPUTE, about=_buyers)
def confirm(dispute: UsageDispute, *, actor: Actor, now: datetime) -> UsageDispute:
    """As the buyer, say that a report is right, or take an objection back: it counts as reported."""
    DISPUTE.transition(dispute, DisputeTransition.CONFIRM, actor=actor, now=now)
    _count_held(dispute, now=now)
    return dispute


@use_case(Permission.USAGE_DISPUTE, locks=DISPUTE, about=_buyers)
def refuse(
    dispute: UsageDispute, *, reason: str, actor: Actor, now: datetime, accepted: int = 0
) -> UsageDispute:
    """As the buyer, refuse a held report, or all of it but `accepted`: the exchange decides."""
    if not 0 <= accepted <= dispute.reported:
        raise DisputeRefused(
            _("Give what you accept: from 0 to what was reported."),
            field="accepted", counted=dispute.reported,
        )  # fmt: skip
    dispute.reason, dispute.accepted = checked_reason(reason), accepted
    return DISPUTE.transition(
        dispute, DisputeTransition.REFUSE, actor=actor, reason=reason,
        save=("reason", "accepted"), now=now,
    )  # fmt: skip


@use_case(Permission.USAGE_RULE, locks=DISPUTE, about=_parties)
def rule_on(
    dispute: UsageDispute, *, decided: int, reason: str, actor: Actor, now: datetime
) -> UsageDispute:
    """As an operator, decide what counts of a report: all of it, or less, which is booked as a
    correction. Raises DisputeRefused for more than was reported."""
    if not 0 <= decided <= dispute.reported:
        raise DisputeRefused(
            _("Decide between 0 and the %(counted)s that were reported.")
            % {"counted": dispute.reported},
            field="decided", counted=dispute.reported,
        )  # fmt: skip
    dispute.decided, dispute.ruling = decided, checked_reason(reason)
    is_right = decided == dispute.reported
    name = DisputeTransition.REJECT if is_right else DisputeTransition.UPHOLD
    DISPUTE.transition(
        dispute, name, actor=actor, reason=reason, facts={"decided": str(decided)},
        save=("decided", "ruling"), now=now,
    )  # fmt: skip
    if is_right:
        _count_held(dispute, now=now)
    else:
        _correct(dispute, decided, now=now)
    return dispute


def run_due(*, now: datetime) -> int:
    """Have the exchange decide what the buyer did not answer in time; how many."""
    return sum(run_lifecycle(DISPUTE, {DisputeTransition.OVERDUE: _overdue}, now=now).values())


def _overdue(dispute: UsageDispute, *, now: datetime) -> UsageDispute:
    return DISPUTE.transition(dispute, DisputeTransition.OVERDUE, actor=CLOCK, now=now)


def disputes_of(subscription: MeteredSubscription) -> QuerySet[UsageDispute]:
    """Newest first."""
    return UsageDispute.objects.filter(subscription=subscription).order_by("-pk")


def dispute_seen_by(actor: Actor, public_id: str) -> UsageDispute:
    """One of the actor's organisation's, as buyer or seller. Raises UnknownSubscription."""
    rows = UsageDispute.objects.select_related(
        "subscription__buyer", "subscription__seller", "subscription__offer__product"
    )
    dispute = rows.filter(public_id=public_id).first()
    sides = () if dispute is None else (dispute.buyer_id, dispute.seller_id)
    if dispute is None or actor.organisation_id not in sides:
        raise UnknownSubscription(_("There is no such dispute."))
    policy.require(actor, Permission.USAGE_SEE, Subject(organisation_id=actor.organisation_id))
    return dispute


def _count_held(dispute: UsageDispute, *, now: datetime) -> None:
    """Count the events of a held report; an objection's are counted already."""
    events = list(dispute.events.order_by("pk"))
    if events:
        lines = [(one.source, one.event_id, one.quantity, one.at) for one in events]
        _keep(dispute, lines, now=now)


def _correct(dispute: UsageDispute, decided: int, *, now: datetime) -> None:
    """Book what was decided: of a held report it is all that counts, of what was counted the rest is
    taken off. An event counts up to QUANTITY_MAX, so that more than that becomes several."""
    is_held = dispute.kind == DisputeKind.HELD
    quantity = decided if is_held else decided - dispute.reported
    if not quantity:
        return
    first = dispute.events.order_by("at").first()
    at = first.at if first else datetime(*dispute.day.timetuple()[:3], 12, tzinfo=UTC)
    sign = 1 if quantity > 0 else -1
    parts = [
        sign * min(QUANTITY_MAX, abs(quantity) - taken)
        for taken in range(0, abs(quantity), QUANTITY_MAX)
    ]
    lines = [
        (RULING_SOURCE, f"{dispute.public_id}.{number}", part, at)
        for number, part in enumerate(parts, start=1)
    ]
    _keep(dispute, lines, now=now)


def _keep(
    dispute: UsageDispute, lines: Sequence[tuple[str, str, int, datetime]], *, now: datetime
) -> None:
    subscription = lock(pk=dispute.subscription_id)
    kept = Columns()
    for place, (source, event_id, quantity, at) in enumerate(lines):
        kept.add(
            place=place,
            subscription=subscription.pk,
            source=source,
            event_id=event_id,
            meter=dispute.meter,
            quantity=quantity,
            at=at,
            period=dispute.period_no,
            final_no=subscription.final_no,
        )
    recording.keep(kept, seller_id=subscription.seller_id, now=now)
    period = subscription.periods.filter(number=dispute.period_no).first()
    if period is not None:
        holds.set_aside(period, actor=CLOCK, now=now)
    recording.follow({subscription.pk: subscription.public_id}, now=now)


def facts_of(dispute: UsageDispute) -> Mapping[str, object]:
    """What the log keeps of a dispute."""
    return {
        "subscription": dispute.subscription.public_id,
        "day": dispute.day.isoformat(),
        "meter": dispute.meter,
        "reported": str(dispute.reported),
    }


DISPUTE.record_facts = lambda dispute, _change: facts_of(dispute)
