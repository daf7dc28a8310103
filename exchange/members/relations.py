"""Related organisations and people tied to them: declared and ended by operators, asked wherever one
could favour the other (`conflicts.py`)."""

from datetime import datetime
from typing import TypeVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from exchange.audit import log
from exchange.core.lifecycle import checked_reason
from exchange.core.refusals import Invalid, NotFound, Refusal
from exchange.core.use_case import use_case
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.models import PersonalTie, RelatedParty, RelationKind, TieKind
from exchange.members.permissions import Permission

D = TypeVar("D", RelatedParty, PersonalTie)


class RelationRefused(Invalid):
    """An organisation is not related to itself."""

    code = "relation_refused"


class RelationKnown(Refusal):
    """The two organisations were declared to be related already."""

    code = "relation_known"


@use_case(Permission.RELATION_DECLARE)
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
    if _in_force().filter(_between(*pair)).exists():
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


@use_case(Permission.RELATION_DECLARE)
def end(relation_id: str, *, actor: Actor, now: datetime) -> RelatedParty:
    """As an operator who is tied to neither, note that two organisations are no longer related."""
    relation = _in_force_of(RelatedParty.objects.all(), relation_id)
    _require_untied(actor, relation.organisation_id, relation.other_id)
    relation.ended_at = now
    relation.save(update_fields=["ended_at"])
    _record(relation, "members.relation.ended", actor=actor, now=now)
    return relation


@use_case(Permission.RELATION_DECLARE)
def declare_tie(
    *,
    actor: Actor,
    user_id: str,
    organisation_id: str,
    kind: TieKind,
    reason: str,
    now: datetime,
) -> PersonalTie:
    """As an operator, write down that a person is tied to an organisation that they are no member of:
    it bars them as a membership would."""
    organisation = _organisation(organisation_id)
    person = User.objects.select_for_update(no_key=True).filter(public_id=user_id.strip()).first()
    if person is None:
        raise NotFound(_("There is no such person."))
    if PersonalTie.objects.filter(user=person, organisation=organisation, ended_at=None).exists():
        raise RelationKnown(_("This relation was declared already."))
    tie = PersonalTie.objects.create(
        user=person,
        organisation=organisation,
        kind=kind,
        reason=checked_reason(reason),
        declared_by=actor.name,
        declared_at=now,
    )
    _record(tie, "members.tie.declared", actor=actor, now=now)
    return tie


@use_case(Permission.RELATION_DECLARE)
def end_tie(tie_id: str, *, actor: Actor, now: datetime) -> PersonalTie:
    """As an operator, note that a person is no longer tied to an organisation; nobody ends their own."""
    tie = _in_force_of(PersonalTie.objects.all(), tie_id)
    _require_untied(actor, tie.organisation_id)
    tie.ended_at = now
    tie.save(update_fields=["ended_at"])
    _record(tie, "members.tie.ended", actor=actor, now=now)
    return tie


def _require_untied(actor: Actor, *organisation_ids: int) -> None:
    """Refuse whom the relation bars. Of the operating organisation all operators are: it bars none."""
    others = frozenset(organisation_ids) - {actor.organisation_id}
    policy.require(
        actor, Permission.RELATION_DECLARE, Subject(organisation_id=None, other_side=others)
    )


def _in_force_of(rows: QuerySet[D], public_id: str) -> D:
    """The one in force among the rows with this public id, locked. Raises NotFound."""
    row = (
        rows.select_for_update(of=("self",), no_key=True)
        .select_related("organisation")
        .filter(public_id=public_id, ended_at=None)
        .first()
    )
    if row is None:
        raise NotFound(_("There is no such relation."))
    return row


def _record(row: RelatedParty | PersonalTie, event: str, *, actor: Actor, now: datetime) -> None:
    if isinstance(row, PersonalTie):
        thing, tied = "tie", {"user": row.user.public_id}
    else:
        thing, tied = "relation", {"other": row.other.public_id}
    log.record(
        event=event,
        actor=actor.name,
        subject=f"{thing}:{row.public_id}",
        facts={
            **tied,
            "organisation": row.organisation.public_id,
            "kind": row.kind,
        },
        at=now,
    )


def _in_force() -> QuerySet[RelatedParty]:
    return RelatedParty.objects.filter(ended_at=None)


def _between(first_id: int, second_id: int) -> Q:
    return Q(organisation_id=first_id, other_id=second_id) | Q(
        organisation_id=second_id, other_id=first_id
    )


def _organisation(public_id: str) -> Organisation:
    organisation = Organisation.objects.filter(public_id=public_id.strip()).first()
    if organisation is None:
        raise NotFound(_("There is no such organisation."))
    return organisation
