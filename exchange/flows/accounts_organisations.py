"""Organisations and their members: each change with its record in the log."""

from datetime import datetime

from django.db import transaction

from accounts.actions import memberships, organisations
from accounts.actions.memberships import Parted
from accounts.actions.organisations import Profile
from accounts.models import Membership, Organisation, User
from accounts.queries.authority import actor_of
from exchange.audit.actions import log


@transaction.atomic
def create_organisation(*, profile: Profile, owner: User, now: datetime) -> Organisation:
    """Found an organisation; its founder is its first owner."""
    organisation = organisations.create_organisation(profile=profile, owner=owner, now=now)
    log.record(
        event="accounts.organisation.created",
        actor=actor_of(owner),
        subject=f"organisation:{organisation.public_id}",
        facts={
            "credit_code": organisation.credit_code,
            "country": organisation.country,
            "kind": organisation.kind,
            "sme": organisation.sme,
            "owner": owner.public_id,
        },
        personal={"name": organisation.name},
        at=now,
    )
    return organisation


@transaction.atomic
def change_profile(
    *, organisation_id: int, profile: Profile, actor: str, now: datetime
) -> Organisation:
    """Change what an organisation says of itself. Nothing changed, nothing recorded."""
    organisation, changed = organisations.change_profile(
        organisation_id=organisation_id, profile=profile, actor=actor
    )
    if changed:
        log.record(
            event="accounts.organisation.changed",
            actor=actor,
            subject=f"organisation:{organisation.public_id}",
            facts={name: getattr(organisation, name) for name in sorted(changed) if name != "name"},
            personal={"name": organisation.name} if "name" in changed else None,
            at=now,
        )
    return organisation


@transaction.atomic
def change_role(
    *, organisation_id: int, user_id: int, role: str, actor: str, now: datetime
) -> Membership:
    """Give a member another role in the organisation itself."""
    membership, before = memberships.change_role(
        organisation_id=organisation_id, user_id=user_id, role=role, actor=actor
    )
    if membership.role != before:
        log.record(
            event="accounts.membership.changed",
            actor=actor,
            subject=f"organisation:{membership.organisation.public_id}",
            facts={
                "user": membership.user.public_id,
                "role": str(membership.role),
                "role_before": before.value,
            },
            at=now,
        )
    return membership


@transaction.atomic
def remove_member(*, organisation_id: int, user_id: int, actor: str, now: datetime) -> Parted:
    """Take a member out, or leave. The keys that the person made end with it."""
    parted = memberships.remove_member(
        organisation_id=organisation_id, user_id=user_id, actor=actor, now=now
    )
    log.record(
        event="accounts.membership.ended",
        actor=actor,
        subject=f"organisation:{parted.organisation.public_id}",
        facts={"user": parted.user.public_id, "revoked_keys": list(parted.revoked_keys)},
        at=now,
    )
    return parted
