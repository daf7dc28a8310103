"""Giving people roles in their organisation, and taking them away."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from exchange.core.refusals import NotFound, Refusal
from exchange.members import separation
from exchange.members.actions.steps import check_reason
from exchange.members.models import RoleGrant
from exchange.members.queries import presence
from exchange.members.roles import ROLE_NEEDS, Role, countable

OPERATORS_MIN = 2


class RolesConflict(Refusal):
    """The person holds a role that may not be held beside this one."""

    code = "roles_conflict"


class RoleHeld(Refusal):
    """The person has the role already."""

    code = "role_held"


class RoleNotQualified(Refusal):
    """The organisation has no qualification that this role needs."""

    code = "role_not_qualified"


class RoleEnded(Refusal):
    """The role was taken away already."""

    code = "role_ended"


class OperatorsTooFew(Refusal):
    """The exchange would be left with too few operators to agree with each other."""

    code = "operators_too_few"


def grant_role(
    *, organisation_id: int, user_id: int, role: Role, reason: str, by_id: int, now: datetime
) -> RoleGrant:
    """Give a member a role. Refused without the qualification it needs, or beside a conflicting one.

    Grants to one person queue on that person's row: two conflicting roles given at once, even by
    two organisations, cannot both pass.
    """
    reason = check_reason(reason)
    with transaction.atomic():
        _lock_person(user_id)
        here = presence.presence_of_member(user_id=user_id, organisation_id=organisation_id, at=now)
        if here is None:
            raise NotFound(_("There is no such member in this organisation."))
        if not countable(role, here.kinds):
            raise RoleNotQualified(
                _("Your organisation is not qualified for the role “%(role)s”.")
                % {"role": role.label},
                qualifications=sorted(kind.value for kind in ROLE_NEEDS[role]),
            )
        _check_conflicts(organisation_id, user_id, role)
        return RoleGrant.objects.create(
            organisation_id=organisation_id,
            user_id=user_id,
            role=role,
            reason=reason,
            granted_by_id=by_id,
            valid_from=now,
        )


def revoke_role(*, grant_id: int, reason: str, by_id: int, now: datetime) -> RoleGrant:
    """Take a role away, from the next request on. The exchange keeps two operators at least."""
    reason = check_reason(reason)
    with transaction.atomic():
        grant = RoleGrant.objects.filter(pk=grant_id).select_related("organisation").first()
        if grant is None:
            raise NotFound(_("There is no such role."))
        if grant.role == Role.OPERATOR:
            _check_operators_stay(grant)
        grant = RoleGrant.objects.select_for_update(no_key=True).get(pk=grant_id)
        if grant.valid_until is not None:
            raise RoleEnded(_("This role was taken away already."))
        grant.valid_until = now
        grant.revoked_by_id = by_id
        grant.revoke_reason = reason
        grant.save(update_fields=["valid_until", "revoked_by", "revoke_reason"])
        return grant


def _lock_person(user_id: int) -> None:
    list(User.objects.select_for_update(no_key=True).filter(pk=user_id).values_list("pk"))


def _check_conflicts(organisation_id: int, user_id: int, role: Role) -> None:
    held = presence.grants_of_members().filter(user_id=user_id, valid_until=None)
    here: set[Role] = set()
    elsewhere: set[Role] = set()
    for at_id, name in held.values_list("organisation_id", "role"):
        (here if at_id == organisation_id else elsewhere).add(Role(name))
    if role in here:
        raise RoleHeld(_("The person has this role already."))
    conflict = separation.conflict_of_roles(role, here=here, elsewhere=elsewhere)
    if conflict:
        other, reason = conflict
        raise RolesConflict(reason, role=role.value, held=other.value)


def _check_operators_stay(grant: RoleGrant) -> None:
    """Revocations of operators queue on their organisation, so that two at once leave enough."""
    Organisation.objects.select_for_update(no_key=True).get(pk=grant.organisation_id)
    others = (
        presence.grants_of_members()
        .filter(role=Role.OPERATOR, valid_until=None, organisation_id=grant.organisation_id)
        .exclude(pk=grant.pk)
        .filter(user__is_active=True)
    )
    if grant.valid_until is None and others.count() < OPERATORS_MIN:
        raise OperatorsTooFew(
            _("The exchange needs at least %(count)d operators.") % {"count": OPERATORS_MIN},
            minimum=OPERATORS_MIN,
        )
