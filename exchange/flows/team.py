"""Giving people roles at the exchange and taking them away, with a record of each."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from exchange.audit.actions import log
from exchange.core.refusals import NotFound
from exchange.members import policy
from exchange.members.actions import roles
from exchange.members.actors import Actor, Subject, organisation_of, person_of
from exchange.members.models import RoleGrant
from exchange.members.permissions import Permission
from exchange.members.queries.team import grant_seen_by
from exchange.members.roles import Role


def grant_role(*, actor: Actor, user_id: str, role: Role, reason: str, now: datetime) -> RoleGrant:
    """Give a member of the actor's organisation a role. Operators are appointed by operators."""
    organisation_id = organisation_of(actor)
    person = User.objects.filter(
        public_id=user_id, memberships__organisation_id=organisation_id
    ).first()
    if person is None:
        raise NotFound(_("There is no such member in this organisation."))
    subject = Subject(
        organisation_id=organisation_id, made_by=frozenset({person.pk})
    )  # nobody makes themselves an operator
    policy.require(actor, _permission(role, Permission.ROLE_GRANT), subject)
    with transaction.atomic():
        grant = roles.grant_role(
            organisation_id=organisation_id,
            user_id=person.pk,
            role=role,
            reason=reason,
            by_id=person_of(actor),
            now=now,
        )
        record_grant(grant, "members.role.granted", actor, grant.reason, now)
        return grant


def revoke_role(*, actor: Actor, grant_id: str, reason: str, now: datetime) -> RoleGrant:
    """Take a role away, from the next request on."""
    grant = grant_seen_by(actor, grant_id)
    subject = Subject(organisation_id=grant.organisation_id, made_by=frozenset({grant.user_id}))
    policy.require(actor, _permission(Role(grant.role), Permission.ROLE_REVOKE), subject)
    with transaction.atomic():
        revoked = roles.revoke_role(
            grant_id=grant.pk, reason=reason, by_id=person_of(actor), now=now
        )
        record_grant(revoked, "members.role.revoked", actor, revoked.revoke_reason, now)
        return revoked


def _permission(role: Role, usual: Permission) -> Permission:
    return Permission.OPERATOR_APPOINT if role is Role.OPERATOR else usual


def record_grant(grant: RoleGrant, event: str, actor: Actor, reason: str, now: datetime) -> None:
    """Write the beginning or the end of a role to the log; its reason as a commitment only."""
    log.record(
        event=event,
        actor=actor.name,
        subject=f"role:{grant.public_id}",
        facts={
            "organisation": grant.organisation.public_id,
            "user": grant.user.public_id,
            "role": grant.role,
        },
        personal={"reason": reason},
        at=now,
    )
