"""What the invented sellers offer: words, files and prices, all made up."""

from dataclasses import dataclass, field

from exchange.catalog.lifecycle import Delivery, Grade, OfferKind, Period, ProductKind, RefundPolicy


@dataclass(frozen=True)
class Price:
    """One offer of a ware; the price is net, in minor units of CNY."""

    name: str
    kind: OfferKind
    price_minor: int = 0
    period: Period | None = None


@dataclass(frozen=True)
class DemoProduct:
    """A product of the demo. `file` names a generator of `synthetic`; `seller` a person's key."""

    key: str
    seller: str
    kind: ProductKind
    title: str
    title_zh: str
    summary: str
    summary_zh: str
    industry: str
    region: str
    rhythm: str
    scenarios: tuple[str, ...]
    keywords: tuple[str, ...]
    prices: tuple[Price, ...]
    file: str = ""
    licence: str = "commercial"
    grade: Grade = Grade.GENERAL_2
    delivery: Delivery = Delivery.FILE
    refund_policy: RefundPolicy = RefundPolicy.INSPECTION
    url: str = ""
    story: str = "listed"
    parts: tuple[str, ...] = field(default=())


FREE = Price("Free 免费", OfferKind.FREE)


def once(name: str, price_minor: int) -> Price:
    return Price(name, OfferKind.ONE_OFF, price_minor)


def monthly(name: str, price_minor: int) -> Price:
    return Price(name, OfferKind.SUBSCRIPTION, price_minor, Period.MONTH)


DEMO_PRODUCTS: tuple[DemoProduct, ...] = (
    DemoProduct(
        "load", "seller", ProductKind.DATASET,
        "Hourly load and solar output of five southern regions",
        "南方五省区逐时负荷与光伏出力",
        "Electric load, photovoltaic output and temperature per region and hour, two months.",
        "按省区、逐小时提供用电负荷、光伏出力与气温，共两个月。",
        "energy", "CN-GD", "hourly",
        ("Forecast demand for a city gas network 城市燃气需求预测", "Plan battery storage beside solar parks 光伏电站配储规划"),
        ("load", "solar", "temperature", "负荷", "光伏"),
        (once("Full history 全部历史", 12_800_00), monthly("With all updates 含全部更新", 2_400_00)),
        file="grid_load",
    ),
    DemoProduct(
        "portrait", "seller", ProductKind.PORTRAIT,
        "Credit portrait of small firms from electricity use",
        "小微企业用电信用画像",
        "A score and its reasons for a firm that gave its consent; banks never see readings.",
        "经企业授权出具评分及依据，银行不接触原始用电数据。",
        "finance", "CN-GD", "monthly",
        ("Decide on a loan to a small firm 小微企业贷款审批", "Watch loans after they were granted 贷后监测"),
        ("credit", "bank", "征信", "画像"),
        (monthly("100 portraits a month 每月100份画像", 6_000_00),),
        delivery=Delivery.API, url="https://portrait.demo.example/docs",
        grade=Grade.GENERAL_2, licence="internal",
    ),
    DemoProduct(
        "pressure", "pipeline", ProductKind.DATASET,
        "Pressure and flow of twelve pipeline stations",
        "十二座管输站场压力与流量",
        "Quarter-hourly pressure, flow and valve state of a trunk line.",
        "干线管道各站场每十五分钟的压力、流量与阀门状态。",
        "oil_gas", "CN", "daily",
        ("Detect leaks early 及早发现泄漏", "Train a model of line pack 训练管存模型"),
        ("pipeline", "pressure", "flow", "管道", "压力", "流量"),
        (once("Ten days for model training 十天训练数据", 36_000_00),),
        file="pipeline_flow", licence="internal",
    ),
    DemoProduct(
        "pipeline-faults", "pipeline", ProductKind.MODEL,
        "Model that recognises pipeline faults",
        "管道故障智能识别模型",
        "Names eleven kinds of faults from vibration and pressure; comes with its test report.",
        "根据振动与压力识别十一类故障，附测试报告。",
        "oil_gas", "CN", "quarterly",
        ("Find blockages before they stop a line 提前发现管道堵塞",),
        ("model", "fault", "模型", "故障"),
        (once("Perpetual licence 永久许可", 180_000_00),),
        delivery=Delivery.EXTERNAL, url="https://models.demo.example/pipeline-faults",
    ),
    DemoProduct(
        "corrosion", "pipeline", ProductKind.DATASET,
        "In-line inspection findings of trunk lines",
        "干线管道内检测结果",
        "Wall thickness and corrosion findings; important data, to be computed on where they are.",
        "管壁厚度与腐蚀检测结果，属于重要数据，仅限在沙箱中计算。",
        "oil_gas", "CN", "yearly",
        ("Compare corrosion models inside the sandbox 在沙箱内比较腐蚀模型",),
        ("corrosion", "inspection", "腐蚀", "检测"),
        (once("One research project 单个研究项目", 90_000_00),),
        file="wall_thickness", grade=Grade.IMPORTANT, delivery=Delivery.SANDBOX,
        licence="internal", story="in_review",
    ),
    DemoProduct(
        "machines", "machinery", ProductKind.DATASET,
        "A harvest day of forty combine harvesters",
        "四十台联合收割机的一天作业数据",
        "Engine speed, driving speed, fuel and area worked, every five minutes; no positions.",
        "每五分钟的发动机转速、车速、油耗与作业面积，不含位置信息。",
        "agriculture", "CN-HA", "daily",
        ("Schedule harvesters between counties 跨县调度收割机", "Design engines for real loads 按真实负荷设计发动机"),
        ("harvester", "fuel", "农机", "油耗"),
        (FREE, monthly("Daily feed 每日更新", 900_00)),
        file="machine_feed", licence="open",
    ),
    DemoProduct(
        "care", "machinery", ProductKind.BUNDLE,
        "Combine harvester with a season of fleet data",
        "联合收割机与一季机队数据服务",
        "The machine, its daily data feed and advice on service intervals, for one season.",
        "整机、每日数据推送与保养建议，按季提供。",
        "agriculture", "CN", "daily",
        ("Run a harvesting team of your own 自建收割作业队",),
        ("bundle", "equipment", "装备", "服务"),
        (once("One season 一个作业季", 286_000_00),),
        delivery=Delivery.SERVICE, refund_policy=RefundPolicy.NONE, parts=("machines",),
    ),
    DemoProduct(
        "cells", "mobile", ProductKind.DATASET,
        "Hourly presence and traffic of sixty districts",
        "六十个片区逐时人口活跃度与流量",
        "Counts of active devices and traffic per district, aggregated before they leave the network.",
        "按片区汇总的活跃设备数与流量，离网前已完成聚合。",
        "telecom", "CN-SC", "daily",
        ("Choose places for charging stations 充电站选址", "Plan buses by real demand 按真实客流规划公交"),
        ("mobility", "crowd", "人流", "流量"),
        (once("A fortnight 两周", 18_000_00), monthly("Rolling window 滚动窗口", 7_500_00)),
        file="cell_traffic", grade=Grade.GENERAL_2,
    ),
    DemoProduct(
        "compute", "mobile", ProductKind.SERVICE,
        "Data cleaning and labelling by our team",
        "数据清洗与标注服务",
        "Ten person-days of cleaning, labelling and a report on quality before and after.",
        "十人日的清洗与标注，附治理前后质量报告。",
        "telecom", "CN", "irregular",
        ("Prepare data for its first listing 首次上架的数据整理",),
        ("cleaning", "labelling", "清洗", "标注"),
        (once("Ten person-days 十人日", 24_000_00),),
        delivery=Delivery.SERVICE,
    ),
    DemoProduct(
        "freight", "freight", ProductKind.DATASET,
        "Daily freight between eleven cities",
        "十一城货运走廊日度运量",
        "Trips, tonnes and median driving time per corridor and day; sums, no vehicle in them.",
        "按走廊、按日的车次、吨位与行驶时长中位数，均为汇总值。",
        "transport", "CN", "daily",
        ("Place a warehouse 仓库选址", "Price cargo insurance 货运保险定价"),
        ("freight", "logistics", "货运", "物流"),
        (once("One quarter 一个季度", 9_600_00), monthly("Monthly update 每月更新", 1_200_00)),
        file="freight_corridors",
    ),
    DemoProduct(
        "buildings", "builder", ProductKind.DATASET,
        "Energy and water use of eighty public buildings",
        "八十座公共建筑能耗与用水",
        "Daily electricity and water per building type and floor area, half a year, with real gaps.",
        "按建筑类型与面积的日度用电与用水，半年，保留真实缺测。",
        "construction", "CN-HB", "monthly",
        ("Set benchmarks for retrofits 设定节能改造基准",),
        ("building", "energy", "建筑", "能耗"),
        (once("Half a year 半年", 5_200_00),),
        file="building_energy",
    ),
    DemoProduct(
        "schools", "builder", ProductKind.DATASET,
        "Water use of public schools",
        "公立学校用水数据",
        "Daily water use per school; the source of the readings is not stated yet.",
        "各校日用水量，数据来源尚待说明。",
        "construction", "CN-HB", "daily",
        ("Find leaks in school buildings 发现校舍漏水",),
        ("water", "school", "用水", "学校"),
        (once("Half a year 半年", 1_800_00),),
        file="building_energy", story="returned",
    ),
    DemoProduct(
        "benchmark", "builder", ProductKind.REPORT,
        "Yearly report on the energy of public buildings",
        "公共建筑能耗年度报告",
        "Forty pages: benchmarks by building type, savings found, methods described.",
        "四十页：各类建筑能耗基准、节能空间与方法说明。",
        "construction", "CN", "yearly",
        ("Argue for a retrofit budget 论证节能改造预算",),
        ("report", "benchmark", "报告", "基准"),
        (FREE,),
        delivery=Delivery.EXTERNAL, url="https://reports.demo.example/buildings-2026",
        licence="open", refund_policy=RefundPolicy.NONE,
    ),
)  # fmt: skip
