"""What a person changes of themselves, and an account that is taken out of use."""

from datetime import datetime
from http import HTTPStatus

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from accounts import changes
from accounts.authority import actor_of
from accounts.lines import a_name
from accounts.models import NAME_CHARS_MAX, ApiKey, Membership, MembershipRole, Organisation, User
from accounts.refusals import AccountRefusal


class UnknownLanguage(AccountRefusal):
    """The exchange does not speak this language."""

    code = "unknown_language"
    http_status = HTTPStatus.UNPROCESSABLE_ENTITY


@transaction.atomic
def change_profile(*, user: User, name: str, language: str, now: datetime) -> User:
    """Set name and language. Nothing changed, nothing told.

    Raises NotOneLine, NameMissing and UnknownLanguage.
    """
    known = [code for code, _label in settings.LANGUAGES]
    if language not in known:
        raise UnknownLanguage(
            _("Choose one of the languages offered."), field="language", known=known
        )
    fields = {
        "name": a_name(name, field="name", chars_max=NAME_CHARS_MAX),
        "language": language,
    }
    person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    changed = [field for field, value in fields.items() if getattr(person, field) != value]
    for field in changed:
        setattr(person, field, fields[field])
    if changed:
        person.save(update_fields=changed)
        changes.announce(
            "accounts.person.changed",
            actor=actor_of(person),
            of=actor_of(person),
            facts={"changed": sorted(changed)},
            personal={"name": person.name} if "name" in changed else None,
            at=now,
        )
    return person


def lock_with_organisations(user_id: int) -> User:
    """The person's row, locked behind those of all organisations that they belong to: who leaves, joins or
    becomes an owner there meanwhile waits."""
    mine = Organisation.objects.filter(memberships__user_id=user_id).order_by("pk")
    list(mine.select_for_update(of=("self",), no_key=True))
    return User.objects.select_for_update(no_key=True).get(pk=user_id)


def owned_alone(user_id: int) -> list[Organisation]:
    """The organisations that no owner but this person could act for."""
    others = Membership.objects.filter(
        organisation=OuterRef("pk"), role=MembershipRole.OWNER, user__is_active=True
    ).exclude(user_id=user_id)
    owned = Organisation.objects.filter(
        memberships__user_id=user_id, memberships__role=MembershipRole.OWNER
    )
    return list(owned.filter(~Exists(others)).order_by("name", "pk"))


def switch_off(person: User, *, now: datetime) -> list[str]:
    """Let a locked person sign in no more: their sessions end, and the keys that they made, for good. Returns
    which keys those were."""
    person.is_active, person.signed_out_at = False, now
    person.save(update_fields=["is_active", "signed_out_at"])
    keys = ApiKey.objects.filter(created_by=person, revoked_at=None)
    revoked = list(keys.order_by("pk").values_list("public_id", flat=True))
    keys.update(revoked_at=now)
    return revoked


def switch_on(person: User) -> None:
    """Let a locked person sign in again, anew: sessions and keys of before stay ended."""
    person.is_active = True
    person.save(update_fields=["is_active"])
