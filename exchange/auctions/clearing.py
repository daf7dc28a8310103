"""Opening the bids of a closed auction and clearing it: one document, one outcome, kept with who won what.

Winners are computed on bids that nobody can change any more, between two short transactions: the first
claims the auction until a moment, the second keeps the award. Bids of other auctions, pages and the
clock wait for neither. Who dies in between is followed by the next sweep after that moment.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from accounts.models import Organisation
from exchange.auctions import access, sealing
from exchange.auctions.bidding import CLOCK
from exchange.auctions.lifecycle import AUCTION, AuctionState, AuctionTransition, Kind
from exchange.auctions.mechanism import is_live, pricing_terms
from exchange.auctions.models import Auction, Award, Bid, Evidence
from exchange.auctions.requests import PRODUCT, ROWS_MAX
from exchange.audit import log
from exchange.catalog.models import Product
from exchange.core.use_case import use_case
from pricing.documents import digest
from pricing.mechanisms import evidence
from pricing.mechanisms.packages import TIME_LIMIT_SECONDS
from pricing.money import Money

Row = dict[str, Any]
# Allocation and payments take a minute each at most; what opens the bids and writes is added.
CLAIM = timedelta(seconds=2 * TIME_LIMIT_SECONDS + 60)
# Rows of one bid share its number: bid 7 has the numbers 700 to 749.
ROWS_BASE = 2 * ROWS_MAX
COLUMNS = (
    "public_id", "bidder__public_id", "by_id", "seq", "clock_micros", "amount_minor", "quantity",
    "commitment", "envelope", "reveal__content",
)  # fmt: skip


class _Kept(NamedTuple):
    """A bid as it is read at the close: COLUMNS of its row."""

    public_id: str
    bidder: str
    by_id: int
    seq: int
    clock_micros: int
    amount_minor: int | None
    quantity: int
    commitment: str
    envelope: bytes | memoryview | None
    revealed: list[Row] | None


@dataclass(frozen=True)
class Opened:
    """All bids of an auction as the mechanism takes them, those that are void, and for each bidder
    (public id) the person who answers for its bid."""

    rows: list[Row]
    voids: list[dict[str, str]]
    by: Mapping[str, int]
    products: Mapping[str, str]


@dataclass(frozen=True)
class Won:
    """What one bidder won: of which product, how many, for how much."""

    bidder: str
    product: str
    quantity: int
    payment_minor: int


def open_bids(auction: Auction) -> Opened:
    """Every bid that was not withdrawn, opened. One that does not open, does not give its
    commitment, or was never revealed is void. Only for a closed auction."""
    rows: list[Row] = []
    voids: list[dict[str, str]] = []
    by: dict[str, int] = {}
    products: dict[str, str] = {}
    sealer = None if is_live(auction) else _sealer(auction)
    found = Bid.objects.filter(auction=auction, withdrawn_at=None).order_by("seq")
    for bid in map(_Kept._make, found.values_list(*COLUMNS).iterator(chunk_size=5000)):
        content = [_live_row(bid)] if sealer is None else _content(auction, bid, sealer)
        if isinstance(content, str):
            voids.append({"bid": bid.public_id, "bidder": bid.bidder, "why": content})
            continue
        by[bid.bidder] = bid.by_id
        for at, row in enumerate(content):
            if PRODUCT in row:
                products[bid.bidder] = row[PRODUCT]
            priced = {field: value for field, value in row.items() if field != PRODUCT}
            seq = bid.seq * ROWS_BASE + at
            rows.append({"bidder": bid.bidder, "time": bid.clock_micros, "seq": seq, **priced})
    return Opened(rows=rows, voids=voids, by=by, products=products)


def evidence_document(auction: Auction, opened: Opened) -> dict[str, Any]:
    """The evidence of the auction. Raises what the pricing library raises for its rules."""
    seed = sealing.open_text(auction.seed) if auction.seed else ""
    return evidence.clear(
        {
            "mechanism": auction.kind,
            "terms": pricing_terms(auction, seed=seed),
            "bids": opened.rows,
        }
    )


def won(auction: Auction, outcome: Mapping[str, Any], opened: Opened) -> list[Won]:
    """Who won what, in the order of the outcome."""
    product = auction.product.public_id if auction.product else ""
    kind = Kind(auction.kind)
    if kind is Kind.PROCUREMENT:
        winner = outcome["winner"]
        if winner is None:
            return []
        return [Won(winner, opened.products[winner], 1, outcome["price"])]
    if kind is Kind.PACKAGES:
        return _bundles(auction, outcome)
    if kind is Kind.BUDGET_UNIFORM_PRICE:
        return _budgets(product, outcome)
    return [
        Won(row["bidder"], product, row["quantity"], row["payment"]) for row in outcome["awards"]
    ]


def clear(pk: int, *, now: datetime) -> bool:
    """Clear an auction whose bids are all in, unless somebody does; whether it was awarded or failed
    now."""
    auction = _claim(pk, now=now)
    if auction is None:
        return False
    opened = open_bids(auction)
    document = evidence_document(auction, opened) if opened.rows else None
    return _finish(auction, opened, document, now=now)


def has_unrevealed(auction: Auction) -> bool:
    """Whether bids of the auction still wait to be revealed, where there is a time for it."""
    kept = Bid.objects.filter(auction=auction, withdrawn_at=None, envelope=None)
    return bool(auction.reveal_seconds) and kept.exists()


@use_case()
def _claim(pk: int, *, now: datetime) -> Auction | None:  # noqa: ARG001 - a use case has a time
    """The auction, claimed for as long as its computing may take; None where nothing is to be
    cleared, or somebody else is at it."""
    auction, at = access.locked(pk)
    until = auction.clearing_until
    if not _is_ready(auction, at) or (until is not None and until > at):
        return None
    auction.clearing_since, auction.clearing_until = at, at + CLAIM
    auction.version += 1
    auction.save(update_fields=["clearing_since", "clearing_until", "version"])
    AUCTION.announce(auction)
    return auction


def _is_ready(auction: Auction, at: datetime) -> bool:
    state = AuctionState(auction.state)
    if state is AuctionState.CLOSED:
        return not has_unrevealed(auction)
    until = auction.reveal_until
    return state is AuctionState.REVEALING and until is not None and until <= at


@use_case()
def _finish(
    claimed: Auction, opened: Opened, document: dict[str, Any] | None, *, now: datetime
) -> bool:
    """Keep evidence and awards with the step that says so, while the claim is still ours; whether it
    was."""
    auction, _at = access.locked(claimed.pk)
    if auction.clearing_since != claimed.clearing_since or auction.state != claimed.state:
        return False
    auction.clearing_until = None
    auction.save(update_fields=["clearing_until"])
    if document is None:
        AUCTION.transition(
            auction, AuctionTransition.FAIL, actor=CLOCK, now=now,
            facts={"why": "no_bids", "voids": len(opened.voids)},
        )  # fmt: skip
        return True
    winners = won(auction, document["outcome"], opened)
    kept = _keep_evidence(auction, document, opened, now=now)
    _keep_awards(auction, winners, opened)
    price = document["outcome"].get("price")
    if winners and isinstance(price, int):
        auction.price_minor = price
    AUCTION.transition(
        auction,
        AuctionTransition.AWARD if winners else AuctionTransition.FAIL,
        actor=CLOCK,
        facts={
            "evidence": kept.digest,
            "winners": len({one.bidder for one in winners}),
            "voids": len(opened.voids),
        },
        save=("price_minor",),
        now=now,
    )
    return True


def _keep_evidence(
    auction: Auction, document: dict[str, object], opened: Opened, *, now: datetime
) -> Evidence:
    content = evidence.evidence_bytes(document)
    record_id = log.record(
        event="auctions.evidence.kept",
        actor=CLOCK.name,
        subject=f"auction:{auction.public_id}",
        facts={"bids": len(opened.rows), "voids": len(opened.voids)},
        documents={"evidence": content},
        at=now,
    )
    return Evidence.objects.create(
        auction=auction,
        document=content,
        digest=digest(document),
        voids=opened.voids,
        record_id=record_id,
        cleared_at=now,
    )


def _keep_awards(auction: Auction, winners: list[Won], opened: Opened) -> None:
    products = Product.objects.in_bulk(
        list({one.product for one in winners}), field_name="public_id"
    )
    organisations = Organisation.objects.in_bulk(
        list({one.bidder for one in winners}), field_name="public_id"
    )
    Award.objects.bulk_create(
        [
            Award(
                auction=auction,
                bidder=organisations[one.bidder],
                by_id=opened.by[one.bidder],
                product=products[one.product],
                quantity=one.quantity,
                payment_minor=one.payment_minor,
            )
            for one in winners
        ],
        batch_size=1000,
    )


def _sealer(auction: Auction) -> sealing.Sealer:
    return sealing.Sealer(auction_id=auction.public_id, sealed_key=auction.sealed_key)


def _live_row(bid: _Kept) -> Row:
    return {"price": bid.amount_minor, "quantity": bid.quantity}


def _content(auction: Auction, bid: _Kept, sealer: sealing.Sealer) -> list[Row] | str:
    """The rows of a sealed bid, or why it is void."""
    if bid.envelope is None:
        return "not_revealed" if bid.revealed is None else bid.revealed
    opened = sealer.open(bytes(bid.envelope), bidder=bid.bidder)
    if opened is None:
        return "envelope_does_not_open"
    rows, nonce = opened
    given = sealing.commitment(
        auction_id=auction.public_id, bidder=bid.bidder, rows=rows, nonce=nonce
    )
    return rows if given == bid.commitment else "commitment_differs"


def _bundles(auction: Auction, outcome: Mapping[str, Any]) -> list[Won]:
    """What a bidder pays for its bundles is shared out over their products by number."""
    counts: dict[str, dict[str, int]] = {}
    for row in outcome["won"]:
        mine = counts.setdefault(row["bidder"], {})
        for item, count in row["items"].items():
            mine[item] = mine.get(item, 0) + count
    found: list[Won] = []
    for bidder, items in sorted(counts.items()):
        parts = Money(outcome["payments"][bidder], auction.currency).split(*items.values())
        found.extend(
            Won(bidder, item, count, part.minor)
            for (item, count), part in zip(items.items(), parts, strict=True)
        )
    return found


def _budgets(product: str, outcome: Mapping[str, Any]) -> list[Won]:
    """Fractions of a minor unit and of a unit are the seller's loss: nobody pays more than it bid."""
    if outcome["cancelled"]:
        return []
    sums: dict[str, tuple[Fraction, Fraction]] = {}
    for row in outcome["awards"]:
        spent, units = sums.get(row["bidder"], (Fraction(0), Fraction(0)))
        sums[row["bidder"]] = (spent + Fraction(row["spent"]), units + Fraction(row["units"]))
    return [
        Won(bidder, product, max(1, int(units)), int(spent))
        for bidder, (spent, units) in sorted(sums.items())
    ]
