"""What a person changes of themselves."""

from datetime import datetime
from http import HTTPStatus

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import changes
from accounts.authority import actor_of
from accounts.lines import a_name
from accounts.models import NAME_CHARS_MAX, User
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
