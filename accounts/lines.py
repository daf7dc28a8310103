"""Names and addresses are one line each: a line break in one would forge a header of a mail."""

import re
from http import HTTPStatus

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from accounts.refusals import AccountRefusal

# PostgreSQL and Python both read it: C0 controls, DEL, C1 controls, line and paragraph separators.
CONTROL_CHARACTERS = "[\u0001-\u001f\u007f-\u009f\u2028\u2029]"
EMAIL_CHARS_MAX = 254
# What is invisible or turns the direction of writing: a name with one is not the name it looks like.
INVISIBLE_CHARACTERS = (
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff\ue000-\uf8ff\ud800-\udfff]"
)
_control = re.compile(f"{CONTROL_CHARACTERS}|\x00|{INVISIBLE_CHARACTERS}")


class NotOneLine(AccountRefusal):
    """A name or an address contains a line break, or another control or invisible character."""

    code = "not_one_line"
    http_status = HTTPStatus.UNPROCESSABLE_ENTITY


class NameMissing(AccountRefusal):
    """A name is empty, or longer than its column."""

    code = "name_not_usable"
    http_status = HTTPStatus.UNPROCESSABLE_ENTITY


class BadAddress(AccountRefusal):
    """What was given as an e-mail address is none."""

    code = "bad_email_address"
    http_status = HTTPStatus.UNPROCESSABLE_ENTITY


def one_line(text: str, *, field: str) -> str:
    """The text without blanks around it. Raises NotOneLine, which says where the character stands."""
    found = _control.search(text)
    if found:
        raise NotOneLine(
            _(
                "Line breaks, control and invisible characters are not allowed here "
                "(character %(position)d)."
            )
            % {"position": found.start() + 1},
            field=field,
            position=found.start() + 1,
        )
    return text.strip()


def a_name(text: str, *, field: str, chars_max: int) -> str:
    """A name of one line that is neither empty nor too long."""
    name = one_line(text, field=field)
    if not 0 < len(name) <= chars_max:
        raise NameMissing(
            _("A name has between 1 and %(max)d characters.") % {"max": chars_max},
            field=field,
            chars_max=chars_max,
        )
    return name


def an_address(text: str) -> str:
    """An e-mail address in lower case. Raises NotOneLine or BadAddress."""
    address = one_line(text, field="email").lower()
    try:
        validate_email(address)
    except ValidationError:
        address = ""
    if not 0 < len(address) <= EMAIL_CHARS_MAX:
        raise BadAddress(_("This is not an e-mail address."), field="email")
    return address
