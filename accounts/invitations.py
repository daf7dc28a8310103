"""Inviting somebody by mail, and what the invited answer."""

from datetime import datetime, timedelta
from http import HTTPStatus

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import changes
from accounts.authority import actor_of, check_joining, lock_to_manage
from accounts.ids import new_id
from accounts.lines import an_address
from accounts.memberships import read_role
from accounts.models import (
    Invitation,
    InvitationOutcome,
    Membership,
    MembershipRole,
    Organisation,
    User,
)
from accounts.refusals import AccountRefusal, NotAManager, TooMany
from accounts.sealing import hash_of, invitation_token, matches

VALID_DAYS = 7
OPEN_INVITATIONS_MAX = 100
MEMBERS_MAX = 500
TOKEN_CHARS_MAX = 100


class AlreadyMember(AccountRefusal):
    """The person is a member of the organisation already."""

    code = "already_member"


class InvitationUnknown(AccountRefusal):
    """There is no invitation with this token."""

    code = "invitation_not_found"
    http_status = HTTPStatus.NOT_FOUND


class InvitationClosed(AccountRefusal):
    """The invitation was used, declined or revoked before."""

    code = "invitation_closed"


class InvitationExpired(AccountRefusal):
    """The invitation was not answered in time."""

    code = "invitation_expired"


class InvitationForAnother(AccountRefusal):
    """The invitation was sent to another address than the one signed in with."""

    code = "invitation_for_another_address"
    http_status = HTTPStatus.FORBIDDEN


@transaction.atomic
def invite(
    *, organisation_id: int, email: str, role: str, language: str, actor: str, now: datetime
) -> Invitation:
    """Offer a role to an address. An open invitation to the same address is revoked by it.

    Whether its owner may join is asked when they accept: asked here, the answer would say who works for
    the exchange. Only an owner invites owners. Raises NotOneLine, BadAddress, UnknownRole, NotAMember,
    NotAManager, AlreadyMember and TooMany.
    """
    address = an_address(email)
    offered = read_role(role)
    organisation, own = lock_to_manage(organisation_id=organisation_id, actor=actor)
    if offered == MembershipRole.OWNER and own != MembershipRole.OWNER:
        raise NotAManager(
            _("This needs an owner of the organisation."),
            role=own.value,
            needed=[MembershipRole.OWNER.value],
        )
    if organisation.memberships.filter(user__email=address).exists():
        raise AlreadyMember(_("This person is a member already."), field="email")
    opened = Invitation.objects.filter(organisation=organisation, outcome="")
    opened.filter(email=address).update(outcome=InvitationOutcome.REVOKED, closed_at=now)
    if opened.filter(expires_at__gt=now).count() >= OPEN_INVITATIONS_MAX:
        raise TooMany(
            _("An organisation has at most %(max)d open invitations.")
            % {"max": OPEN_INVITATIONS_MAX},
            limit=OPEN_INVITATIONS_MAX,
        )
    public_id = new_id("inv")
    invitation = Invitation.objects.create(
        public_id=public_id,
        organisation=organisation,
        email=address,
        role=offered,
        language=language,
        token_hash=hash_of(invitation_token(public_id)),
        invited_by=actor,
        created_at=now,
        expires_at=now + timedelta(days=VALID_DAYS),
    )
    _announce("offered", invitation, actor, now, personal={"email": address})
    return invitation


@transaction.atomic
def revoke(*, organisation_id: int, invitation_id: str, actor: str, now: datetime) -> Invitation:
    """Take an open invitation back. Raises NotAMember, NotAManager, InvitationUnknown, InvitationClosed."""
    organisation, _role = lock_to_manage(organisation_id=organisation_id, actor=actor)
    invitation = Invitation.objects.filter(
        organisation=organisation, public_id=invitation_id
    ).first()
    if invitation is None:
        raise InvitationUnknown(_("There is no such invitation."))
    _close(invitation, InvitationOutcome.REVOKED, now)
    _announce("revoked", invitation, actor, now)
    return invitation


@transaction.atomic
def accept(*, token: str, user: User, now: datetime) -> Membership:
    """Become a member. The token is good once, for the invited address, until it expires.

    Raises InvitationUnknown, InvitationClosed, InvitationExpired, InvitationForAnother,
    AlreadyMember and TooMany.
    """
    organisation, invitation = _lock_for(token=token, user=user, now=now)
    if organisation.memberships.filter(user=user).exists():
        raise AlreadyMember(_("You are a member of this organisation already."))
    check_joining(user, organisation)
    if organisation.memberships.count() >= MEMBERS_MAX:
        raise TooMany(
            ngettext(
                "An organisation has at most %(max)d member.",
                "An organisation has at most %(max)d members.",
                MEMBERS_MAX,
            )
            % {"max": MEMBERS_MAX},
            limit=MEMBERS_MAX,
        )
    membership = Membership.objects.create(
        user=user, organisation=organisation, role=invitation.role, joined_at=now
    )
    invitation.accepted_by = user
    _close(invitation, InvitationOutcome.ACCEPTED, now)
    _announce("accepted", invitation, actor_of(user), now)
    return membership


@transaction.atomic
def decline(*, token: str, user: User, now: datetime) -> Invitation:
    """Say no. Raises as accept does of the invitation itself."""
    _organisation, invitation = _lock_for(token=token, user=user, now=now)
    _close(invitation, InvitationOutcome.DECLINED, now)
    _announce("declined", invitation, actor_of(user), now)
    return invitation


def find_invitation(token: str) -> Invitation:
    """The invitation of a token, whatever its state. Raises InvitationUnknown."""
    wanted = hash_of(token[:TOKEN_CHARS_MAX])
    found = Invitation.objects.select_related("organisation").filter(token_hash=wanted).first()
    if found is None or not matches(token, found.token_hash):
        raise InvitationUnknown(_("There is no such invitation."))
    return found


def open_invitation(address: str, *, now: datetime) -> Invitation | None:
    """The newest invitation to this address that can still be answered."""
    waiting = Invitation.objects.filter(email=address.lower(), outcome="", expires_at__gt=now)
    return waiting.select_related("organisation").order_by("-pk").first()


def _lock_for(*, token: str, user: User, now: datetime) -> tuple[Organisation, Invitation]:
    organisation_id = find_invitation(token).organisation_id
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=organisation_id)
    invitation = find_invitation(token)  # as it stands now that nobody else can change it
    if invitation.email != user.email.lower():
        raise InvitationForAnother(
            _(
                "This invitation was sent to another address. Sign in with that address to answer it."
            ),
            signed_in=actor_of(user),
        )
    if not invitation.outcome and now >= invitation.expires_at:
        raise InvitationExpired(
            _("This invitation has expired. Ask for a new one."),
            expired_at=invitation.expires_at.isoformat(),
        )
    _check_open(invitation)
    return organisation, invitation


def _check_open(invitation: Invitation) -> None:
    if invitation.outcome:
        raise InvitationClosed(
            _("This invitation cannot be used any more."), outcome=invitation.outcome
        )


def _close(invitation: Invitation, outcome: InvitationOutcome, now: datetime) -> None:
    _check_open(invitation)
    invitation.outcome = outcome
    invitation.closed_at = now
    invitation.save(update_fields=["outcome", "closed_at", "accepted_by"])


def _announce(
    step: str,
    invitation: Invitation,
    actor: str,
    now: datetime,
    personal: dict[str, str] | None = None,
) -> None:
    changes.announce(
        f"accounts.invitation.{step}",
        actor=actor,
        of=invitation.organisation,
        facts={"invitation": invitation.public_id, "role": str(invitation.role)},
        personal=personal,
        at=now,
    )
