"""The fields in which a seller describes a product: what each may hold, and how it is cleaned."""

import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NoReturn

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

from exchange.catalog.choices import (
    INDUSTRIES,
    LICENCE_TEMPLATES,
    NEVER_ALLOWED,
    RHYTHMS,
    RIGHTS,
    is_region,
)
from exchange.catalog.errors import DetailsRefused
from exchange.catalog.lifecycle import Delivery, Grade, RefundPolicy
from exchange.catalog.models.products import (
    KEYWORD_CHARS_MAX,
    STATEMENT_CHARS_MAX,
    SUMMARY_CHARS_MAX,
    TEXT_CHARS_MAX,
    TITLE_CHARS_MAX,
    URL_CHARS_MAX,
)
from exchange.core.inputs import is_shown

SCENARIOS_MAX = 20
SCENARIO_CHARS_MAX = 300
KEYWORDS_MAX = 30
PARTS_MAX = 30
COUNT_MAX = 1_000_000
REF_CHARS_MAX = 40
_is_url = URLValidator(schemes=["http", "https"])

Clean = Callable[[str, object], object]


def check_details(values: Mapping[str, object]) -> dict[str, Any]:
    """The fields, cleaned. Raises DetailsRefused naming the field and what it accepts.

    Empty is accepted everywhere: a draft may be saved at any time, and gates ask for what is missing.
    """
    unknown = sorted(set(values) - set(FIELDS))
    if unknown:
        refuse(unknown[0], _("A product has no such field."), accepted=sorted(FIELDS))
    return {field: FIELDS[field](field, value) for field, value in values.items()}


def refuse(field: str, message: str, **facts: object) -> NoReturn:
    raise DetailsRefused(message, field=field, **facts)


def _text(chars_max: int, *, is_long: bool = False) -> Clean:
    def clean(field: str, value: object) -> str:
        if not isinstance(value, str):
            refuse(field, _("This has to be a text."), accepted="text")
        kept = unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
        if not is_shown(kept, has_lines=is_long):
            refuse(field, _("The text has a character that cannot be shown."), accepted="text")
        if len(kept) > chars_max:
            refuse(
                field,
                _("The text may have at most %(limit)d characters.") % {"limit": chars_max},
                limit=chars_max,
            )
        return kept

    return clean


def _one_of(codes: Collection[str]) -> Clean:
    def clean(field: str, value: object) -> str:
        if value != "" and value not in codes:
            refuse(field, _("Choose one of the listed values."), accepted=sorted(codes))
        return str(value)

    return clean


def _region(field: str, value: object) -> str:
    if value != "" and not (isinstance(value, str) and is_region(value)):
        refuse(
            field,
            _("Name the region by its ISO 3166 code, or as worldwide."),
            accepted=["global", "ISO 3166-1", "ISO 3166-2:CN"],
        )
    return str(value)


def _url(field: str, value: object) -> str:
    text = _text(URL_CHARS_MAX)(field, value)
    if text:
        try:
            _is_url(text)
        except ValidationError:
            refuse(
                field,
                _("Enter an address that begins with https:// or http://."),
                accepted="https://…",
            )
    return str(text)


def _texts(most: int, chars_max: int) -> Clean:
    clean_one = _text(chars_max)

    def clean(field: str, value: object) -> list[str]:
        listed = [str(clean_one(field, one)) for one in _sequence(field, value, most)]
        return list(dict.fromkeys(one for one in listed if one))

    return clean


def _licence(field: str, value: object) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        refuse(field, _("This has to be a licence."), accepted="object")
    if not value:
        return {}
    allowed, forbidden = (
        sorted({str(code) for code in _sequence(field, value.get(name, []), len(RIGHTS))})
        for name in ("allowed", "forbidden")
    )
    unknown = sorted({*allowed, *forbidden} - set(RIGHTS))
    if unknown:
        refuse(field, _("The licence names a use that nobody knows."), accepted=sorted(RIGHTS))
    if set(allowed) & set(forbidden):
        refuse(field, _("The licence both allows and forbids the same use."), accepted="either")
    if set(allowed) & NEVER_ALLOWED:
        refuse(
            field,
            _("No licence may allow re-identifying people or companies."),
            accepted=sorted(set(RIGHTS) - NEVER_ALLOWED),
        )
    return {
        "template": _one_of(LICENCE_TEMPLATES)(field, value.get("template", "")),
        "allowed": allowed,
        "forbidden": forbidden,
        "attribution": value.get("attribution") is True,
        "text": _text(STATEMENT_CHARS_MAX, is_long=True)(field, value.get("text", "")),
    }


def _parts(field: str, value: object) -> list[dict[str, Any]]:
    return [_part(field, one) for one in _sequence(field, value, PARTS_MAX)]


def _part(field: str, value: object) -> dict[str, Any]:
    """A product by its public id, or equipment by its name, and how many of it."""
    if not isinstance(value, Mapping):
        refuse(field, _("A part is a product or equipment."), accepted="object")
    count = value.get("count", 1)
    if type(count) is not int or not 1 <= count <= COUNT_MAX:
        refuse(field, _("Say how many, as a whole number from 1 on."), accepted=f"1…{COUNT_MAX}")
    if value.get("product"):
        product = _text(REF_CHARS_MAX)(field, value["product"])
        return {"kind": "product", "product": product, "count": count}
    name = _text(TITLE_CHARS_MAX)(field, value.get("name", ""))
    if not name:
        refuse(field, _("Name the equipment."), accepted="text")
    return {"kind": "equipment", "name": name, "count": count}


def _sequence(field: str, value: object, most: int) -> Sequence[object]:
    if not isinstance(value, (list, tuple)):
        refuse(field, _("This has to be a list."), accepted="list")
    if len(value) > most:
        refuse(
            field, _("The list may have at most %(limit)d entries.") % {"limit": most}, limit=most
        )
    return value


FIELDS: Mapping[str, Clean] = {
    "title": _text(TITLE_CHARS_MAX),
    "title_zh": _text(TITLE_CHARS_MAX),
    "summary": _text(SUMMARY_CHARS_MAX),
    "summary_zh": _text(SUMMARY_CHARS_MAX),
    "description": _text(TEXT_CHARS_MAX, is_long=True),
    "description_zh": _text(TEXT_CHARS_MAX, is_long=True),
    "industry": _one_of(INDUSTRIES),
    "region": _region,
    "rhythm": _one_of(RHYTHMS),
    "scenarios": _texts(SCENARIOS_MAX, SCENARIO_CHARS_MAX),
    "keywords": _texts(KEYWORDS_MAX, KEYWORD_CHARS_MAX),
    "licence": _licence,
    "refund_policy": _one_of(RefundPolicy.values),
    "source_statement": _text(STATEMENT_CHARS_MAX, is_long=True),
    "grade": _one_of(Grade.values),
    "personal_statement": _text(STATEMENT_CHARS_MAX, is_long=True),
    "delivery": _one_of(Delivery.values),
    "external_url": _url,
    "parts": _parts,
    "contact": _text(TITLE_CHARS_MAX),
}
