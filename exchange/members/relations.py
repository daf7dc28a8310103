"""Related organisations: declared and ended by operators, asked wherever one could favour the other."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.audit import log
from exchange.core.lifecycle import checked_reason
from exchange.core.refusals import Invalid, NotFound, Refusal
from exchange.core.use_case import use_case
from exchange.members.actors import Actor
from exchange.members.models import RelatedParty, RelationKind
from exchange.members.permissions import Permission


class RelationRefused(Invalid):
    """An organisation is not related to itself."""

    code = "relation_refused"


class RelationKnown(Refusal):
    """The two organisations were declared to be related already."""

    code = "relation_known"


@use_case(Permission.CONSOLE_CHANGE)
def declare(
    *,
    actor: Actor,
    organisation_id: str,
    other_id: str,
    kind: RelationKind,
    reason: str,
    now: datetime,
) -> RelatedParty:
    """As an operator, write down that two organisations are related from now on, by their public
    ids."""
    organisation, other = _organisation(organisation_id), _organisation(other_id)
    if organisation.pk == other.pk:
        raise RelationRefused(_("Choose another organisation."), field="other")
    pair = sorted((organisation.pk, other.pk))
    list(Organisation.objects.select_for_update(no_key=True).filter(pk__in=pair).order_by("pk"))
    if are_related(*pair, at=now):
        raise RelationKnown(_("This relation was declared already."))
    relation = RelatedParty.objects.create(
        organisation=organisation,
        other=other,
        kind=kind,
        reason=checked_reason(reason),
        declared_by=actor.name,
        declared_at=now,
    )
    _record(relation, "members.relation.declared", actor=actor, now=now)
    return relation


@use_case(Permission.CONSOLE_CHANGE)
def end(relation_id: str, *, actor: Actor, now: datetime) -> RelatedParty:
    """As an operator, note that two organisations are no longer related."""
    relation = (
        RelatedParty.objects.select_for_update(of=("self",), no_key=True)
        .select_related("organisation", "other")
        .filter(public_id=relation_id, ended_at=None)
        .first()
    )
    if relation is None:
        raise NotFound(_("There is no such relation."))
    relation.ended_at = now
    relation.save(update_fields=["ended_at"])
    _record(relation, "members.relation.ended", actor=actor, now=now)
    return relation


def are_related(first_id: int, second_id: int, *, at: datetime) -> bool:
    """Whether two organisations are one, or were declared to be related."""
    if first_id == second_id:
        return True
    pairs = _in_force(at).filter(
        Q(organisation_id=first_id, other_id=second_id)
        | Q(organisation_id=second_id, other_id=first_id)
    )
    return pairs.exists()


def _in_force(at: datetime) -> QuerySet[RelatedParty]:
    return RelatedParty.objects.filter(declared_at__lte=at).filter(
        Q(ended_at=None) | Q(ended_at__gt=at)
    )


def _organisation(public_id: str) -> Organisation:
    organisation = Organisation.objects.filter(public_id=public_id.strip()).first()
    if organisation is None:
        raise NotFound(_("There is no such organisation."))
    return organisation


def _record(relation: RelatedParty, event: str, *, actor: Actor, now: datetime) -> None:
    log.record(
        event=event,
        actor=actor.name,
        subject=f"relation:{relation.public_id}",
        facts={
            "organisation": relation.organisation.public_id,
            "other": relation.other.public_id,
            "kind": relation.kind,
        },
        at=now,
    )
