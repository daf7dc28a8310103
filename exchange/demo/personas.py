"""Who takes part in the invented exchange. Names and figures are made up."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import MembershipRole, OrganisationKind
from exchange.members.roles import Kind, Role

MAIL_DOMAIN = "demo.example"


@dataclass(frozen=True)
class Person:
    """A member of a synthetic organisation, signed in by one click when `shown` says as what."""

    key: str
    name: str
    roles: tuple[Role, ...] = ()
    membership: MembershipRole = MembershipRole.MEMBER
    shown: str | Promise = ""

    @property
    def email(self) -> str:
        return f"{self.key}@{MAIL_DOMAIN}"


@dataclass(frozen=True)
class House:
    """A synthetic organisation. `body` are eight characters of its invented credit code."""

    name: str
    body: str
    kind: OrganisationKind
    kinds: tuple[Kind, ...]
    people: tuple[Person, ...]
    sme: bool = False
    legal_person: str = "Chen Synthetic"
    reached: str = "active"


OWNER = MembershipRole.OWNER

OPERATOR = House(
    "Assay Demo Exchange (synthetic) 示例数据交易所",
    "DEM0EX00",
    OrganisationKind.INSTITUTE,
    (Kind.EXCHANGE_OPERATOR,),
    (
        Person(
            "operator",
            "Lin Wei 林薇",
            (Role.OPERATOR,),
            OWNER,
            _("Operator: admits members, watches books and log"),
        ),
        Person(
            "operator2",
            "Zhao Min 赵敏",
            (Role.OPERATOR,),
            OWNER,
            _("Second operator: agrees or declines where two must decide"),
        ),
        Person(
            "operator3",
            "He Jing 何静",
            (Role.OPERATOR,),
            shown=_("Third operator: rules on appeals"),
        ),
        Person(
            "operator4",
            "Yan Song 严松",
            (Role.OPERATOR,),
            shown=_("Fourth operator: decides on appeals with the third"),
        ),
        Person(
            "cashier",
            "Su Ning 苏宁远",
            (Role.EXCHANGE_FINANCE,),
            shown=_("Exchange finance: asks for what moves money by hand"),
        ),
        Person(
            "cashier2",
            "Pan Yi 潘毅",
            (Role.EXCHANGE_FINANCE,),
            shown=_("Second of the exchange's finance: approves it"),
        ),
        Person(
            "rules",
            "Lu Han 陆涵",
            (Role.RULE_KEEPER,),
            shown=_("Rule keeper: amends the exchange's rules"),
        ),
        Person("rules2", "Yin Bei 尹蓓", (Role.RULE_KEEPER,), shown=_("Second rule keeper")),
        Person(
            "support",
            "Qin Tao 秦涛",
            (Role.SUPPORT,),
            shown=_("Support: reads and answers, decides nothing"),
        ),
    ),
)

# Passes on public data of others: the real files and the catalogue of `make demo DATA=…`.
OPEN_DATA = House(
    "Open Data Desk (synthetic) 开放数据台（示例）",
    "DEM0PEN1",
    OrganisationKind.INSTITUTE,
    (Kind.SELLER,),
    (Person("opendata", "Peng Lan 彭岚", (Role.DATA_OWNER,), OWNER),),
)

MEMBERS: tuple[House, ...] = (
    House(
        "Southern Grid Data (synthetic) 南方电力数据（示例）",
        "DEM0GR1D",
        OrganisationKind.STATE_OWNED,
        (Kind.SELLER,),
        (
            Person(
                "seller",
                "He Jing 何静",
                (Role.DATA_OWNER, Role.DATA_OPERATOR),
                OWNER,
                _("Seller: a power grid's data department"),
            ),
            Person("seller.finance", "Guo Rui 郭睿", (Role.FINANCE,), shown=_("Seller's finance")),
            Person("seller.security", "Tang Yu 唐宇", (Role.SECURITY_OFFICER,)),
            Person("seller.committee", "Xu Lan 徐岚", (Role.COMMITTEE,)),
        ),
    ),
    House(
        "Trunk Pipeline Data (synthetic) 干线管网数据（示例）",
        "DEM0P1PE",
        OrganisationKind.STATE_OWNED,
        (Kind.SELLER,),
        (Person("pipeline", "Ma Chao 马超", (Role.DATA_OPERATOR,), OWNER),),
    ),
    House(
        "Iron Plough Machinery Cloud (synthetic) 铁犁农机云（示例）",
        "DEM0PL0W",
        OrganisationKind.STATE_OWNED,
        (Kind.SELLER,),
        (Person("machinery", "Deng Kai 邓凯", (Role.DATA_OPERATOR,), OWNER),),
    ),
    House(
        "Wide Mobile Data (synthetic) 宽联通信数据（示例）",
        "DEM0M0B1",
        OrganisationKind.STATE_OWNED,
        (Kind.SELLER,),
        (
            Person(
                "mobile",
                "Shen Yue 沈悦",
                (Role.DATA_OPERATOR,),
                OWNER,
                _("Seller: a mobile network, in a negotiation with the buyer"),
            ),
        ),
    ),
    House(
        "Nine Rivers Freight Data (synthetic) 九江货运数据（示例）",
        "DEM0FR8T",
        OrganisationKind.PRIVATE,
        (Kind.SELLER,),
        (Person("freight", "Hu Jun 胡军", (Role.DATA_OPERATOR,), OWNER),),
        sme=True,
    ),
    House(
        "Third Bureau Building Data (synthetic) 三局建筑数据（示例）",
        "DEM0BLD3",
        OrganisationKind.STATE_OWNED,
        (Kind.SELLER,),
        (Person("builder", "Cao Yan 曹燕", (Role.DATA_OPERATOR,), OWNER),),
    ),
    OPEN_DATA,
    House(
        "Harbour City Gas (synthetic) 港城燃气（示例）",
        "DEM0GAX1",
        OrganisationKind.PRIVATE,
        (Kind.BUYER,),
        (
            Person(
                "buyer",
                "Wu Fan 吴凡",
                (Role.BUYER_AGENT,),
                OWNER,
                _("Buyer: a city gas company"),
            ),
            Person(
                "buyer.second",
                "Ye Qing 叶青",
                (Role.BUYER_AGENT,),
                shown=_("Buyer's second person"),
            ),
        ),
        sme=True,
    ),
    House(
        "Delta Bank (synthetic) 三角洲银行（示例）",
        "DEM0BANK",
        OrganisationKind.PRIVATE,
        (Kind.BUYER,),
        (
            Person("bank", "Song Li 宋丽", (), OWNER),
            Person("bank.buyer", "Jiang Nan 江楠", (Role.BUYER_AGENT,)),
        ),
    ),
    House(
        "Coast Insurance (synthetic) 海岸保险（示例）",
        "DEM0C0A1",
        OrganisationKind.PRIVATE,
        (Kind.BUYER,),
        (Person("insurer", "Gao Lei 高磊", (Role.BUYER_AGENT,), OWNER, _("Rival buyer")),),
    ),
    House(
        "Bright Forecasts (synthetic) 明睿预测（示例）",
        "DEM0F0R1",
        OrganisationKind.PRIVATE,
        (Kind.BUYER,),
        (Person("analyst", "Ren Xue 任雪", (Role.BUYER_AGENT,), OWNER, _("Rival buyer")),),
        sme=True,
    ),
    House(
        "Regional Data Bureau (synthetic) 区域数据局（示例）",
        "DEM0REG1",
        OrganisationKind.PUBLIC_BODY,
        (Kind.REGULATOR,),
        (
            Person(
                "regulator",
                "Qian Bo 钱博",
                (Role.REGULATOR,),
                OWNER,
                _("Regulator: reads everything, changes nothing"),
            ),
        ),
    ),
    House(
        "Green Field Machinery (synthetic) 绿野农机（示例）",
        "DEM0FARM",
        OrganisationKind.PRIVATE,
        (Kind.SELLER,),
        (Person("applicant", "Luo Yi 罗毅", (), OWNER, _("Applicant: waits for admission")),),
        sme=True,
        reached="applied",
    ),
    House(
        "Long Road Logistics (synthetic) 长路物流（示例）",
        "DEM0R0AD",
        OrganisationKind.PRIVATE,
        (Kind.BUYER,),
        (Person("logistics", "Fang Mei 方梅", (), OWNER),),
        reached="proposed",
    ),
)

HOUSES: tuple[House, ...] = (OPERATOR, *MEMBERS)


def shown_people() -> list[tuple[House, Person]]:
    """The personas a visitor may step into."""
    return [(house, person) for house in HOUSES for person in house.people if person.shown]
