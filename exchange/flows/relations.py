"""Relations between organisations, declared by themselves or by operators, with their records."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.audit.actions import log
from exchange.core.refusals import NotFound
from exchange.members import policy
from exchange.members.actions import relations
from exchange.members.actors import Actor
from exchange.members.models import RelatedParty
from exchange.members.models.relations import RelationKind
from exchange.members.permissions import Permission


@transaction.atomic
def declare(
    *,
    actor: Actor,
    organisation_id: str,
    other_id: str,
    kind: RelationKind,
    reason: str,
    now: datetime,
) -> RelatedParty:
    """As an operator, write down that two organisations are related, by their public ids."""
    policy.require(actor, Permission.CONSOLE_CHANGE)
    relation = relations.declare_relation(
        organisation=_organisation(organisation_id),
        other=_organisation(other_id),
        kind=kind,
        reason=reason,
        actor=actor.name,
        now=now,
    )
    _record(relation, "declared", actor=actor.name, now=now)
    return relation


@transaction.atomic
def end(*, actor: Actor, relation_id: str, now: datetime) -> RelatedParty:
    """As an operator, note that two organisations are no longer related."""
    policy.require(actor, Permission.CONSOLE_CHANGE)
    relation = relations.end_relation(relation_id=relation_id, now=now)
    _record(relation, "ended", actor=actor.name, now=now)
    return relation


def _organisation(public_id: str) -> Organisation:
    found = Organisation.objects.filter(public_id=public_id.strip()).first()
    if found is None:
        raise NotFound(_("There is no such organisation."))
    return found


def _record(relation: RelatedParty, event: str, *, actor: str, now: datetime) -> None:
    log.record(
        event=f"members.relation.{event}",
        actor=actor,
        subject=f"relation:{relation.public_id}",
        facts={
            "organisation": relation.organisation.public_id,
            "other": relation.other.public_id,
            "kind": relation.kind,
        },
        at=now,
    )
