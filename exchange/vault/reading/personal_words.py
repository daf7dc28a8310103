"""Words and patterns by which columns that hold personal data are known."""

import re
from collections.abc import Callable

ID_CHARS = 18
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS = "10X98765432"
PLATE_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"

EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]+(\.[\w-]+)+")
PHONE = re.compile(
    r"(\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}|\+\d{1,3}[- ]\d[\d -]{6,12}\d|\(\d{3}\) ?\d{3}-\d{4}|\d{3}-\d{3}-\d{4}|0\d{2,3}-\d{7,8}"
)
IDENTITY = re.compile(r"[1-9]\d{5}(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[\dXx]")
PLATE = re.compile(rf"[{PLATE_PROVINCES}][A-Z][·• ]?[A-HJ-NP-Z0-9]{{5,6}}")
ADDRESS = re.compile(
    r".*(省|市|区|县).*(路|街|道|巷|村|弄).*\d+.*(号|室|栋|幢)?.*|\d+ [\w .]+ (street|st|road|rd|avenue|ave|lane|drive|dr)\b.*",
    re.IGNORECASE,
)
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严欧莫孔向常汤"
CHINESE_NAME = re.compile(rf"[{SURNAMES}][\u4e00-\u9fff]{{1,2}}")


def is_identity_number(text: str) -> bool:
    """A Chinese resident identity number: a date of birth in it and the right check character."""
    if not IDENTITY.fullmatch(text):
        return False
    total = sum(int(d) * w for d, w in zip(text, ID_WEIGHTS, strict=False))
    return ID_CHECKS[total % 11] == text[-1].upper()


VALUE_TESTS: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("identity_number", is_identity_number),
    ("email", EMAIL.fullmatch),
    ("phone", PHONE.fullmatch),
    ("plate", PLATE.fullmatch),
    ("address", ADDRESS.fullmatch),
    ("person_name", CHINESE_NAME.fullmatch),
)

# each entry: all words of one group must stand in the name
NAME_WORDS: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = (
    ("email", (("email",), ("e", "mail"), ("mail", "address"))),
    ("phone", (("phone",), ("mobile",), ("telephone",), ("tel",), ("msisdn",), ("cellphone",))),
    ("identity_number", (("ssn",), ("passport",), ("national", "id"), ("identity", "number"), ("id", "card"), ("id", "number"))),
    ("plate", (("plate",), ("license", "plate"), ("licence", "plate"), ("vin",))),
    ("address", (("street",), ("home", "address"), ("postal", "address"), ("address",))),
    ("person_name", (("first", "name"), ("last", "name"), ("full", "name"), ("surname",), ("customer", "name"), ("driver", "name"), ("person", "name"), ("contact", "name"))),
    ("birth_date", (("birth",), ("birthday",), ("birthdate",), ("dob",))),
    ("bank_account", (("iban",), ("card", "number"), ("bank", "account"))),
    ("device_id", (("imei",), ("imsi",), ("mac", "address"), ("device", "id"), ("android",), ("idfa",), ("driver",), ("vehicle", "id"), ("track",), ("trip", "id"), ("user", "id"), ("person", "id"))),
)  # fmt: skip
NAME_CHINESE: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("email", ("邮箱", "电子邮件")),
    ("phone", ("手机", "电话", "联系方式")),
    ("identity_number", ("身份证", "证件号", "护照")),
    ("plate", ("车牌", "车架号")),
    ("address", ("地址", "住址")),
    ("person_name", ("姓名", "联系人", "户主", "车主", "司机姓名", "客户名称")),
    ("birth_date", ("出生", "生日")),
    ("bank_account", ("银行卡", "银行账号", "账号")),
    ("device_id", ("设备号", "设备编号", "司机编号", "用户编号", "户号", "轨迹编号")),
)
LATITUDE_WORDS = frozenset({"lat", "latitude", "纬度"})
LONGITUDE_WORDS = frozenset({"lon", "lng", "long", "longitude", "经度"})
TRACE_WORDS = frozenset({"id", "device", "driver", "track", "vehicle", "car", "user", "log", "trip", "imei", "编号", "司机", "车辆", "设备", "轨迹"})  # fmt: skip
CUSTOMER_WORDS = frozenset({"customer", "meter", "household", "account", "consumer", "client"})
CUSTOMER_CHINESE = ("户号", "用户", "客户", "表号", "电表")
USAGE_WORDS = frozenset({"kwh", "kw", "consumption", "usage", "load", "demand", "reading", "supply", "water", "gas"})  # fmt: skip
USAGE_CHINESE = ("用电", "电量", "用水", "用气", "读数", "负荷", "示数")
