"""Who may do what to an organisation itself.

An actor is `user:usr_…`, `key:key_…` or `system:…`. A key acts with an administrator's power within
its scopes, which the door has checked; the system (a migration, a demo, an operator's flow that has
checked its own rules) acts as an owner.
"""

from collections.abc import Callable

from django.utils.translation import gettext as _

from accounts.models import ApiKey, Membership, MembershipRole, Organisation, User
from accounts.refusals import MayNotJoin, NotAManager, NotAMember

MANAGERS = (MembershipRole.OWNER, MembershipRole.ADMIN)


def actor_of(user: User) -> str:
    """How a person is named as an actor."""
    return f"user:{user.public_id}"


def role_of(*, actor: str, organisation: Organisation) -> MembershipRole | None:
    """The role in which the actor may act for the organisation now; None when in none."""
    kind, _colon, name = actor.partition(":")
    if kind == "system":
        return MembershipRole.OWNER
    if kind == "key":
        keys = ApiKey.objects.filter(public_id=name, organisation=organisation)
        return MembershipRole.ADMIN if keys.filter(revoked_at=None).exists() else None
    held = (
        Membership.objects.filter(
            user__public_id=name, user__is_active=True, organisation=organisation
        )
        .values_list("role", flat=True)
        .first()
    )
    return MembershipRole(held) if held else None


def lock_organisation(*, organisation_id: int, actor: str) -> tuple[Organisation, MembershipRole]:
    """The organisation's row, locked, and the actor's role in it. Raises NotAMember.

    Every change of members, invitations and keys queues on this one row, so that two owners who
    leave at once are seen one after the other.
    """
    organisation = (
        Organisation.objects.select_for_update(no_key=True).filter(pk=organisation_id).first()
    )
    role = role_of(actor=actor, organisation=organisation) if organisation else None
    if organisation is None or role is None:
        raise NotAMember(_("There is no such organisation."))
    return organisation, role


def lock_to_manage(
    *, organisation_id: int, actor: str, needs_owner: bool = False
) -> tuple[Organisation, MembershipRole]:
    """As lock_organisation; raises NotAManager besides unless the actor may manage it."""
    organisation, role = lock_organisation(organisation_id=organisation_id, actor=actor)
    enough = (MembershipRole.OWNER,) if needs_owner else MANAGERS
    if role not in enough:
        raise NotAManager(
            _("This needs an owner of the organisation.")
            if needs_owner
            else _("This needs an owner or an administrator of the organisation."),
            role=role.value,
            needed=[wanted.value for wanted in enough],
        )
    return organisation, role


def lock_active(user: User) -> None:
    """Lock the person's row. Raises NotAMember for whom nobody lets sign in any more."""
    if not User.objects.select_for_update(no_key=True).get(pk=user.pk).is_active:
        raise NotAMember(_("There is no such organisation."))


JoiningRule = Callable[[User, Organisation | None], str]
_joining_rules: list[JoiningRule] = []


def declare_joining(rule: JoiningRule) -> None:
    """Have `rule` asked before anybody becomes a member: it says why not, or nothing. Called in
    `AppConfig.ready`."""
    if rule not in _joining_rules:
        _joining_rules.append(rule)


def check_joining(user: User, organisation: Organisation | None) -> None:
    """Raise MayNotJoin where the person may not become a member of the organisation, or found one.

    Locks the person's row first, so that what they are given meanwhile is seen.
    """
    lock_active(user)
    for rule in _joining_rules:
        reason = rule(user, organisation)
        if reason:
            raise MayNotJoin(reason)
