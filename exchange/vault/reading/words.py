"""Units and descriptions guessed from the words of a column's name, English or Chinese."""

import re

TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[\u4e00-\u9fff]+|[%°℃]")
LETTERS_MIN = 3

UNIT_TOKENS = {
    "kwh": "kWh", "mwh": "MWh", "gwh": "GWh", "wh": "Wh", "kw": "kW", "mw": "MW", "kva": "kVA",
    "kvar": "kvar", "kv": "kV", "volt": "V", "volts": "V", "amp": "A", "amps": "A", "ma": "mA",
    "ah": "Ah", "ahr": "Ah", "mah": "mAh", "hz": "Hz", "khz": "kHz", "degc": "°C", "celsius": "°C",
    "degf": "°F", "fahrenheit": "°F", "kelvin": "K", "pct": "%", "percent": "%", "percentage": "%",
    "km": "km", "metres": "m", "meters": "m", "cm": "cm", "mm": "mm", "kmh": "km/h", "kph": "km/h",
    "mph": "mph", "rpm": "1/min", "kg": "kg", "tonnes": "t", "litres": "l", "liters": "l",
    "mpa": "MPa", "kpa": "kPa", "pa": "Pa", "bar": "bar", "psi": "psi", "seconds": "s", "sec": "s",
    "ms": "ms", "minutes": "min", "hours": "h", "days": "d", "cny": "CNY", "rmb": "CNY",
    "usd": "USD", "eur": "EUR", "ppm": "ppm", "lux": "lx", "db": "dB", "bytes": "B",
    "%": "%", "℃": "°C",
}  # fmt: skip
UNIT_NOUNS = {
    "voltage": "V", "temperature": "°C", "humidity": "%", "latitude": "°", "longitude": "°",
    "lat": "°", "lon": "°", "lng": "°",
}  # fmt: skip
UNIT_CHINESE = (
    ("千瓦时", "kWh"), ("用电量", "kWh"), ("发电量", "kWh"), ("电量", "kWh"), ("千瓦", "kW"),
    ("功率", "kW"), ("电压", "V"), ("电流", "A"), ("频率", "Hz"), ("温度", "°C"), ("气温", "°C"),
    ("湿度", "%"), ("压力", "MPa"), ("流量", "m³/h"), ("万元", "10,000 CNY"), ("金额", "CNY"),
    ("价格", "CNY"), ("电价", "CNY/kWh"), ("里程", "km"), ("车速", "km/h"), ("重量", "kg"),
    ("经度", "°"), ("纬度", "°"), ("百分比", "%"), ("元", "CNY"),
)  # fmt: skip
BRACKETS = re.compile(r"[(\[（【]\s*([^)\]）】]{1,12})\s*[)\]）】]")
EXPANDED = {
    "lat": "latitude", "lon": "longitude", "lng": "longitude", "temp": "temperature",
    "avg": "average", "min": "lowest", "max": "highest", "qty": "quantity", "amt": "amount",
    "num": "number of", "nr": "number", "no": "number", "id": "identifier", "dt": "date",
    "ts": "time", "cust": "customer", "addr": "address", "tel": "telephone", "pct": "share in percent",
    "std": "standard deviation of", "dob": "date of birth", "freq": "frequency", "cap": "capacity",
}  # fmt: skip


def listed(text: str) -> frozenset[str]:
    """The words of a list that is written as a text."""
    return frozenset(text.split())


def tokens(name: str) -> list[str]:
    """The words of a name, lower case: snake_case, camelCase and Chinese runs come apart."""
    return [token.lower() for token in TOKEN.findall(name)]


def unit_of(name: str, *, is_number: bool) -> str | None:
    """A unit that the name says or nearly says. Only numbers have one."""
    if not is_number:
        return None
    bracket = BRACKETS.search(name)
    if bracket:
        return bracket.group(1)
    words = tokens(name)
    for word in reversed(words):
        if word in UNIT_TOKENS:
            return UNIT_TOKENS[word]
    for word in words:
        if word in UNIT_NOUNS:
            return UNIT_NOUNS[word]
    return next((unit for chinese, unit in UNIT_CHINESE if chinese in name), None)


def description_of(name: str) -> str:
    """A first wording for the seller to correct; nothing when the name holds codes, not words."""
    words = tokens(BRACKETS.sub("", name))
    if not words or any(word.isdigit() for word in words):
        return ""
    said = [EXPANDED.get(word, word) for word in words if word not in UNIT_TOKENS]
    if not said or any(len(word) < LETTERS_MIN and word.isascii() for word in said):
        return ""
    sentence = ("" if any(not word.isascii() for word in said) else " ").join(said)
    return sentence[:1].upper() + sentence[1:]
