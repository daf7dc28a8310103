"""Personal data known by its values: forms with checksums, searched inside cells.

A kind names the form of what could be one (`form`) and says which are (`is_one`). It is found in a
column when enough cells hold one, and when enough of what has the form is one: codes of eleven
digits begin like a mobile number now and then, mobile numbers always do.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from exchange.vault.reading.person_names import is_given_name, is_person_name

CHARS_SEARCHED = 2_000


@dataclass(frozen=True)
class Kind:
    """What is looked for. `share_min` is of the cells, `part_min` of what has the form."""

    name: str
    form: re.Pattern[str]
    is_one: Callable[[str], bool]
    share_min: float
    part_min: float = 0.5


def _always(_text: str) -> bool:
    return True


def digits_of(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())


# --- identity numbers

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS = "10X98765432"
_ID_BORN = re.compile(r"[1-9]\d{5}(18|19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[\dX]")


def is_identity_number(text: str) -> bool:
    """A Chinese resident identity number: a date of birth in it and the right check character."""
    number = re.sub(r"[ -]", "", text).upper()
    if not _ID_BORN.fullmatch(number):
        return False
    total = sum(int(d) * w for d, w in zip(number, ID_WEIGHTS, strict=False))
    return ID_CHECKS[total % 11] == number[-1]


def _is_hong_kong(text: str) -> bool:
    letters, check = re.sub(r"[()]", "", text.upper()), text.rstrip(")")[-1].upper()
    body = letters[:-1].rjust(8)
    values = [36 if one == " " else int(one, 36) for one in body]
    total = sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True))
    return (total + int(check, 36)) % 11 == 0


def _is_taiwan(text: str) -> bool:
    first = "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(text[0]) + 10
    digits = [first // 10, first % 10, *map(int, text[1:])]
    return (
        sum(d * w for d, w in zip(digits, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1), strict=True)) % 10 == 0
    )


def _is_spanish(text: str) -> bool:
    number = text.replace("X", "0").replace("Y", "1").replace("Z", "2").replace("-", "")
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(number[:8]) % 23] == text[-1]


def _is_brazilian(text: str) -> bool:
    digits = [int(one) for one in digits_of(text)]
    for length in (9, 10):
        total = sum(d * w for d, w in zip(digits, range(length + 1, 1, -1), strict=False))
        if total * 10 % 11 % 10 != digits[length]:
            return False
    return len(set(digits)) > 1


def _is_korean(text: str) -> bool:
    digits = digits_of(text)
    month, day = int(digits[2:4]), int(digits[4:6])
    return 1 <= month <= 12 and 1 <= day <= 31  # noqa: PLR2004 - a date


def _is_french(text: str) -> bool:
    digits = digits_of(text)
    return (97 - int(digits[:13]) % 97) == int(digits[13:])


def _is_singapore(text: str) -> bool:
    total = sum(int(d) * w for d, w in zip(text[1:8], (2, 7, 6, 5, 4, 3, 2), strict=True))
    total += 4 if text[0] in "TG" else 0
    checks = "JZIHGFEDCBA" if text[0] in "ST" else "XWUTRQPNMLK"
    return checks[total % 11] == text[8]


_VERHOEFF = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_PERMUTED = ("0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258")  # fmt: skip


def _is_indian(text: str) -> bool:
    check = 0
    for at, digit in enumerate(reversed(digits_of(text))):
        check = int(_VERHOEFF[check][int(_PERMUTED[at % 8][int(digit)])])
    return check == 0


# --- bank accounts and cards

IBAN_CHARS: Mapping[str, int] = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "ES": 24, "FI": 18,
    "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LI": 21, "LT": 20, "LU": 20,
    "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24,
    "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24,
    "SM": 27, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "XK": 20,
}  # fmt: skip


def has_iban_form(text: str) -> bool:
    """A country that has such numbers, and as many characters as its numbers have."""
    bare = re.sub(r"[ -]", "", text)
    return len(bare) == IBAN_CHARS.get(bare[:2]) and bare[2:4].isdigit() and bare[-6:].isdigit()


def is_iban(text: str) -> bool:
    bare = re.sub(r"[ -]", "", text)
    if not has_iban_form(bare):
        return False
    return int("".join(str(int(one, 36)) for one in bare[4:] + bare[:4])) % 97 == 1


def passes_luhn(digits: str) -> bool:
    total = 0
    for at, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if at % 2 else 1)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - the sum of its digits
    return total % 10 == 0


_ISSUERS = re.compile(
    r"(?:4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|6011|64[4-9]|65|62|35(?:2[89]|[3-8])|3[47]|9[0-9]{3}(?=9))\d*"
)


def has_card_form(text: str) -> bool:
    return bool(_ISSUERS.fullmatch(digits_of(text)))


def is_card(text: str) -> bool:
    return has_card_form(text) and passes_luhn(digits_of(text))


# --- telephones

_MOBILE = re.compile(r"1(?:3\d|4[5-9]|5[0-35-9]|6[2567]|7[0-8]|8\d|9[0-35-9])\d{8}")


def is_mobile(text: str) -> bool:
    """A Chinese mobile number, with the country's code or without."""
    return bool(_MOBILE.fullmatch(digits_of(text)[-11:]))


# --- networks


def _is_ipv4(text: str) -> bool:
    try:
        return int(IPv4Address(text)) >> 24 > 0
    except AddressValueError:
        return False


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return text.count(":") > 2  # noqa: PLR2004 - a clock has two


PLATE_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_KEYWORDS = r"(?:tel|phone|mobile|whatsapp|电话|手机|致电|联系方式|联系)"

# As they are grouped at home: in Germany, Britain, France, Japan, Korea, India and Brazil.
_NATIONAL_MOBILE = re.compile(
    r"(?<![\d.+-])(?:01[5-7]\d[ /-]\d{6,8}|07\d{3} \d{3} ?\d{3}|0[67](?:[ .]\d\d){4}|0[789]0-\d{4}-\d{4}"
    r"|01[016-9]-\d{3,4}-\d{4}|[6-9]\d{4} \d{5}|\(\d\d\) ?9\d{4}-\d{4})(?![\d-])"
)

INSIDE: tuple[Kind, ...] = (
    Kind("email", re.compile(r"(?<![\w.+-])(?!git@)[\w.+-]{1,64}@(?:[\w-]{1,63}\.)+[^\W\d_]{2,}"), _always, 0.0),
    Kind(
        "identity_number",
        re.compile(r"(?<!\d)\d{6}[ -]?\d{8}[ -]?\d{3}[\dXx](?![\dXx])"),
        is_identity_number, 0.0005, 0.02,
    ),
    Kind("identity_number", re.compile(r"(?<![\d-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])"), _always, 0.02),
    Kind("identity_number", re.compile(r"(?<!\w)[A-Z]{1,2}\d{6}\([\dA]\)"), _is_hong_kong, 0.002),
    Kind("identity_number", re.compile(r"(?<!\w)[A-Z][1289]\d{8}(?!\w)"), _is_taiwan, 0.02),
    Kind("identity_number", re.compile(r"(?<!\w)(?:\d{8}|[XYZ]\d{7})-?[A-HJ-NP-TV-Z](?!\w)"), _is_spanish, 0.02),
    Kind("identity_number", re.compile(r"(?<!\w)\d{3}\.\d{3}\.\d{3}-\d{2}(?!\w)"), _is_brazilian, 0.002),
    Kind("identity_number", re.compile(r"(?<![\d-])\d{6}-[1-8]\d{6}(?![\d-])"), _is_korean, 0.02, 0.9),
    Kind("identity_number", re.compile(r"(?<!\d)[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?\d{2} ?\d{3} ?\d{3} ?\d{2}(?!\d)"), _is_french, 0.002),
    Kind("identity_number", re.compile(r"(?<!\w)[STFG]\d{7}[A-Z](?!\w)"), _is_singapore, 0.002),
    Kind("identity_number", re.compile(r"(?<![\d -])[2-9]\d{3} ?\d{4} ?\d{4}(?![\d -])"), _is_indian, 0.02, 0.6),
    Kind("identity_number", re.compile(r"(?<!\w)[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z](?!\w)"), _always, 0.002),
    Kind("identity_number", re.compile(r"(?<!\w)(?![DFIQUV])[A-Z](?![DFIQUVO])[A-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?!\w)"), _always, 0.5),
    Kind("bank_account", re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?(?![A-Za-z0-9])"), is_iban, 0.0, 0.05),
    Kind("payment_card", re.compile(r"(?<![\d.])(?:\d{4}[ -]?){3}\d{4}(?:\d{3})?(?!\d)|(?<![\d.])3[47]\d{2}[ -]?\d{6}[ -]?\d{5}(?!\d)"), is_card, 0.002),
    Kind("phone", re.compile(r"(?<![\d.])(?:(?:\+|00)?86[ -]?|0)?1\d{2}[ .-]?\d{4}[ .-]?\d{4}(?!\d|\.\d*[1-9])|(?<![\d.])\d{11}(?!\d|\.\d)"), is_mobile, 0.002),
    Kind("phone", re.compile(r"(?<![\d+])\+(?:[1-9]\d{0,2})[ .-]?(?:\(0?\d{1,4}\)[ .-]?)?\d(?:[ .-]?\d){6,11}(?!\d)"), _always, 0.002),
    Kind("phone", re.compile(rf"(?i){_KEYWORDS}[^\d+\w]{{0,6}}(?:\+|00)?\(?\d(?:[ ().-]{{0,2}}\d){{6,14}}(?!\d)"), _always, 0.002),
    Kind("phone", re.compile(r"(?<!\d)\([2-9]\d{2}\) ?[2-9]\d{2}-\d{4}(?!\d)|(?<![\d-])[2-9]\d{2}[-.][2-9]\d{2}[-.]\d{4}(?![\d-])"), _always, 0.01),
    Kind("phone", re.compile(r"(?<![\d-])0\d{2,3}-[2-9]\d{6,7}(?![\d-])"), _always, 0.01),
    Kind("phone", _NATIONAL_MOBILE, _always, 0.01),
    Kind("network_address", re.compile(r"(?<![\d.vV])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])"), _is_ipv4, 0.01, 0.9),
    Kind("plate", re.compile(rf"[{PLATE_PROVINCES}][A-HJ-NP-Z][·•. -]?[A-HJ-NP-Z0-9]{{4,5}}[A-HJ-NP-Z0-9挂学警港澳](?![A-Za-z0-9])"), _always, 0.005),
)  # fmt: skip
# Of these a cell need not hold a sign or five digits: they are looked for in every cell of the sample.
BARE: tuple[Kind, ...] = (
    Kind("network_address", re.compile(r"(?i)(?<![\w:.])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:.])"), _is_ipv6, 0.01, 0.9),
    Kind("device_id", re.compile(r"(?i)(?<![\w:-])[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}(?![\w:-])"), _always, 0.01),
    Kind("plate", re.compile(rf"[{PLATE_PROVINCES}][A-HJ-NP-Z][·•. -]?[A-HJ-NP-Z0-9]{{4,5}}[A-HJ-NP-Z0-9挂学警港澳](?![A-Za-z0-9])"), _always, 0.005),
    Kind("device_id", re.compile(r"(?i)(?<![\w.])[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}(?![\w.])"), _always, 0.1),
    Kind("account_name", re.compile(r"(?i)\bwxid_\w{4,}|(?:微信号?|QQ号?|wechat)\s*[::]?\s*[\w-]{5,}"), _always, 0.01),
    Kind("person_name", re.compile(r"(?:姓名|联系人|户主|车主|司机|负责人|经办人)[\"”]?\s*[:：是为]?\s*[\"“]?([\u4e00-\u9fff]{2,4})"), is_person_name, 0.01, 0.3),
    Kind("person_name", re.compile(r"(?i)[\"'](?:full_?name|name|contact|customer|driver|owner)[\"']\s*:\s*[\"']([^\"']{2,60})[\"']"), is_person_name, 0.01, 0.3),
)  # fmt: skip


@dataclass(frozen=True)
class Whole:
    """A test of whole cells, and in what share of them it must hold."""

    name: str
    test: Callable[[str], object]
    share_min: float


_VIN = re.compile(r"(?=(?:.*\d){5})(?=(?:.*[A-Z]){3})[A-HJ-NPR-Z0-9]{13}\d{4}")
_EUROPEAN_PLATE = re.compile(
    r"[A-ZÄÖÜ]{1,3}-[A-Z]{1,2} \d{1,4}[EH]?|[A-Z]{2}\d{2} [A-Z]{3}|[A-HJ-NP-TV-Z]{2}-\d{3}-[A-HJ-NP-TV-Z]{2}"
)
_NATIONAL_PHONE = re.compile(
    r"0\d{2,4}[ /-]\d{5,8}|0\d(?:[ .]\d\d){4}|0\d{3,4} \d{3} ?\d{3,4}|0\d0-\d{4}-\d{4}|\(0\d{1,4}\) ?\d{4,8}"
)
_OLD_IDENTITY = re.compile(r"[1-9]\d{5}\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}")
ADDRESS = re.compile(
    r".*(省|市|区|县).*(路|街|道|巷|村|弄).*\d+.*(号|室|栋|幢)?.*"
    r"|\d+[A-Za-z]? [\w .'-]+ (street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|boulevard|blvd)\b.*"
    r"|[\w .'-]+(straße|strasse|str\.|gasse|allee|weg) ?\d+[a-z]?\b.*"
    r"|\d+,? (rue|avenue|boulevard|place|via|calle) .+",
    re.IGNORECASE,
)
WHOLES: tuple[Whole, ...] = (
    Whole("bank_account", has_iban_form, 0.5),
    Whole("payment_card", lambda cell: re.fullmatch(r"(?:\d{4}[ -]){3}\d{4}", cell) and has_card_form(cell), 0.5),
    Whole("phone", _NATIONAL_PHONE.fullmatch, 0.3),
    Whole("identity_number", _OLD_IDENTITY.fullmatch, 0.9),
    Whole("plate", _EUROPEAN_PLATE.fullmatch, 0.8),
    Whole("vehicle_number", _VIN.fullmatch, 0.5),
    Whole("address", ADDRESS.fullmatch, 0.3),
    Whole("person_name", is_person_name, 0.3),
    Whole("person_name", is_given_name, 0.8),
)  # fmt: skip
NUMBER_DIGITS_MIN = 11
# Of columns of numbers: whole values, without the point that decimals have.
NUMBERS: tuple[Whole, ...] = (
    Whole("identity_number", is_identity_number, 0.05),
    Whole("phone", lambda cell: len(cell) in {NUMBER_DIGITS_MIN, 13} and is_mobile(cell), 0.3),
    Whole("payment_card", lambda cell: len(cell) in {15, 16, 19} and is_card(cell), 0.5),
    Whole("device_id", lambda cell: len(cell) == 15 and passes_luhn(cell), 0.9),  # noqa: PLR2004 - an IMEI
)  # fmt: skip


def clean(cell: str) -> str:
    """The text as it is searched: full-width letters and digits are plain ones."""
    cell = cell[:CHARS_SEARCHED].strip()
    return cell if cell.isascii() else unicodedata.normalize("NFKC", cell)


def found_inside(
    kinds: Iterable[Kind], cells: Iterable[tuple[str, int]], *, searched: int
) -> tuple[str, float] | None:
    """The first kind that the cells hold, each with how often it stands, and in what share of all."""
    counted = list(cells)
    for kind in kinds:
        formed = held = 0
        for cell, count in counted:
            matches = [one.group(one.lastindex or 0) for one in kind.form.finditer(cell)]
            if not matches:
                continue
            formed += count
            if any(map(kind.is_one, matches)):
                held += count
        if held and held >= kind.share_min * searched and held >= kind.part_min * formed:
            return kind.name, held / max(1, searched)
    return None


def found_whole(
    wholes: Iterable[Whole], cells: Iterable[tuple[str, int]], *, searched: int
) -> tuple[str, float] | None:
    """The first kind that enough of the searched cells are."""
    counted = list(cells)
    for whole in wholes:
        share = sum(count for cell, count in counted if whole.test(cell)) / max(1, searched)
        if share >= whole.share_min:
            return whole.name, share
    return None
