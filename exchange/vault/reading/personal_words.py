"""Words by which columns that hold personal data are known: a hint, which the values must bear out."""

from exchange.vault.reading.words import listed, tokens

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
# A name with one of these speaks about the thing, not of a person: the type of an address.
ABOUT_WORDS = listed("""
type kind class category status state condition service services count counts number_of total flag is has
level mode group rate rating ratio percent share length width height thickness size weight colour color
format method brand model operator provider country city region zip source verified confirmed active
enabled opt allowed score plan contract lighting office app os usage bus modbus register memory
""")  # fmt: skip
ABOUT_CHINESE = ("类型", "类别", "状态", "等级", "数量", "是否", "方式", "运营商", "品牌", "比例")
VERSION_WORDS = frozenset({"version", "firmware", "software", "fw", "build", "release", "oid", "sw", "hw", "ver", "revision", "section", "clause", "dewey"})  # fmt: skip
VERSION_CHINESE = ("版本", "固件")
LATITUDE_WORDS = frozenset({"lat", "latitude", "纬度", "wd"})
LONGITUDE_WORDS = frozenset({"lon", "lng", "long", "longitude", "经度", "jd"})
TRACE_WORDS = frozenset({"id", "device", "driver", "track", "vehicle", "car", "user", "log", "trip", "imei", "编号", "司机", "车辆", "设备", "轨迹"})  # fmt: skip
CUSTOMER_WORDS = frozenset({"customer", "meter", "household", "account", "consumer", "client"})
CUSTOMER_CHINESE = ("户号", "用户", "客户", "表号", "电表")
USAGE_WORDS = frozenset({"kwh", "kw", "consumption", "usage", "load", "demand", "reading", "supply", "water", "gas"})  # fmt: skip
USAGE_CHINESE = ("用电", "电量", "用水", "用气", "读数", "负荷", "示数")
X_WORDS = frozenset({"x", "easting", "eastings"})
Y_WORDS = frozenset({"y", "northing", "northings"})
COORDINATE_WORDS = frozenset({"coord", "coordinate", "coords", "coordinates", "pos", "position"})


def is_about(name: str) -> bool:
    """Whether a name speaks about a thing rather than naming it."""
    return bool(ABOUT_WORDS & set(tokens(name))) or any(word in name for word in ABOUT_CHINESE)


def is_version(name: str) -> bool:
    """Whether a column of that name holds versions, which look like addresses of a network."""
    return bool(VERSION_WORDS & set(tokens(name))) or any(word in name for word in VERSION_CHINESE)
