"""Real sealed bids through the rooms: scheduled, bid over the API, closed by a clock that is moved.

`python -m tests.auctions` does it with all of them on a server of its own.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from django.test import Client

from accounts.models import Organisation
from exchange.auctions import scheduling
from exchange.auctions.lifecycle import Kind
from exchange.auctions.models import Auction
from exchange.auctions.requests import AuctionRequest
from exchange.auctions.results import document_of, evidence_of
from exchange.journeys import awards
from exchange.members.roles import Kind as Qualification
from tests.api.callers import post, with_key
from tests.factories import accounts, listings
from tests.factories.auctions import END, House, clock_at
from tests.factories.orders import DAY

FILE = Path("auction_procurement/sealed_bids.csv")
Rows = list[dict[str, str]]


def read(file: Path) -> dict[str, Rows]:
    """The auctions by their number, each with its bids in the order of the record."""
    found: dict[str, Rows] = defaultdict(list)
    with file.open(newline="") as lines:
        for row in csv.DictReader(lines):
            found[row["pid"]].append(row)
    return found


def remarkable(auctions: Mapping[str, Rows]) -> list[str]:
    """Those with a tie at the lowest eligible bid, without a recorded winner, or with another one."""
    found = []
    for pid, rows in auctions.items():
        least = min(int(row["bid"]) for row in rows if row["bid"] and _eligible(row))
        lowest = [row for row in rows if row["bid"] and int(row["bid"]) == least]
        if len(lowest) > 1 or not any(row["winner"] == "1" for row in lowest):
            found.append(pid)
    return found


def _eligible(row: Mapping[str, str]) -> bool:
    return int(row["minprice"] or 0) <= int(row["bid"]) <= int(row["reserveprice"])


@dataclass
class Replay:
    """One run: its sellers by name, each a program with a key and one listed product."""

    house: House
    sellers: dict[str, tuple[Client, Organisation, str]] = field(default_factory=dict)
    keys: "count[int]" = field(default_factory=count)

    def run(self, auctions: Mapping[str, Rows]) -> Counter[str]:
        """Bid, close, and compare with the record; what came out, counted."""
        with clock_at(DAY):
            held = {pid: self._hold(pid, rows) for pid, rows in auctions.items()}
            for pid, rows in auctions.items():
                self._bid(held[pid], rows)
        with clock_at(END):
            while awards.run_due(now=END):
                pass
        outcomes: Counter[str] = Counter()
        for pid, rows in auctions.items():
            outcomes += Counter(self._compared(held[pid], rows))
        return outcomes

    def _hold(self, pid: str, rows: Rows) -> Auction:
        minimum = int(rows[0]["minprice"] or 0)
        return scheduling.schedule(
            AuctionRequest(
                kind=Kind.PROCUREMENT,
                currency="CNY",
                title=f"Works {pid}",
                opens_at=DAY,
                closes_at=END,
                reserve_minor=int(rows[0]["reserveprice"]),
                reserve_shown=False,
                options={"minimum": minimum} if minimum else {},
            ),
            actor=self.house.buyer("The town"),
            now=DAY,
        )

    def _bid(self, auction: Auction, rows: Rows) -> None:
        for name, row in named(rows):
            client, _organisation, product = self._seller(name)
            body = {"currency": "CNY", "rows": [{"price": int(row["bid"]), "product": product}]}
            path = f"/api/v1/auctions/{auction.public_id}/bids"
            answer = post(client, path, body, key=f"bid-{next(self.keys)}")
            assert answer.status_code == 201, answer.content

    def _seller(self, name: str) -> tuple[Client, Organisation, str]:
        if name not in self.sellers:
            seller = accounts.an_organisation(name=name[:100])
            self.house.exchange.admit(seller, Qualification.SELLER)
            product = listings.a_listing(seller=seller, price_minor=None)
            client = with_key(seller, "orders:write")
            self.sellers[name] = (client, seller, product.public_id)
        return self.sellers[name]

    def _compared(self, auction: Auction, rows: Rows) -> Iterable[str]:
        document = document_of(evidence_of(auction))
        names = {self.sellers[name][1].public_id: row for name, row in named(rows)}
        yield "auctions"
        yield from ["bids"] * len(document["auction"]["bids"])
        tied = [names[one] for one in document["outcome"]["tied"]]
        recorded = [row for row in rows if row["winner"] == "1"]
        award = auction.awards.select_related("bidder").get()
        assert names[award.bidder.public_id] is tied[0]
        assert award.order
        if len(tied) > 1:
            yield "tied"
        if not recorded:
            yield "without a recorded winner"
        elif recorded[0] in tied:
            yield "agree"
        else:
            assert int(tied[0]["bid"]) < int(recorded[0]["bid"])
            yield "a lower bid passed over by the record"


def named(rows: Rows) -> list[tuple[str, dict[str, str]]]:
    """The bids with their bidders; who is in one auction twice has a second name there."""
    seen: Counter[str] = Counter()
    found = []
    for row in rows:
        if row["bid"]:
            seen[row["bidder"]] += 1
            times = seen[row["bidder"]]
            found.append((row["bidder"] if times == 1 else f"{row['bidder']} {times}", row))
    return found
