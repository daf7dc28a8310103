"""Real public data for the demo: files and a whole catalogue, each with its source and licence.

The folder is not part of the project; `make demo DATA=folder` names it.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import transaction

from exchange.catalog import offers, products, revisions
from exchange.catalog.choices import LICENCE_TEMPLATES, RIGHTS
from exchange.catalog.lifecycle import Future, Grade, OfferKind, ProductKind, RefundPolicy
from exchange.catalog.models import Product
from exchange.catalog.offers import OfferRequest
from exchange.demo.acting import acting, organisation_of
from exchange.demo.personas import OPEN_DATA
from exchange.journeys import publishing
from exchange.journeys.importing import Outcome, import_files
from exchange.members.actors import Actor
from exchange.vault.models import DataFile
from pricing.money import Money

SELLER = OPEN_DATA.people[0].key
CATALOGUE = Path("catalogue_open_data", "datasets")
PROGRESS_EVERY = 100
FREE = OfferRequest("Free", OfferKind.FREE, Money(0, "CNY"), future=Future.ALL)
ALLOWED = {
    right
    for right in RIGHTS
    if right in tuple(LICENCE_TEMPLATES["open"]["allowed"])  # type: ignore[arg-type]  # a tuple of codes
}

Told = Callable[[str], None]


@dataclass(frozen=True)
class RealFile:
    """A file of the folder, in words. `answers` say of columns that look personal why they are not;
    one with findings that nobody answers stays a draft.
    """

    path: str
    title: str
    title_zh: str
    summary: str
    summary_zh: str
    source: str
    industry: str
    region: str
    rhythm: str
    scenario: str
    keywords: tuple[str, ...]
    answers: dict[str, str] = field(default_factory=dict)
    is_listed: bool = True

    @property
    def origin(self) -> str:
        return f"demo-file:{self.path}"

    @property
    def details(self) -> dict[str, object]:
        said = f"Source and licence: {self.source}."
        return {
            "title": self.title,
            "title_zh": self.title_zh,
            "summary": self.summary,
            "summary_zh": self.summary_zh,
            "description": f"{self.summary}\n\n{said} The file is offered as it was published.",
            "industry": self.industry,
            "region": self.region,
            "rhythm": self.rhythm,
            "scenarios": [self.scenario],
            "keywords": list(self.keywords),
            "licence": {
                "template": "open",
                "allowed": sorted(ALLOWED),
                "forbidden": sorted(set(RIGHTS) - ALLOWED),
                "attribution": True,
                "text": said,
            },
            "refund_policy": str(RefundPolicy.NONE),
            "source_statement": said,
            "grade": str(Grade.GENERAL_1),
        }


FILES = (
    RealFile(
        "electricity_smart_meters/smart_meter10.csv.gz",
        "Half-hourly electricity of ten households, 2012–2014",
        "十户居民半小时用电量（2012—2014）",
        "Real meter readings in kWh of ten customers of a smart-grid trial, long format.",
        "智能电网试点十户居民的真实半小时电表读数（千瓦时），长表格式。",
        "Smart Grid, Smart City (data.gov.au), CC BY 3.0 AU",
        "energy", "AU", "once", "Forecast household load",
        ("smart meter", "household", "电表", "居民用电"),
        answers={"customer_id": "Numbers that the publisher gave; nobody can be found by them."},
    ),
    RealFile(
        "electricity_homes_pv/citylearn_2022_phase_all.zip",
        "Hourly load and solar output of seventeen homes",
        "十七户住宅逐时负荷与光伏出力",
        "Load, photovoltaic output, weather, tariff and carbon intensity over one year.",
        "一年的负荷、光伏出力、天气、电价与碳强度。",
        "CityLearn Challenge 2022, MIT",
        "energy", "US", "once", "Control home batteries",
        ("solar", "battery", "光伏", "储能"),
    ),
    RealFile(
        "battery_ageing/nasa_cycle_summary.csv",
        "Discharge cycles of 34 battery cells",
        "三十四只电池的放电循环",
        "Capacity, voltage and temperature of 2,794 cycles until the end of life.",
        "2794 次循环的容量、电压与温度，直至寿命终止。",
        "NASA Prognostics Center of Excellence, public domain",
        "energy", "US", "once", "Estimate how long a battery lasts",
        ("battery", "ageing", "电池", "寿命"),
    ),
    RealFile(
        "farm_machinery_logs/isoxml_timelogs_decoded.csv.gz",
        "Farm machines at work, second by second",
        "农机作业逐秒记录",
        "Position, engine speed, yield and moisture of 21 machine logs at 1 Hz.",
        "二十一份农机日志，逐秒记录位置、转速、产量与含水率。",
        "isoxml-dotnet test data, Apache-2.0",
        "agriculture", "DE", "once", "Map yield within a field",
        ("tractor", "yield", "农机", "测产"),
        answers={
            "lat": "Where a machine was on a test field; no driver is known.",
            "lon": "Where a machine was on a test field; no driver is known.",
            "log": "The number of a log file.",
        },
    ),
    RealFile(
        "process_dirty/real_process_data.csv",
        "A chemical process with its faults: 108 tags",
        "含异常值的化工过程数据（108 个测点）",
        "Real tags of a plant, with words among the numbers where a sensor was out of range.",
        "真实装置测点，传感器超量程处数值中夹有文字，原样保留。",
        "BibMon by Petrobras, CC BY 4.0",
        "manufacturing", "BR", "once", "Test a fault detector on data as it comes",
        ("process", "fault detection", "化工", "异常检测"),
    ),
    RealFile(
        "small_business_loans/SBAcase.11.13.17.csv",
        "Small-business loans and how they ended",
        "小企业贷款及其结果",
        "2,101 guaranteed loans with term, employees, industry, and whether they were repaid.",
        "2101 笔担保贷款的期限、雇员、行业及是否偿还。",
        "U.S. Small Business Administration, public domain",
        "finance", "US", "once", "Train a first credit model",
        ("credit", "loan", "小微企业", "信贷"),
    ),
    RealFile(
        "vehicle_trajectories/go_track_trackspoints.csv",
        "Tracks of 28 drivers in a city",
        "二十八名驾驶员的城市轨迹",
        "Real positions of people: a draft that waits until its findings are answered.",
        "含真实个人位置：草稿须先对个人信息提示逐项作答。",
        "UCI Go!Track, CC BY 4.0",
        "transport", "BR", "once", "Plan roads",
        ("trajectory", "GPS", "轨迹"),
        is_listed=False,
    ),
)  # fmt: skip


class NoSuchFolder(Exception):
    """The folder holds none of the data that the demo knows."""


def bring(folder: Path, now: datetime, *, tell: Told) -> None:
    """Publish what of the known data is in the folder. What is there already stays as it is."""
    files = [one for one in FILES if (folder / one.path).is_file()]
    records = sorted((folder / CATALOGUE).glob("*.yaml"))
    if not files and not records:
        raise NoSuchFolder(f"{folder} holds none of the data sets that the demo knows.")
    for number, file in enumerate(files, start=1):
        tell(f"Real file {number}/{len(files)}: {file.title}")
        if not Product.objects.filter(origin=file.origin).exists():
            _publish(folder / file.path, file, now)
    _import_catalogue(records, now, tell)


def _publish(path: Path, file: RealFile, now: datetime) -> None:
    """The wizard's work. Reading may take seconds, so it is done before the transaction."""
    seller = acting(SELLER, now)
    kept = publishing.keep_and_read(actor=seller, path=path, synthetic=False, now=now)
    with transaction.atomic():
        product = _draft(seller, file, kept, now)
        if file.is_listed:
            products.submit(product.public_id, actor=seller, now=now)
            publishing.list_at_once(product=product, now=now)


def _draft(seller: Actor, file: RealFile, kept: DataFile, now: datetime) -> Product:
    product = products.draft_product(
        actor=seller, kind=ProductKind.DATASET, values=file.details, now=now, origin=file.origin
    )
    product_id = product.public_id
    revisions.attach_file(product_id, actor=seller, file_id=kept.public_id, now=now)
    publishing.answer_findings(actor=seller, product=product, answers=file.answers, now=now)
    offers.add_offer(product_id, actor=seller, command=FREE, now=now)
    return product


def _import_catalogue(records: list[Path], now: datetime, tell: Told) -> None:
    counted: Counter[Outcome] = Counter()
    for report in import_files(records, seller=organisation_of(OPEN_DATA), now=now):
        counted[report.outcome] += 1
        if counted.total() % PROGRESS_EVERY == 0 or counted.total() == len(records):
            tell(f"Catalogue: {counted.total()}/{len(records)} records")
