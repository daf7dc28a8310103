"""Units that the name of a column says: with their prefix, where they can stand, and none where none is."""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum


def listed(text: str) -> frozenset[str]:
    """The words of a list that is written as a text."""
    return frozenset(text.split())


_PREFIXED = (
    ("", "W Wh V A Ah VA VAh var varh Hz Pa J N g t m s L l K Ω ohm B bit bar mol lx lm cd C F h d Gy Sv Bq"),
    ("k", "W Wh V A Ah VA VAh var varh Hz Pa J N g t m Ω ohm B bit mol cal"),
    ("M", "W Wh V VA VAh var varh Hz Pa J N t Ω ohm B bit"),
    ("G", "W Wh Hz Pa J B bit t"),
    ("T", "W Wh J B"),
    ("m", "W V A Ah Hz g m s L l Ω ohm bar mol Sv"),
    ("µ", "W V A F g m s L l Sv"), ("u", "V A F g m s"), ("μ", "V A F g m s"),
    ("n", "A F g m s"), ("c", "m L l"), ("d", "m L l B"), ("h", "Pa L l"),
)  # fmt: skip
_OTHER = listed(
    "% ‰ ° °C °F ℃ ℉ ppm ppb ppt dB dBm dBA rpm psi mph kph kn pH KB KiB MiB GiB TiB min mmHg inHg atm "
    "ha ft in mi yd lb lbs oz gal acre kgCO2 tCO2 tCO2e kgCO2e gCO2 gCO2e Nm3 Nm³ cfm gpm NTU uS mS µS TCE tce MMBtu Btu"
)
MONEY_CODES = listed(
    "USD EUR GBP CNY RMB JPY CHF HKD SGD AUD CAD INR KRW TWD SEK NOK DKK PLN CZK HUF BRL MXN ZAR RUB NZD"
)
_MONEY_SIGNS = listed("$ € £ ¥ ￥ ₹ US$ ct cent cents")
_OF_SEVERAL = listed("$ ¥ ￥")  # countries' money
_CHINESE_UNITS = listed(
    "元 万元 亿元 千元 吨 万吨 千吨 公斤 千克 克 公里 千米 米 厘米 毫米 度 千瓦时 万千瓦时 兆瓦时 千瓦 万千瓦 兆瓦 "
    "伏 千伏 安 赫兹 帕 兆帕 千帕 摄氏度 立方米 万立方米 平方米 公顷 亩 升 小时 分钟 分 秒 天 日 月 年 人 户 个 台 辆 次 件 只 座 家"
)
_EXACT = frozenset(
    {f"{prefix}{base}" for prefix, bases in _PREFIXED for base in bases.split()}
    | _OTHER
    | MONEY_CODES
    | _MONEY_SIGNS
    | _CHINESE_UNITS
)
# Words for a unit wherever they stand in a name, whatever their case.
WORDS = {
    "kwh": "kWh", "mwh": "MWh", "gwh": "GWh", "twh": "TWh", "wh": "Wh", "kw": "kW", "mw": "MW", "gw": "GW",
    "kva": "kVA", "mva": "MVA", "kvah": "kVAh", "kvar": "kvar", "mvar": "Mvar", "kvarh": "kvarh", "kv": "kV",
    "mv": "mV", "volts": "V", "volt": "V", "amps": "A", "amp": "A", "amperes": "A", "ah": "Ah", "ahr": "Ah",
    "mah": "mAh", "hz": "Hz", "khz": "kHz", "mhz": "MHz", "ghz": "GHz", "degc": "°C", "celsius": "°C",
    "degf": "°F", "fahrenheit": "°F", "kelvin": "K", "pct": "%", "percent": "%", "percentage": "%",
    "km": "km", "metres": "m", "cm": "cm", "mm": "mm", "kmh": "km/h", "kph": "km/h", "mph": "mph",
    "rpm": "1/min", "kg": "kg", "tonnes": "t", "litres": "l", "liters": "l", "mpa": "MPa", "kpa": "kPa",
    "hpa": "hPa", "mbar": "mbar", "psi": "psi", "cny": "CNY", "rmb": "CNY", "usd": "USD", "eur": "EUR",
    "euro": "EUR", "euros": "EUR", "gbp": "GBP", "jpy": "JPY", "chf": "CHF", "ppm": "ppm", "ppb": "ppb",
    "lux": "lx", "db": "dB", "dbm": "dBm", "bytes": "B", "m3h": "m³/h", "m3": "m³", "m2": "m²", "sqm": "m²",
    "sqft": "ft²", "mj": "MJ", "gj": "GJ", "kj": "kJ", "℃": "°C", "℉": "°F", "mwp": "MWp", "kwp": "kWp",
    "ugm3": "µg/m³", "mg": "mg", "hectares": "ha", "acres": "acre",
}  # fmt: skip
# Words that name a unit at the end only: elsewhere they are words like others.
LAST = {
    "seconds": "s", "secs": "s", "sec": "s", "ms": "ms", "minutes": "min", "mins": "min", "hours": "h", "hrs": "h",
    "days": "d", "pa": "Pa", "deg": "°", "degrees": "°", "miles": "mi", "feet": "ft", "inches": "in",
    "lbs": "lb", "gallons": "gal", "ha": "ha",
}  # fmt: skip
# Signs that name a unit at the end only, and only of what is measured in it.
_TEMPERATURE = listed("temp temperature dewpoint dew point air ambient t")
_LENGTH = listed(
    "height length depth distance altitude elevation width head level dist thickness visibility range"
)
MEASURED = {
    "v": ("V", listed("voltage volt u v1 potential")),
    "a": ("A", listed("current i ampere")),
    "ma": ("mA", listed("current i ampere")),
    "w": ("W", listed("power load p")),
    "c": ("°C", _TEMPERATURE), "f": ("°F", _TEMPERATURE), "k": ("K", _TEMPERATURE),
    "m": ("m", _LENGTH), "meters": ("m", _LENGTH), "meter": ("m", _LENGTH), "ft": ("ft", _LENGTH),
    "g": ("g", listed("mass weight")), "t": ("t", listed("mass weight tonnage")),
    "l": ("l", listed("volume")), "s": ("s", listed("duration delay latency elapsed time period interval")),
    "h": ("h", listed("duration runtime elapsed operating time")),
    "min": ("min", listed("duration runtime elapsed delay interval")),
    "bar": ("bar", listed("pressure p druck")),
    "hr": ("h", listed("duration runtime elapsed")),
}  # fmt: skip
# What is measured in one unit by what it is.
NOUNS = {"latitude": "°", "longitude": "°", "lat": "°", "lon": "°", "lng": "°"}


class Measured(StrEnum):
    """What a column measures whose name says no unit. It never tells the unit by itself."""

    TEMPERATURE = "temperature"
    PRESSURE = "pressure"
    POWER = "power"
    ENERGY = "energy"
    SPEED = "speed"
    VOLTAGE = "voltage"
    FREQUENCY = "frequency"
    HUMIDITY = "humidity"
    OTHER = "other"


_MEASURES = {
    "temperature": Measured.TEMPERATURE, "temp": Measured.TEMPERATURE, "pressure": Measured.PRESSURE,
    "power": Measured.POWER, "energy": Measured.ENERGY, "speed": Measured.SPEED, "voltage": Measured.VOLTAGE,
    "humidity": Measured.HUMIDITY,
}  # fmt: skip
_MEASURES_CHINESE = (
    ("电量", Measured.ENERGY), ("功率", Measured.POWER), ("负荷", Measured.POWER), ("电压", Measured.VOLTAGE), ("频率", Measured.FREQUENCY),
    ("温度", Measured.TEMPERATURE), ("气温", Measured.TEMPERATURE), ("湿度", Measured.HUMIDITY), ("压力", Measured.PRESSURE),
    ("气压", Measured.PRESSURE), ("车速", Measured.SPEED), ("风速", Measured.SPEED), ("电流", Measured.OTHER), ("流量", Measured.OTHER),
    ("金额", Measured.OTHER), ("价格", Measured.OTHER), ("电价", Measured.OTHER), ("里程", Measured.OTHER), ("重量", Measured.OTHER),
)  # fmt: skip
# Beside these a measure's word means something else: a speed of turning, a plant, a change.
_OTHERWISE = listed(
    "factor plant source station mode price cost rotor rotation rotational fan motor engine spindle change delta "
    "diff difference error ratio share efficiency quality rating"
)
_NO_MEASURE = listed(
    "id code type class status flag count counts number no nr category level factor index rank grade ratio name "
    "zone group mode"
)
CHINESE = (
    ("万千瓦时", "10,000 kWh"), ("兆瓦时", "MWh"), ("千瓦时", "kWh"), ("兆瓦", "MW"), ("千瓦", "kW"), ("万元", "10,000 CNY"),
    ("经度", "°"), ("纬度", "°"), ("百分比", "%"), ("元", "CNY"),
)  # fmt: skip
_CHINESE_NO_MEASURE = re.compile(
    "因数|系数|等级|编号|类型|类别|状态|次数|个数|单元|元素|是否|占比|比例|比率|代码"
)
_CASED = listed("kV MV mV MW mW Mvar mA")  # whose prefix the case tells
_LABELS = listed("A B C d F K")  # letters that number things as often
BRACKETS = re.compile(r"[(\[（【]\s*([^)\]）】(\[（【]{1,16})\s*[)\]）】]")
_POWER = re.compile(r"(?<=[A-Za-z])(?:\^?[23]|[²³])$")
# A unit of a small, a capital and a small letter, glued to a word.
_GLUED = re.compile(r"(.*[a-z]{2})(kWh|mWh|mAh|kHz|mHz|kPa|hPa)")
_PIECES = re.compile(r"[/·*⋅]|(?<=\S) per (?=\S)")
_PARTS = re.compile(r"[\s_.,:;#|=-]+")
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[%°℃℉‰]+")
_CHINESE_SAID = {
    "元": "CNY", "万元": "10,000 CNY", "亿元": "100,000,000 CNY", "千瓦时": "kWh", "度": "kWh", "千瓦": "kW", "兆瓦": "MW",
    "兆瓦时": "MWh", "吨": "t", "公斤": "kg", "千克": "kg", "公里": "km", "千米": "km", "米": "m", "伏": "V", "千伏": "kV",
    "安": "A", "赫兹": "Hz", "兆帕": "MPa", "千帕": "kPa", "帕": "Pa", "摄氏度": "°C", "立方米": "m³", "平方米": "m²",
    "小时": "h", "分钟": "min", "秒": "s", "天": "d", "$": "USD", "€": "EUR", "£": "GBP", "¥": "CNY", "￥": "CNY", "℃": "°C", "℉": "°F",
}  # fmt: skip

# At the end of a name or in brackets; single letters, which are words and cases too, only behind a comma.
_CYRILLIC = {
    "Вт": "W", "кВт": "kW", "МВт": "MW", "ГВт": "GW", "кВт·ч": "kWh", "кВт*ч": "kWh", "кВтч": "kWh", "МВт·ч": "MWh",
    "МВт*ч": "MWh", "МВтч": "MWh", "ГВт·ч": "GWh", "кВА": "kVA", "МВА": "MVA", "квар": "kvar", "Гкал": "Gcal",
    "кВ": "kV", "мВ": "mV", "кА": "kA", "мА": "mA", "Гц": "Hz", "Па": "Pa", "кПа": "kPa", "МПа": "MPa", "бар": "bar",
    "м2": "m²", "м²": "m²", "м3": "m³", "м³": "m³", "м3/ч": "m³/h", "м³/ч": "m³/h", "м/с": "m/s", "км/ч": "km/h",
    "кг": "kg", "км": "km", "см": "cm", "мм": "mm", "га": "ha", "мин": "min", "°С": "°C", "руб": "RUB", "руб.": "RUB", "руб/кВт·ч": "RUB/kWh", "руб/МВт·ч": "RUB/MWh",
    "руб/м3": "RUB/m³",
}  # fmt: skip
_CYRILLIC_LETTERS = {"В": "V", "А": "A", "т": "t", "м": "m", "л": "l", "ч": "h", "с": "s", "г": "g"}
_BEHIND_COMMA = re.compile(r"[^,]*\w\s*,\s*([^,]+?)\s*")


def unit_in(name: str) -> str | None:
    """The unit that a name says in brackets, as one of its words, or as good as says."""
    for bracket in BRACKETS.findall(name):
        unit = spelled(bracket.strip())
        if unit is not None and (unit not in _LABELS or _is_measured(unit, name)):
            return unit
    rest = BRACKETS.sub(" ", name)
    parts = [part for part in _PARTS.split(rest) if part]
    lower = [part.lower() for part in parts]
    if "per" in lower[1:-1]:
        return _per(parts, lower)
    return _of_cyrillic(rest) or _of_words(parts) or _of_nouns(parts) or _of_chinese(rest)


def _is_measured(unit: str, name: str) -> bool:
    """Whether a letter in brackets is the unit of what the name speaks about, and no label."""
    _own, nouns = MEASURED.get(unit.lower(), ("", frozenset()))
    return bool(nouns & {word.lower() for word in _CAMEL.findall(name)})


def spelled(text: str) -> str | None:
    """A unit written as one: a sign or a word, perhaps with a power, perhaps by another."""
    if text in _CHINESE_SAID:
        return _CHINESE_SAID[text]
    if text in _CYRILLIC or text in _CYRILLIC_LETTERS:
        return _CYRILLIC.get(text) or _CYRILLIC_LETTERS[text]
    if text.lower() in WORDS and text not in _EXACT:
        return WORDS[text.lower()]
    pieces = _PIECES.split(text.removeprefix("in "))
    if not all(_is_unit(piece.strip()) for piece in pieces):
        return LAST.get(text.lower())
    if any(piece.strip() in _CHINESE_SAID for piece in pieces):
        return "/".join(_CHINESE_SAID.get(piece.strip(), piece.strip()) for piece in pieces)
    return text.removeprefix("in ").replace(" per ", "/")


def _is_unit(piece: str) -> bool:
    return piece in _EXACT or _POWER.sub("", piece) in _EXACT or piece.lower() in WORDS


def _of_words(parts: Sequence[str]) -> str | None:
    words = [word for part in parts for word in _words(part)]
    lower = [word.lower() for word in words]
    for at in reversed(range(len(words))):
        is_last = all(one.isdigit() for one in lower[at + 1 :])
        unit = _of_word(words[at], frozenset(lower[:at]), is_last=is_last)
        if unit is not None:
            return unit
    return None


def _words(part: str) -> Iterator[str]:
    """A part whole where it is a unit; else its pieces of camel case, the last ones together where they
    are one."""
    if "/" in part or part in _EXACT or part.lower() in WORDS:
        yield part
        return
    glued = _GLUED.fullmatch(part)
    if glued is not None:
        yield from _CAMEL.findall(glued[1])
        yield glued[2]
        return
    pieces = _CAMEL.findall(part)
    for count in (3, 2):
        joined = "".join(pieces[-count:])
        is_unit = joined in _EXACT or joined.lower() in {"kwh", "mwh", "gwh", "kvah"}
        if len(pieces) > count and part.endswith(joined) and len(joined) > 1 and is_unit:
            yield from pieces[:-count]
            yield joined
            return
    yield from pieces


def _of_word(word: str, before: frozenset[str], *, is_last: bool) -> str | None:
    low = word.lower()
    if word in _CASED:
        return word
    if low in WORDS:
        return WORDS[low]
    return _of_last(word, before) if is_last else None


def _of_last(word: str, before: frozenset[str]) -> str | None:
    if word in {"%", "‰"}:  # a number before it makes it a rate: Tax 5%
        return None if any(one.isdigit() for one in before) else word
    if "/" in word:
        return spelled(word)
    if word in MONEY_CODES:
        return word
    if word in _EXACT and not word.isalpha() and word not in _OF_SEVERAL:
        return _CHINESE_SAID.get(word, word)
    unit, nouns = MEASURED.get(word.lower(), ("", frozenset()))
    return LAST.get(word.lower()) or (unit if before & nouns else None)


def _per(parts: Sequence[str], lower: Sequence[str]) -> str | None:
    """`usd_per_kwh`; of `cost_per_kwh` nobody knows in what the cost is."""
    at = lower.index("per")
    left, right = parts[at - 1], parts[at + 1]
    by = {"hour": "h", "day": "d", "minute": "min", "second": "s", "month": "month", "year": "a"}
    under = by.get(right.lower()) or WORDS.get(right.lower()) or spelled(right)
    over = WORDS.get(left.lower()) or spelled(left)
    return f"{over}/{under}" if over and under else None


def _of_nouns(parts: Sequence[str]) -> str | None:
    words = [word.lower() for part in parts for word in _CAMEL.findall(part)]
    if _NO_MEASURE & set(words):
        return None
    return next((NOUNS[word] for word in words if word in NOUNS), None)


def measured_in(name: str) -> Measured | None:
    """What a name says is measured; None for what counts, names or compares things."""
    rest = BRACKETS.sub(" ", name)
    words = [word.lower() for word in _CAMEL.findall(rest)]
    if (_NO_MEASURE | _OTHERWISE) & set(words) or _CHINESE_NO_MEASURE.search(name):
        return None
    found = next((_MEASURES[word] for word in words if word in _MEASURES), None)
    return found or next((kind for word, kind in _MEASURES_CHINESE if word in rest), None)


def _of_chinese(name: str) -> str | None:
    if _CHINESE_NO_MEASURE.search(name):
        return None
    return next((unit for chinese, unit in CHINESE if chinese in name), None)


def _of_cyrillic(name: str) -> str | None:
    behind = _BEHIND_COMMA.fullmatch(name)
    if behind is not None and behind[1] in _CYRILLIC_LETTERS:
        return _CYRILLIC_LETTERS[behind[1]]
    last = re.split(r"[\s_,;:|-]+", name.strip())
    return _CYRILLIC.get(last[-1]) if len(last) > 1 else None
