"""Giving the right to data, taking it back, letting it rest, letting it end."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from exchange.catalog.lifecycle import Future, History
from exchange.core.moves import check_move
from exchange.core.refusals import Invalid, NotFound
from exchange.delivery.models import Entitlement, EntitlementStep
from exchange.delivery.models.entitlements import REASON_CHARS_MAX
from exchange.delivery.states import ENTITLEMENT_MOVES, EntitlementState

EXPIRED_MAX = 100


@transaction.atomic
def grant(
    *,
    order_ref: str,
    organisation_id: int,
    product_id: int,
    terms: Mapping[str, Any],
    history: History,
    history_count: int | None,
    future: Future,
    new_since: datetime,
    valid_until: datetime | None,
    actor: str,
    now: datetime,
) -> tuple[Entitlement, bool]:
    """The entitlement of an order and whether it is new: an order brings one, however often asked."""
    entitlement, is_new = Entitlement.objects.get_or_create(
        order_ref=order_ref,
        defaults={
            "organisation_id": organisation_id,
            "product_id": product_id,
            "terms": dict(terms),
            "history": history,
            "history_count": history_count if history is History.LAST else None,
            "future": future,
            "new_since": min(new_since, now),
            "valid_from": now,
            "valid_until": valid_until,
        },
    )
    if is_new:
        EntitlementStep.objects.create(
            entitlement=entitlement, target=EntitlementState.ACTIVE, by=actor, at=now
        )
    return entitlement, is_new


def revoke(*, entitlement_id: int, reason: str, actor: str, now: datetime) -> EntitlementStep:
    """Take the right back for good, from the next request on."""
    return _move(entitlement_id, EntitlementState.REVOKED, _stated(reason), actor, now)


def suspend(*, entitlement_id: int, reason: str, actor: str, now: datetime) -> EntitlementStep:
    """Let the right rest until it is resumed, from the next request on."""
    return _move(entitlement_id, EntitlementState.SUSPENDED, _stated(reason), actor, now)


def resume(*, entitlement_id: int, reason: str, actor: str, now: datetime) -> EntitlementStep:
    """End the rest."""
    return _move(entitlement_id, EntitlementState.ACTIVE, _stated(reason), actor, now)


def expire_due(*, actor: str, now: datetime) -> list[EntitlementStep]:
    """Mark those whose end has come, up to EXPIRED_MAX. They opened nothing since their end anyway."""
    due = (
        Entitlement.objects.filter(
            state__in=[EntitlementState.ACTIVE, EntitlementState.SUSPENDED], valid_until__lte=now
        )
        .order_by("valid_until")
        .select_for_update(skip_locked=True)
    )
    with transaction.atomic():
        return [
            _step(entitlement, EntitlementState.EXPIRED, "", actor, now)
            for entitlement in due[:EXPIRED_MAX]
        ]


@transaction.atomic
def _move(
    entitlement_id: int, target: EntitlementState, reason: str, actor: str, now: datetime
) -> EntitlementStep:
    entitlement = Entitlement.objects.select_for_update().filter(pk=entitlement_id).first()
    if entitlement is None:
        raise NotFound(_("There is no such purchase."))
    return _step(entitlement, target, reason, actor, now)


def _step(
    entitlement: Entitlement, target: EntitlementState, reason: str, actor: str, now: datetime
) -> EntitlementStep:
    source = EntitlementState(entitlement.state)
    check_move(ENTITLEMENT_MOVES, source, target)
    entitlement.state, entitlement.reason = target, reason
    entitlement.save(update_fields=["state", "reason"])
    return EntitlementStep.objects.create(
        entitlement=entitlement, source=source, target=target, by=actor, reason=reason, at=now
    )


def _stated(reason: str) -> str:
    stated = reason.strip()
    if not stated or len(stated) > REASON_CHARS_MAX:
        raise Invalid(_("Please give a reason."), chars_max=REASON_CHARS_MAX)
    return stated
