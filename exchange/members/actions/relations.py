"""Declaring that two organisations are related, and ending it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.core.refusals import Invalid, NotFound, Refusal
from exchange.members.actions.steps import check_reason
from exchange.members.models import RelatedParty
from exchange.members.models.relations import RelationKind
from exchange.members.queries.relations import are_related


class RelationRefused(Invalid):
    """An organisation is not related to itself."""

    code = "relation_refused"


class RelationKnown(Refusal):
    """The two organisations were declared to be related already."""

    code = "relation_known"


@transaction.atomic
def declare_relation(
    *,
    organisation: Organisation,
    other: Organisation,
    kind: RelationKind,
    reason: str,
    actor: str,
    now: datetime,
) -> RelatedParty:
    """Write that the two are related from now on. Raises RelationRefused, RelationKnown."""
    if organisation.pk == other.pk:
        raise RelationRefused(_("Choose another organisation."), field="other")
    pair = sorted((organisation.pk, other.pk))
    list(Organisation.objects.select_for_update(no_key=True).filter(pk__in=pair).order_by("pk"))
    if are_related(*pair, at=now):
        raise RelationKnown(_("This relation was declared already."))
    return RelatedParty.objects.create(
        organisation=organisation,
        other=other,
        kind=kind,
        reason=check_reason(reason),
        declared_by=actor,
        declared_at=now,
    )


@transaction.atomic
def end_relation(*, relation_id: str, now: datetime) -> RelatedParty:
    """Note that the two are no longer related. Raises NotFound, RelationKnown when it has ended."""
    found = (
        RelatedParty.objects.select_for_update(of=("self",), no_key=True)
        .select_related("organisation", "other")
        .filter(public_id=relation_id, ended_at=None)
        .first()
    )
    if found is None:
        raise NotFound(_("There is no such relation."))
    found.ended_at = now
    found.save(update_fields=["ended_at"])
    return found
