"""A listing as one card, wherever listings are shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.dateparse import parse_datetime

from exchange.catalog.lifecycle import Period
from exchange.catalog.search.requests import FACETS
from exchange.core.titles import in_own_language
from pricing.money import Money


@dataclass(frozen=True)
class Card:
    """What lists and comparisons show. Texts are empty where nothing is known."""

    public_id: str
    url: str
    title: str
    summary: str
    seller: str
    seller_url: str
    kind: str
    industry: str
    rhythm: str
    region: str
    formats: str
    delivery: str
    allowed: tuple[str, ...]
    grade: str
    score: str
    rows: int | None
    is_free: bool
    is_by_use: bool
    price: Money | None
    period: str
    has_sample: bool
    is_synthetic: bool
    listed_at: datetime | None

    @property
    def facts(self) -> tuple[str, ...]:
        """The short words under a listing."""
        words = (self.rhythm, self.region, self.formats, self.delivery)
        return tuple(word for word in words if word)


def card_of(stored: Mapping[str, Any]) -> Card:
    """The card kept with a search entry."""
    price = price_of(stored)
    return Card(
        public_id=stored["id"],
        url=reverse("web:product", args=[stored["id"]]),
        title=in_language(stored, "title"),
        summary=in_language(stored, "summary"),
        seller=stored["seller"],
        seller_url=reverse("web:seller", args=[stored["seller_id"]]),
        kind=say("kind", stored["kind"]),
        industry=say("industry", stored["industry"]),
        rhythm=say("rhythm", stored["rhythm"]),
        region=say("region", stored["region"]),
        formats=", ".join(say("format", one.lower()) for one in stored["formats"]),
        delivery=say("delivery", stored["delivery"]),
        allowed=tuple(say("use", code) for code in stored["allowed"]),
        grade=stored["grade"],
        score=stored["score"] or "",
        rows=stored["rows"],
        is_free=price is not None and price.minor == 0,
        is_by_use=price is None and bool(stored.get("by_use")),
        price=price,
        period=period_in_words(stored["period"]),
        has_sample=stored["has_sample"],
        is_synthetic=stored["synthetic"],
        listed_at=parse_datetime(stored["listed_at"] or ""),
    )


def price_of(stored: Mapping[str, Any]) -> Money | None:
    """The lowest price, net; None where nothing can be bought at once."""
    if stored["price_minor"] is None:
        return None
    return Money(stored["price_minor"], stored["currency"])


def in_language(stored: Mapping[str, Any], name: str) -> str:
    """The Chinese text for Chinese readers, where there is one."""
    return in_own_language(str(stored[name]), str(stored.get(f"{name}_zh") or ""))


def say(facet: str, value: str) -> str:
    """A facet's value in words; nothing for nothing."""
    return FACETS[facet].say(value) if value else ""


def period_in_words(period: str) -> str:
    """An ISO 8601 period of an offer as it follows a price."""
    return str(Period(period).label) if period in set(Period) else period
