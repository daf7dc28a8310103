"""Codes that sellers choose from and buyers filter by, each with its words."""

from collections.abc import Mapping

from babel import Locale
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy, to_locale
from django.utils.translation import gettext_lazy as _

Labels = Mapping[str, str | Promise]

INDUSTRIES: Labels = {
    "energy": _("Electricity and energy"),
    "oil_gas": _("Oil, gas and pipelines"),
    "manufacturing": _("Manufacturing"),
    "agriculture": _("Agriculture"),
    "transport": _("Transport and logistics"),
    "telecom": _("Telecommunications"),
    "construction": _("Construction"),
    "finance": _("Finance and credit"),
    "retail": _("Trade and retail"),
    "health": _("Health"),
    "environment": _("Environment and climate"),
    "geography": _("Geography and earth observation"),
    "life_science": _("Life sciences"),
    "public": _("Public administration"),
    "research": _("Research and education"),
    "media": _("Media and language"),
    "other": pgettext_lazy("industry", "Other"),
}

RHYTHMS: Labels = {
    "once": _("Once, never updated"),
    "continuous": _("Continuously"),
    "minutely": _("Every minute"),
    "hourly": _("Every hour"),
    "daily": _("Every day"),
    "weekly": _("Every week"),
    "monthly": _("Every month"),
    "quarterly": _("Every quarter"),
    "yearly": _("Every year"),
    "irregular": _("Now and then"),
}

GLOBAL = "global"
COUNTRY_CHARS = 2
# ISO 3166-2: the parts of China that sellers name; whole countries are ISO 3166-1.
PROVINCES: Labels = {
    "CN-AH": _("Anhui"),
    "CN-BJ": _("Beijing"),
    "CN-CQ": _("Chongqing"),
    "CN-FJ": _("Fujian"),
    "CN-GS": _("Gansu"),
    "CN-GD": _("Guangdong"),
    "CN-GX": _("Guangxi"),
    "CN-GZ": _("Guizhou"),
    "CN-HI": _("Hainan"),
    "CN-HE": _("Hebei"),
    "CN-HL": _("Heilongjiang"),
    "CN-HA": _("Henan"),
    "CN-HB": _("Hubei"),
    "CN-HN": _("Hunan"),
    "CN-NM": _("Inner Mongolia"),
    "CN-JS": _("Jiangsu"),
    "CN-JX": _("Jiangxi"),
    "CN-JL": _("Jilin"),
    "CN-LN": _("Liaoning"),
    "CN-NX": _("Ningxia"),
    "CN-QH": _("Qinghai"),
    "CN-SN": _("Shaanxi"),
    "CN-SD": _("Shandong"),
    "CN-SH": _("Shanghai"),
    "CN-SX": _("Shanxi"),
    "CN-SC": _("Sichuan"),
    "CN-TJ": _("Tianjin"),
    "CN-XZ": _("Tibet"),
    "CN-XJ": _("Xinjiang"),
    "CN-YN": _("Yunnan"),
    "CN-ZJ": _("Zhejiang"),
}
# Countries offered in forms; any other ISO 3166-1 code is accepted too.
COUNTRIES = ("CN", "AU", "BR", "CA", "DE", "FR", "GB", "IN", "IT", "JP", "KR", "SG", "US")

# What a licence may allow or forbid. Each is worded so that it reads after "may" and "may not".
RIGHTS: Labels = {
    "internal_use": _("Use it inside the organisation"),
    "commercial_use": _("Use it commercially"),
    "derive": _("Build models and derived data with it"),
    "publish_results": _("Publish results made with it"),
    "train_ai": _("Train artificial intelligence with it"),
    "share_affiliates": _("Share it with affiliated companies"),
    "redistribute": _("Pass it on to others"),
    "export": _("Take it out of the country"),
    "reidentify": _("Re-identify people or companies"),
}
# Nobody may allow what the law forbids everybody.
NEVER_ALLOWED = frozenset({"reidentify"})
# What a contract may only allow where the listing, which the exchange reviews by grade, allows it.
REVIEWED = frozenset({"export"})
# The template of a licence whose uses were chosen one by one.
CUSTOM = "custom"

LICENCE_TEMPLATES: Mapping[str, Mapping[str, object]] = {
    "internal": {
        "label": _("Internal use"),
        "allowed": ("internal_use", "derive"),
        "forbidden": ("commercial_use", "redistribute", "export", "reidentify"),
        "attribution": False,
    },
    "commercial": {
        "label": _("Commercial use"),
        "allowed": ("internal_use", "commercial_use", "derive", "publish_results"),
        "forbidden": ("redistribute", "export", "reidentify"),
        "attribution": False,
    },
    "open": {
        "label": _("Open data with attribution"),
        "allowed": (
            "internal_use", "commercial_use", "derive", "publish_results", "train_ai",
            "share_affiliates", "redistribute", "export",
        ),
        "forbidden": ("reidentify",),
        "attribution": True,
    },
    CUSTOM: {
        "label": _("As chosen below"),
        "allowed": ("internal_use",),
        "forbidden": ("reidentify",),
        "attribution": False,
    },
}  # fmt: skip


def industry_label(code: str) -> str:
    return str(INDUSTRIES.get(code, code))


def rhythm_label(code: str) -> str:
    return str(RHYTHMS.get(code, code))


def region_label(code: str) -> str:
    """A region in the reader's language; a code that nobody knows as it is."""
    if code == GLOBAL:
        return str(_("Worldwide"))
    if code in PROVINCES:
        return str(PROVINCES[code])
    return str(_territories().get(code, code))


def region_choices() -> list[tuple[str, str]]:
    """What forms offer: worldwide, China and its parts, other countries."""
    codes = [GLOBAL, COUNTRIES[0], *PROVINCES, *COUNTRIES[1:]]
    return [(code, region_label(code)) for code in codes]


def is_region(code: str) -> bool:
    return (
        code == GLOBAL
        or code in PROVINCES
        or (len(code) == COUNTRY_CHARS and code in _territories())
    )


def right_label(code: str) -> str:
    return str(RIGHTS.get(code, code))


def _territories() -> Mapping[str, str]:
    territories: Mapping[str, str] = Locale.parse(to_locale(get_language() or "en")).territories
    return territories
