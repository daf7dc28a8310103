"""Founding an organisation and changing what is said of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import changes
from accounts.authority import actor_of, check_joining, lock_to_manage
from accounts.countries import read_country
from accounts.credit_codes import read_credit_code
from accounts.lines import a_name
from accounts.models import (
    NAME_CHARS_MAX,
    Membership,
    MembershipRole,
    Organisation,
    OrganisationKind,
    User,
)
from accounts.refusals import AccountRefusal, TooMany

ORGANISATIONS_PER_OWNER_MAX = 20


class CreditCodeTaken(AccountRefusal):
    """Another organisation is registered here with this unified social credit code."""

    code = "credit_code_taken"


class CreditCodeFixed(AccountRefusal):
    """An organisation keeps its credit code: another code is another organisation."""

    code = "credit_code_fixed"


class UnknownKind(AccountRefusal):
    """The kind of organisation is not one of those that exist."""

    code = "unknown_organisation_kind"
    http_status = HTTPStatus.UNPROCESSABLE_ENTITY


@dataclass(frozen=True)
class Profile:
    """What an organisation says of itself, as it was typed; checked when it is used."""

    name: str
    kind: str
    country: str = "CN"
    credit_code: str = ""
    sme: bool = False


def checked(profile: Profile) -> dict[str, str | bool | None]:
    """The columns of a profile, cleaned. Raises what `create_organisation` raises for them."""
    if profile.kind not in OrganisationKind.values:
        raise UnknownKind(
            _("There is no such kind of organisation."),
            field="kind",
            known=list(OrganisationKind.values),
        )
    return {
        "name": a_name(profile.name, field="name", chars_max=NAME_CHARS_MAX),
        "kind": profile.kind,
        "country": read_country(profile.country),
        "credit_code": read_credit_code(profile.credit_code) if profile.credit_code else None,
        "sme": profile.sme,
    }


@transaction.atomic
def create_organisation(*, profile: Profile, owner: User, now: datetime) -> Organisation:
    """Found an organisation with its first owner.

    Raises BadCreditCode, CreditCodeTaken, UnknownCountry, UnknownKind, NotOneLine, NameMissing, and
    TooMany for a person who owns as many as one may.
    """
    fields = checked(profile)
    # Locks the owner's row, on which writers queue: the count below would otherwise be of yesterday.
    check_joining(owner, None)
    owned = Membership.objects.filter(user=owner, role=MembershipRole.OWNER).count()
    if owned >= ORGANISATIONS_PER_OWNER_MAX:
        raise TooMany(
            _("One person owns at most %(max)d organisations.")
            % {"max": ORGANISATIONS_PER_OWNER_MAX},
            limit=ORGANISATIONS_PER_OWNER_MAX,
        )
    organisation = Organisation(created_at=now, **fields)
    _save(organisation)
    Membership.objects.create(
        user=owner, organisation=organisation, role=MembershipRole.OWNER, joined_at=now
    )
    changes.announce(
        "accounts.organisation.created",
        actor=actor_of(owner),
        of=organisation,
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
    """Change what an organisation says of itself. Nothing changed, nothing told.

    Raises what create_organisation does, NotAMember, NotAManager and CreditCodeFixed.
    """
    organisation, _role = lock_to_manage(organisation_id=organisation_id, actor=actor)
    fields = checked(profile)
    if organisation.credit_code and fields["credit_code"] != organisation.credit_code:
        raise CreditCodeFixed(
            _("An organisation keeps its credit code; register another organisation instead."),
            field="credit_code",
            credit_code=organisation.credit_code,
        )
    changed = [name for name, value in fields.items() if getattr(organisation, name) != value]
    for name in changed:
        setattr(organisation, name, fields[name])
    if changed:
        _save(organisation)
        changes.announce(
            "accounts.organisation.changed",
            actor=actor,
            of=organisation,
            facts={name: fields[name] for name in sorted(changed) if name != "name"},
            personal={"name": organisation.name} if "name" in changed else None,
            at=now,
        )
    return organisation


def take_identity(
    organisation: Organisation, fields: Mapping[str, Any], *, actor: str, now: datetime
) -> None:
    """Let a locked organisation be known as `fields` say, which somebody else has checked and decided.
    Raises CreditCodeTaken."""
    for name, value in fields.items():
        setattr(organisation, name, value)
    _save(organisation)
    changes.announce(
        "accounts.organisation.identified",
        actor=actor,
        of=organisation,
        facts={name: fields[name] for name in sorted(fields) if name != "name"},
        personal={"name": organisation.name} if "name" in fields else None,
        at=now,
    )


def _save(organisation: Organisation) -> None:
    try:
        with transaction.atomic():
            organisation.save()
    except IntegrityError as error:
        if "credit_code" not in str(error):
            raise
        raise CreditCodeTaken(
            _(
                "An organisation with this credit code is already registered. Ask its owner to invite you."
            ),
            field="credit_code",
        ) from error
