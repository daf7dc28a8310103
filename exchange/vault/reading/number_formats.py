"""The unit in which a workbook shows numbers: a percent sign, a currency, or words at each number."""

import re
from html import unescape

PERCENT = "%"
PERCENT_IDS = frozenset({9, 10})
CURRENCIES = {
    "$": "USD", "US$": "USD", "€": "EUR", "£": "GBP", "¥": "CNY", "￥": "CNY", "元": "CNY", "₹": "INR",
    "₽": "RUB", "₩": "KRW", "₺": "TRY", "R$": "BRL", "HK$": "HKD", "NT$": "TWD", "A$": "AUD", "C$": "CAD",
    "S$": "SGD", "RMB": "CNY", "Fr.": "CHF", "SFr.": "CHF", "kr": "SEK", "zł": "PLN", "₫": "VND",
}  # fmt: skip
# The sign of a yen is that of a yuan; whose it is, the number of the language says.
YEN_LANGUAGES = frozenset({"411"})
BRACKETED = re.compile(r"\[\$([^\]\-]{0,12})(?:-([0-9A-Fa-f]{1,8}))?\]")
QUOTED = re.compile(r'"([^"]{0,24})"')
DATE_LETTERS = re.compile(r"[ymdhs]", re.IGNORECASE)
COLOURS = re.compile(r"\[[^\]$]{1,24}\]")
PADDING = re.compile(r"[_*].")
ESCAPED = re.compile(r"\\(.)")
DIGITS = re.compile(r"[0#?]")
SIGNS = re.compile(r"(?:US|HK|NT|[ACRS])?\$|[€£¥￥元₹₽₩₺₫]")
UNIT = re.compile(r"[^\W\d_/][\w/³²·^]{0,11}|°[CF]|[°‰℃℉]")
MULTIPLIED = re.compile(r",(?:\s|$|\"|;)")


def unit_of_format(number: int, code: str | None) -> str:
    """The unit of a format by its number and, where it has one of its own, its code; '' for none."""
    if code is None:
        return PERCENT if number in PERCENT_IDS else ""
    shown = PADDING.sub("", COLOURS.sub("", unescape(code))).split(";")[0]
    bracketed = BRACKETED.search(shown)
    if bracketed is not None and bracketed[1]:
        return _currency(bracketed[1].strip(), bracketed[2] or "")
    bare = QUOTED.sub(" ", BRACKETED.sub(" ", shown))
    if not DIGITS.search(bare) or MULTIPLIED.search(bare):
        return ""
    if "%" in bare:
        return PERCENT
    sign = SIGNS.search(ESCAPED.sub(r"\1", bare))
    return _currency(sign.group(), "") if sign else _quoted_unit(shown, bare)


def _quoted_unit(shown: str, bare: str) -> str:
    """One word at each number, of a format that is none of times."""
    words = [one.strip() for one in QUOTED.findall(shown) if one.strip()]
    if len(words) != 1 or DATE_LETTERS.search(bare):
        return ""
    is_unit = words[0] in CURRENCIES or UNIT.fullmatch(words[0])
    return _currency(words[0], "") if is_unit else ""


def _currency(sign: str, language: str) -> str:
    if sign in {"¥", "￥"} and language in YEN_LANGUAGES:
        return "JPY"
    return CURRENCIES.get(sign, sign)
