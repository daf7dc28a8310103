"""Invitations: offered, mailed through the outbox, answered; each step in the log."""

from datetime import datetime

from django.db import transaction

from accounts.actions import invitations
from accounts.models import Invitation, Membership, User
from accounts.queries.authority import actor_of
from exchange.audit.actions import log
from exchange.core.actions import outbox

TOPIC = "accounts.invitation.offered"


@transaction.atomic
def invite(
    *, organisation_id: int, email: str, role: str, language: str, actor: str, now: datetime
) -> Invitation:
    """Offer somebody a role; the mail goes out after the commit."""
    invitation = invitations.invite(
        organisation_id=organisation_id,
        email=email,
        role=role,
        language=language,
        actor=actor,
        now=now,
    )
    outbox.emit(topic=TOPIC, key=invitation.public_id, payload={"invitation": invitation.public_id})
    _record("offered", invitation, actor, now, personal={"email": invitation.email})
    return invitation


@transaction.atomic
def revoke(*, organisation_id: int, invitation_id: str, actor: str, now: datetime) -> Invitation:
    """Take an open invitation back."""
    invitation = invitations.revoke_invitation(
        organisation_id=organisation_id, invitation_id=invitation_id, actor=actor, now=now
    )
    _record("revoked", invitation, actor, now)
    return invitation


@transaction.atomic
def accept(*, token: str, user: User, now: datetime) -> Membership:
    """Become a member."""
    invitation, membership = invitations.accept_invitation(token=token, user=user, now=now)
    _record("accepted", invitation, actor_of(user), now)
    return membership


@transaction.atomic
def decline(*, token: str, user: User, now: datetime) -> Invitation:
    """Say no."""
    invitation = invitations.decline_invitation(token=token, user=user, now=now)
    _record("declined", invitation, actor_of(user), now)
    return invitation


def _record(
    step: str,
    invitation: Invitation,
    actor: str,
    now: datetime,
    personal: dict[str, str] | None = None,
) -> None:
    log.record(
        event=f"accounts.invitation.{step}",
        actor=actor,
        subject=f"organisation:{invitation.organisation.public_id}",
        facts={"invitation": invitation.public_id, "role": str(invitation.role)},
        personal=personal,
        at=now,
    )
