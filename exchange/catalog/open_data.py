"""A record of an open-data registry as the description of a product. No database, no files.

Such records are written by hand by hundreds of people. What can be read is read; where a licence is
not one that everybody knows, nothing is allowed but inside use, and its own words are shown.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from html import unescape
from typing import Any

from django.utils.translation import gettext as _

from exchange.catalog.choices import GLOBAL, LICENCE_TEMPLATES
from exchange.catalog.details import KEYWORDS_MAX, SCENARIO_CHARS_MAX
from exchange.catalog.lifecycle import Delivery, Grade, RefundPolicy
from exchange.catalog.models.products import (
    KEYWORD_CHARS_MAX,
    STATEMENT_CHARS_MAX,
    SUMMARY_CHARS_MAX,
    TEXT_CHARS_MAX,
    TITLE_CHARS_MAX,
)
from exchange.core.refusals import Invalid

SCENARIOS_TAKEN = 5
REGISTRY_TAG = "aws-pds"
_ADDRESS = re.compile(r"https?://[^\s<>\"'\]\)]+")
_BUCKET = re.compile(r"arn:aws:s3:::(?P<name>[a-z0-9.-]+)(/.*)?")
_BREAK = re.compile(r"<\s*(br|/p)\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_MARKS = re.compile(r"^\s*#{1,6}\s+|\*\*|__(?=\S)|(?<=\S)__", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]*)\]\((https?://[^)\s]+)\)")

# The first word that a record's tags contain decides.
_INDUSTRIES: Sequence[tuple[str, tuple[str, ...]]] = (
    ("research", ("astronomy", "physics", "cosmology")),
    ("energy", ("energy", "electricity", "solar", "power", "utilities")),
    ("transport", ("transportation", "traffic", "autonomous vehicles", "logistics", "mobility")),
    ("life_science", ("genomic", "genetic", "life sciences", "biology", "bioinformatics", "protein",
                      "cell biology", "microscopy", "neuroscience", "cancer", "pharmaceutical")),
    ("health", ("health", "medicine", "medical imaging", "covid-19")),
    ("environment", ("climate", "weather", "meteorological", "environmental", "air quality",
                     "oceans", "water", "biodiversity", "ecosystems", "sustainability", "atmosphere")),
    ("geography", ("earth observation", "geospatial", "satellite imagery", "mapping", "lidar",
                   "elevation", "disaster response", "land cover")),
    ("agriculture", ("agriculture", "food security", "crop")),
    ("media", ("natural language processing", "speech", "text analysis", "media", "machine translation",
               "internet", "computer vision", "video", "audio")),
    ("public", ("government records", "census", "regulatory", "statistics", "elections")),
    ("finance", ("economics", "financial markets", "tax")),
    ("construction", ("buildings", "cities", "infrastructure")),
    ("telecom", ("telecommunications", "broadband", "cyber security")),
)  # fmt: skip
_RHYTHMS: Sequence[tuple[str, str]] = (
    ("once", r"not (currently )?(being )?updated|never|no (future )?updates|static|not be updated"),
    ("continuous", r"continuous|real[- ]?time|as soon as"),
    ("minutely", r"\bminutes?\b"),
    ("hourly", r"hour|times each day|times (a|per) day|twice daily"),
    ("daily", r"daily|every day|each day"),
    ("weekly", r"week"),
    ("monthly", r"monthly|every month|once a month"),
    ("quarterly", r"quarter|every (3|three) months"),
    ("yearly", r"annual|year"),
)
_COUNTRIES: Mapping[str, str] = {
    "australia": "AU", "brazil": "BR", "canada": "CA", "china": "CN", "france": "FR",
    "germany": "DE", "india": "IN", "japan": "JP", "singapore": "SG", "united kingdom": "GB",
    "united states": "US", "us": "US", "usa": "US",
}  # fmt: skip
_OPEN = re.compile(
    r"creativecommons\.org/licenses/by/|opendatacommons\.org/licenses/by/|cc[- ]by[- ]?[34]"
    r"|creative commons (attribution|by) [34]|creative commons attribution [34]",
    re.IGNORECASE,
)
_FREE = re.compile(
    r"\bcc0\b|publicdomain/zero|public domain|no restrictions on the use|us government work",
    re.IGNORECASE,
)
_LIMITED = re.compile(
    r"\bn[cd]\b|non-?commercial|no-?deriv|share-?alike|by-sa|restricted", re.IGNORECASE
)


class RecordBroken(Invalid):
    """A record of a catalogue lacks what a listing needs; `field` says what."""

    code = "record_broken"


def details_of_record(record: object) -> dict[str, Any]:
    """The fields of a product. Raises RecordBroken naming the first field that is missing."""
    if not isinstance(record, Mapping):
        raise RecordBroken(_("The file holds no record."), field="")
    tags = [one.lower() for one in _texts(record.get("Tags")) if one != REGISTRY_TAG]
    description = _text(record, "Description")
    return {
        "title": _cut(_plain(_text(record, "Name")), TITLE_CHARS_MAX),
        "summary": _summary(_plain(description)),
        "description": _cut(_description(record, description), TEXT_CHARS_MAX),
        "industry": _industry(tags),
        "region": next((_COUNTRIES[tag] for tag in tags if tag in _COUNTRIES), GLOBAL),
        "rhythm": _rhythm(_text(record, "UpdateFrequency", needed=False)),
        "scenarios": _scenarios(record, tags),
        "keywords": [tag for tag in tags if len(tag) <= KEYWORD_CHARS_MAX][:KEYWORDS_MAX],
        "licence": _licence(_text(record, "License")),
        "refund_policy": RefundPolicy.NONE.value,
        "source_statement": _source(record),
        "grade": Grade.GENERAL_1.value,
        "delivery": Delivery.EXTERNAL.value,
        "external_url": _address(record),
        "contact": _cut(_plain(_text(record, "Contact", needed=False)), TITLE_CHARS_MAX),
    }


def _text(record: Mapping[Any, Any], field: str, *, needed: bool = True) -> str:
    value = record.get(field)
    text = _clean(str(value)) if isinstance(value, str | int | float) else ""
    if needed and not text:
        raise RecordBroken(_("The record has no “%(field)s”.") % {"field": field}, field=field)
    return text


def _clean(text: str) -> str:
    """Without the characters that nobody sees, which a product may not hold."""
    text = text.replace("\r\n", "\n").strip()
    if text.replace("\n", "").isprintable():
        return unicodedata.normalize("NFC", text)
    kept = (
        letter if letter in "\n\t" or unicodedata.category(letter)[0] != "C" else " "
        for letter in unicodedata.normalize("NFC", text)
    )
    return "".join(kept).strip()


def _unmarked(text: str) -> str:
    """Without the marks of HTML and Markdown that a page would show as they are; links are left."""
    text = _TAG.sub("", _BREAK.sub("\n", text))
    return _clean(_MARKS.sub("", unescape(text)))


def _plain(text: str) -> str:
    """One line, links as their words."""
    return " ".join(_LINK.sub(r"\1", _unmarked(text)).split())


def _cut(text: str, most: int) -> str:
    """At most so many characters, ending with a whole word."""
    if len(text) <= most:
        return text
    return f"{text[: most - 1].rsplit(None, 1)[0]}…"


def _summary(text: str) -> str:
    """The first sentences that fit."""
    if len(text) <= SUMMARY_CHARS_MAX:
        return text
    ends = [end.end() for end in re.finditer(r"[.!?](?=\s)", text[:SUMMARY_CHARS_MAX])]
    return text[: ends[-1]] if ends else _cut(text, SUMMARY_CHARS_MAX)


def _texts(value: object) -> list[str]:
    listed = value if isinstance(value, list) else []
    return list(dict.fromkeys(one for text in listed if (one := _plain(_clean(str(text))))))


def _description(record: Mapping[Any, Any], description: str) -> str:
    more = (_text(record, field, needed=False) for field in ("DeprecatedNotice", "Citation"))
    parts = [_unmarked(one) for one in (description, *more)]
    return _LINK.sub(r"\1 (\2)", "\n\n".join(filter(None, parts)))


def _industry(tags: Sequence[str]) -> str:
    for code, words in _INDUSTRIES:
        if any(word in tags for word in words):
            return code
    return "research"


def _rhythm(text: str) -> str:
    for code, pattern in _RHYTHMS:
        if re.search(pattern, text, re.IGNORECASE):
            return code
    return "irregular"


def _scenarios(record: Mapping[Any, Any], tags: Sequence[str]) -> list[str]:
    """What others made of the data, as the record tells; else what its tags are about."""
    work = record.get("DataAtWork")
    made = work if isinstance(work, Mapping) else {}
    titles = [
        _cut(_plain(_clean(str(one["Title"]))), SCENARIO_CHARS_MAX)
        for group in ("Tools & Applications", "Tutorials", "Publications")
        for one in (made.get(group) or ())
        if isinstance(one, Mapping) and one.get("Title")
    ]
    found = list(dict.fromkeys(title for title in titles if title))[:SCENARIOS_TAKEN]
    return found or [_cut(f"Research on {', '.join(tags[:3]) or 'open data'}", SCENARIO_CHARS_MAX)]


def _licence(text: str) -> dict[str, Any]:
    is_free = bool(_FREE.search(text))
    is_known = (is_free or bool(_OPEN.search(text))) and not _LIMITED.search(text)
    name = "open" if is_known else "custom"
    template = LICENCE_TEMPLATES[name]
    return {
        "template": name,
        "allowed": list(template["allowed"]),  # type: ignore[call-overload]  # a tuple of codes
        "forbidden": list(template["forbidden"]),  # type: ignore[call-overload]  # likewise
        "attribution": is_known and not is_free,
        "text": _cut(text, STATEMENT_CHARS_MAX),
    }


def _source(record: Mapping[Any, Any]) -> str:
    manager = _plain(_text(record, "ManagedBy", needed=False)) or "an unnamed manager"
    documentation = _plain(_text(record, "Documentation", needed=False))
    return _cut(f"Open data, managed by {manager}. {documentation}".strip(), STATEMENT_CHARS_MAX)


def _address(record: Mapping[Any, Any]) -> str:
    """Where the data is explained or found: the first address in the record's own words."""
    resources = record.get("Resources")
    listed = [one for one in resources or () if isinstance(one, Mapping)]
    places = [
        _text(record, "Documentation", needed=False),
        *(str(word) for one in listed for word in (one.get("Explore") or ())),
        *(str(one.get("Description", "")) for one in listed),
        _text(record, "Contact", needed=False),
    ]
    for place in places:
        if found := _ADDRESS.search(place):
            return found.group().rstrip(".,;")
    for one in listed:
        if bucket := _BUCKET.fullmatch(str(one.get("ARN", ""))):
            return f"https://{bucket['name']}.s3.amazonaws.com/"
    raise RecordBroken(
        _("The record names no address at which the data is."), field="Documentation"
    )
