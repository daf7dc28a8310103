"""Countries by their ISO 3166-1 code, named in the reader's language."""

from functools import cache
from http import HTTPStatus

from babel import Locale
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _

from accounts.refusals import AccountRefusal

ALPHA2_CHARS = 2
# Codes that CLDR names and ISO does not assign to a country: unions, outlying parts, test codes.
NOT_COUNTRIES = frozenset(
    ["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"]
)


class UnknownCountry(AccountRefusal):
    """The country is not one of ISO 3166-1."""

    code = "unknown_country"
    http_status = HTTPStatus.UNPROCESSABLE_ENTITY


@cache
def _named(locale: str) -> dict[str, str]:
    names = Locale.parse(locale).territories
    return {
        code: str(name)
        for code, name in names.items()
        if len(code) == ALPHA2_CHARS and code.isalpha() and code not in NOT_COUNTRIES
    }


def country_names() -> dict[str, str]:
    """Code to name, in the language in use."""
    return _named(to_locale(get_language() or "en"))


def country_choices() -> list[tuple[str, str]]:
    """For a form: China first, the others by name."""
    names = country_names()
    rest = sorted((name, code) for code, name in names.items() if code != "CN")
    return [("CN", names["CN"]), *((code, name) for name, code in rest)]


def read_country(text: str) -> str:
    """The code in capital letters. Raises UnknownCountry."""
    code = text.strip().upper()
    if code not in _named("en"):
        raise UnknownCountry(
            _("“%(country)s” is not the two-letter code of a country.") % {"country": text[:20]},
            field="country",
        )
    return code
