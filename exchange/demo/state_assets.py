"""The demo's state-asset sale: announced, with one bidder examined and one to be."""

from datetime import datetime, timedelta
from io import BytesIO

from django.utils import timezone

from exchange.asset_sales import bidders, preparing, rounds
from exchange.asset_sales.lifecycle import Standing
from exchange.asset_sales.models import AssetSale
from exchange.asset_sales.preparing import Upload, ValuationRequest
from exchange.asset_sales.rounds import RoundRequest
from exchange.catalog.lifecycle import DealNature
from exchange.demo.acting import acting
from exchange.demo.demo_listings import product_of

YUAN = 100
VALUE = 300_000 * YUAN
DOCUMENT = b"%PDF-1.4\n% A synthetic document of the demo exchange: it proves nothing.\n%%EOF\n"
SELLER, COMMITTEE, WARE = "seller", "seller.committee", "load"


def sell(now: datetime) -> None:
    """Tell it once. It was prepared last week and announced the day before yesterday."""
    if AssetSale.objects.exists():
        return
    begun, announced_at = now - timedelta(days=9), now - timedelta(days=2)
    name = preparing.plan(
        product_of(WARE).public_id,
        actor=acting(SELLER, begun),
        nature=DealNature.TRANSFER,
        now=begun,
    ).public_id
    _prepare(name, begun)
    running = rounds.announce(
        name,
        actor=acting(SELLER, announced_at),
        command=RoundRequest(
            floor_minor=VALUE,
            days=20,
            deposit_minor=60_000 * YUAN,
            conditions="The buyer keeps the data within the country. 受让方须在境内存储数据。",
        ),
        now=announced_at,
    )
    at = now - timedelta(hours=20)
    registered = [
        bidders.register(
            running.public_id,
            actor=acting(key, at),
            offer_minor=yuan * YUAN,
            now=at,
        )
        for key, yuan in (("insurer", 305_000), ("analyst", 300_000))
    ]
    bidders.examine(
        registered[0].public_id,
        actor=acting("operator", now),
        standing=Standing.QUALIFIED,
        reason="",
        now=now - timedelta(hours=18),
    )


def _prepare(name: str, at: datetime) -> None:
    preparing.decide(
        name,
        actor=acting(COMMITTEE, at),
        minutes=_document("minutes"),
        reason="The data is transferred as a whole. 整体转让该数据。",
        now=at,
    )
    preparing.value(
        name,
        actor=acting(SELLER, at),
        command=ValuationRequest(
            value_minor=VALUE,
            base_date=timezone.localtime(at).date() - timedelta(days=20),
            firm="Even Scales Appraisal (synthetic) 平衡评估（示例）",
            appraisers=("Luo Qi 罗琦", "Yin Hao 尹浩"),
            report_no="DEMO-2026-031",
        ),
        report=_document("valuation"),
        now=at,
    )
    preparing.file(
        name,
        actor=acting(SELLER, at),
        filing_no="DEMO-F-118",
        proof=_document("filing"),
        now=at,
    )


def _document(name: str) -> Upload:
    return Upload(name=f"synthetic-{name}.pdf", content=BytesIO(DOCUMENT + name.encode()))
