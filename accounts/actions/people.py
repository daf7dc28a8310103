"""What a person changes of themselves."""

from http import HTTPStatus

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.lines import a_name
from accounts.models import NAME_CHARS_MAX, User
from accounts.refusals import AccountRefusal


class UnknownLanguage(AccountRefusal):
    """The exchange does not speak this language."""

    code = "unknown_language"
    http_status = HTTPStatus.UNPROCESSABLE_ENTITY


@transaction.atomic
def change_profile(*, user_id: int, name: str, language: str) -> tuple[User, list[str]]:
    """Set name and language; returns the names of the fields that changed.

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
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    changed = [field for field, value in fields.items() if getattr(user, field) != value]
    for field in changed:
        setattr(user, field, fields[field])
    if changed:
        user.save(update_fields=changed)
    return user, changed
