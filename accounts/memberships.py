"""Changing what a member may do, and parting."""

from datetime import datetime
from http import HTTPStatus

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import changes
from accounts.authority import MANAGERS, actor_of, lock_organisation, lock_to_manage
from accounts.models import ApiKey, Membership, MembershipRole, Organisation
from accounts.refusals import AccountRefusal, NotAManager


class LastOwner(AccountRefusal):
    """The organisation would be left without an owner."""

    code = "last_owner"


class NoSuchMember(AccountRefusal):
    """The person is not a member of the organisation."""

    code = "member_not_found"
    http_status = HTTPStatus.NOT_FOUND


class UnknownRole(AccountRefusal):
    """There is no such role of a member."""

    code = "unknown_membership_role"
    http_status = HTTPStatus.UNPROCESSABLE_ENTITY


def read_role(text: str) -> MembershipRole:
    """The role. Raises UnknownRole."""
    if text not in MembershipRole.values:
        raise UnknownRole(
            _("There is no such role."), field="role", known=list(MembershipRole.values)
        )
    return MembershipRole(text)


@transaction.atomic
def change_role(
    *, organisation_id: int, user_id: int, role: str, actor: str, now: datetime
) -> Membership:
    """Give a member another role in the organisation itself.

    Only an owner makes or unmakes owners. Raises NotAMember, NotAManager, NoSuchMember, UnknownRole
    and LastOwner.
    """
    target = read_role(role)
    organisation, own = lock_to_manage(organisation_id=organisation_id, actor=actor)
    membership = _membership(organisation, user_id)
    before = MembershipRole(membership.role)
    _only_owners_touch_owners(own, before, target)
    if before == MembershipRole.OWNER and target != MembershipRole.OWNER:
        _check_another_owner(organisation, membership)
    if target != before:
        membership.role = target
        membership.save(update_fields=["role"])
        changes.announce(
            "accounts.membership.changed",
            actor=actor,
            of=organisation,
            facts={
                "user": membership.user.public_id,
                "role": target.value,
                "role_before": before.value,
            },
            at=now,
        )
    return membership


@transaction.atomic
def remove_member(*, organisation_id: int, user_id: int, actor: str, now: datetime) -> None:
    """Take a member out, or leave oneself. API keys that the person made end with it, since the
    person has seen their secrets.

    Raises NotAMember, NotAManager, NoSuchMember and LastOwner.
    """
    organisation, own = lock_organisation(organisation_id=organisation_id, actor=actor)
    membership = _membership(organisation, user_id)
    if actor != actor_of(membership.user):
        if own not in MANAGERS:
            raise NotAManager(
                _("This needs an owner or an administrator of the organisation."),
                role=own.value,
                needed=[wanted.value for wanted in MANAGERS],
            )
        _only_owners_touch_owners(own, MembershipRole(membership.role))
    if membership.role == MembershipRole.OWNER:
        _check_another_owner(organisation, membership)
    keys = ApiKey.objects.filter(
        organisation=organisation, created_by=membership.user, revoked_at=None
    )
    revoked = list(keys.order_by("pk").values_list("public_id", flat=True))
    keys.update(revoked_at=now)
    membership.delete()
    changes.announce(
        "accounts.membership.ended",
        actor=actor,
        of=organisation,
        facts={"user": membership.user.public_id, "revoked_keys": revoked},
        at=now,
    )


def _membership(organisation: Organisation, user_id: int) -> Membership:
    found = (
        Membership.objects.select_related("user")
        .filter(organisation=organisation, user_id=user_id)
        .first()
    )
    if found is None:
        raise NoSuchMember(_("This person is not a member of the organisation."))
    return found


def _only_owners_touch_owners(own: MembershipRole, *roles: MembershipRole) -> None:
    if MembershipRole.OWNER in roles and own != MembershipRole.OWNER:
        raise NotAManager(
            _("This needs an owner of the organisation."),
            role=own.value,
            needed=[MembershipRole.OWNER.value],
        )


def _check_another_owner(organisation: Organisation, leaving: Membership) -> None:
    others = organisation.memberships.filter(role=MembershipRole.OWNER, user__is_active=True)
    if not others.exclude(pk=leaving.pk).exists():
        raise LastOwner(
            _("An organisation keeps at least one owner. Make somebody else an owner first.")
        )
