"""Words by which columns that hold personal data are known: a hint, which the values must bear out."""

import re
import unicodedata

from exchange.vault.reading.units import listed
from exchange.vault.reading.words import tokens

_FOREIGN = re.compile(r"[^\W\d_a-zA-Z]+")

# each entry: all words of one group must stand in the name
NAME_WORDS: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = (
    ("email", (("email",), ("e", "mail"), ("mail", "address"))),
    ("phone", (("phone",), ("mobile",), ("telephone",), ("tel",), ("msisdn",), ("cellphone",), ("fax",))),
    ("identity_number", (("ssn",), ("passport",), ("national", "id"), ("identity", "number"), ("id", "card"), ("id", "number"), ("idcard",), ("social", "security"), ("tax", "id"))),
    ("vehicle_number", (("vin",), ("chassis",))),
    ("plate", (("plate",), ("license", "plate"), ("licence", "plate"), ("number", "plate"))),
    ("address", (("street",), ("home", "address"), ("postal", "address"), ("address",))),
    ("person_name", (("first", "name"), ("last", "name"), ("full", "name"), ("fullname",), ("surname",), ("customer", "name"), ("driver", "name"), ("person", "name"), ("contact", "name"), ("owner", "name"), ("employee", "name"), ("patient", "name"))),
    ("birth_date", (("birth",), ("birthday",), ("birthdate",), ("born",), ("dob",))),
    ("bank_account", (("iban",), ("bank", "account"))),
    ("payment_card", (("card", "number"), ("card", "no"), ("pan",))),
    ("account_name", (("login",), ("username",), ("user", "name"), ("nickname",), ("screen", "name"))),
    ("network_address", (("ip", "address"), ("client", "ip"), ("ipaddr",))),
    ("device_id", (("imei",), ("imsi",), ("mac", "address"), ("device", "id"), ("android", "id"), ("idfa",), ("driver",), ("vehicle", "id"), ("track",), ("trip", "id"), ("user", "id"), ("person", "id"))),
)  # fmt: skip
NAME_CHINESE: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("email", ("邮箱", "电子邮件")),
    ("phone", ("手机", "电话", "联系方式")),
    ("identity_number", ("身份证", "证件号", "护照")),
    ("vehicle_number", ("车架号",)),
    ("plate", ("车牌",)),
    ("address", ("地址", "住址")),
    ("person_name", ("姓名", "联系人", "户主", "车主", "司机姓名", "客户名称")),
    ("birth_date", ("出生", "生日")),
    ("payment_card", ("银行卡",)),
    ("bank_account", ("银行账号", "账号")),
    ("account_name", ("用户名", "昵称", "登录名")),
    ("device_id", ("设备号", "设备编号", "司机编号", "用户编号", "户号", "轨迹编号")),
)
# In languages whose words stand alone, without the marks on their letters.
NAME_ELSEWHERE: tuple[tuple[str, frozenset[str]], ...] = (
    ("email", listed("correo courriel почта メール")),
    (
        "phone",
        listed(
            "telefon telefono telefone celular movil mobil mobilfunk rufnummer телефон 電話 携帯"
        ),
    ),
    ("identity_number", listed("dni nif cpf pesel ausweisnummer personnummer снилс паспорт")),
    ("plate", listed("kennzeichen immatriculation matricula targa госномер")),
    ("address", listed("adresse anschrift strasse direccion indirizzo endereco адрес 住所")),
    (
        "person_name",
        listed(
            "vorname nachname familienname prenom apellido apellidos cognome sobrenome фио фамилия 氏名"
        ),
    ),
    (
        "birth_date",
        listed(
            "geburtsdatum geburtstag geboren naissance nacimiento nascita nascimento urodzenia fodelsedatum"
            " рождения 生年月日"
        ),
    ),
)
# A name with one of these speaks about the thing, not of a person: the type of an address.
ABOUT_WORDS = listed("""
type kind class category status state condition service services count counts number_of total flag is has
level mode group rate rating ratio percent share length width height thickness size weight colour color
format method brand model operator provider country city region zip source verified confirmed active
enabled opt allowed score plan contract lighting office app os usage bus modbus register memory
gauge circuit curvature radius cant gradient ballast speed temperature pressure voltage power
""")  # fmt: skip
ABOUT_CHINESE = ("类型", "类别", "状态", "等级", "数量", "是否", "方式", "运营商", "品牌", "比例")
VERSION_WORDS = frozenset({"version", "firmware", "software", "fw", "build", "release", "oid", "sw", "hw", "ver", "revision", "section", "clause", "dewey"})  # fmt: skip
VERSION_CHINESE = ("版本", "固件")
LATITUDE_WORDS = listed("lat latitude latitud latitudine breitengrad широта 纬度 緯度 北纬 wd")
LONGITUDE_WORDS = listed(
    "lon lng long longitude longitud longitudine langengrad laengengrad долгота 经度 經度 东经 jd"
)
TRACE_WORDS = frozenset({"id", "device", "driver", "track", "vehicle", "car", "user", "log", "trip", "imei", "编号", "司机", "车辆", "设备", "轨迹"})  # fmt: skip
CUSTOMER_WORDS = frozenset({"customer", "meter", "household", "account", "consumer", "client"})
CUSTOMER_CHINESE = ("户号", "用户", "客户", "表号", "电表")
USAGE_WORDS = frozenset({"kwh", "kw", "consumption", "usage", "load", "demand", "reading", "supply", "water", "gas"})  # fmt: skip
USAGE_CHINESE = ("用电", "电量", "用水", "用气", "读数", "负荷", "示数")
X_WORDS = frozenset({"x", "easting", "eastings", "rechtswert", "ostwert"})
Y_WORDS = frozenset({"y", "northing", "northings", "hochwert", "nordwert"})
COORDINATE_WORDS = frozenset(
    {"coord", "coordinate", "coords", "coordinates", "pos", "position", "utm", "坐标"}
)
GRID_WORDS = frozenset({"mgrs", "grid", "gridref"})


def words_of(name: str) -> frozenset[str]:
    """The words of a name, lower case and without the marks on their letters."""
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", name)
        if not unicodedata.combining(letter)
    )
    foreign = (word.lower() for word in _FOREIGN.findall(unicodedata.normalize("NFKC", name)))
    return frozenset((*tokens(plain), *foreign))


def is_about(name: str) -> bool:
    """Whether a name speaks about a thing rather than naming it."""
    return bool(ABOUT_WORDS & set(tokens(name))) or any(word in name for word in ABOUT_CHINESE)


def is_version(name: str) -> bool:
    """Whether a column of that name holds versions, which look like addresses of a network."""
    return bool(VERSION_WORDS & set(tokens(name))) or any(word in name for word in VERSION_CHINESE)
