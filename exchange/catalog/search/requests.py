"""What somebody looks for: the facets of the catalogue, and a search as an address holds it."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exchange.catalog.choices import RIGHTS, industry_label, region_label, rhythm_label
from exchange.catalog.lifecycle import Delivery, OfferKind, ProductKind
from exchange.catalog.models.search import FACET_CHARS_MAX, PRICELESS, SearchEntry
from exchange.catalog.search.words import QUERY_CHARS_MAX
from exchange.core import currencies
from pricing.money import Money

CHOSEN_MAX = 20  # values of one facet
# What a saved search keeps besides its facets.
LOCAL = "lies:here"
PRICE = "price"


@dataclass(frozen=True)
class Facet:
    """One facet. `say` words a value; values that nobody words are shown as they are. The catalogue offers
    the values to choose from where `is_offered`; others are chosen by an address alone."""

    label: str | Promise
    say: Callable[[str], str]
    is_offered: bool = True


def _of(choices: Mapping[str, str | Promise]) -> Callable[[str], str]:
    return lambda value: str(choices.get(value, value))


def _seller_name(public_id: str) -> str:
    """The name of a seller with a listing; the id of any other."""
    listed = SearchEntry.objects.filter(product__seller__public_id=public_id)
    return listed.values_list("product__seller__name", flat=True).first() or public_id


FACETS: Mapping[str, Facet] = {
    "kind": Facet(_("Kind"), _of(dict(ProductKind.choices))),
    "industry": Facet(_("Industry"), industry_label),
    "pricing": Facet(_("Pricing"), _of(dict(OfferKind.choices))),
    "delivery": Facet(_("Delivery"), _of(dict(Delivery.choices))),
    "format": Facet(_("Format"), str.upper),
    "rhythm": Facet(_("Updated"), rhythm_label),
    "region": Facet(_("Region"), region_label),
    "use": Facet(_("Licence allows"), _of(RIGHTS)),
    "quality": Facet(_("Quality"), lambda value: str(_("Grade %(grade)s") % {"grade": value})),
    "sample": Facet(_("Free sample"), lambda _value: str(_("With a free sample"))),
    "seller": Facet(_("Seller"), _seller_name, is_offered=False),
}


class Sort(StrEnum):
    """The order of a list."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    PRICE = "price"
    QUALITY = "quality"


@dataclass(frozen=True)
class PriceRange:
    """What a listing may cost at its lowest price, net, both ends counted in; None leaves an end open.

    What is free costs as much in every currency.
    """

    currency: str
    lowest_minor: int | None = None
    highest_minor: int | None = None

    @property
    def ends(self) -> tuple[int, int]:
        """The range in whole minor units."""
        highest = PRICELESS - 1 if self.highest_minor is None else self.highest_minor
        return self.lowest_minor or 0, highest

    @property
    def is_empty(self) -> bool:
        """Whether no price is in it: its highest is below its lowest."""
        lowest, highest = self.ends
        return highest < lowest

    @property
    def currency_facet(self) -> str:
        """What an entry with a price has among its facets."""
        return f"currency:{self.currency}"

    @property
    def facet(self) -> str:
        """The range as a saved search keeps it."""
        ends = ("" if end is None else str(end) for end in (self.lowest_minor, self.highest_minor))
        return ":".join((PRICE, self.currency, *ends))

    @classmethod
    def read(cls, facet: str) -> "PriceRange":
        """The range that a saved search keeps."""
        _price, currency, *ends = facet.split(":")
        lowest, highest = (int(end) if end else None for end in ends)
        return cls(currency, lowest, highest)

    def pairs(self) -> list[tuple[str, str]]:
        """The range as an address holds it."""
        ends = (("price_from", self.lowest_minor), ("price_to", self.highest_minor))
        pairs = [
            (name, f"{Money(end, self.currency).decimal:f}")
            for name, end in ends
            if end is not None
        ]
        return (
            pairs if self.currency == currencies.home() else [*pairs, ("currency", self.currency)]
        )

    def holds(self, price_minor: int, facets: Collection[str]) -> bool:
        """Whether an entry with this lowest price and these facets is in it."""
        lowest, highest = self.ends
        is_priced_so = price_minor == 0 or self.currency_facet in facets
        return lowest <= price_minor <= highest and is_priced_so


@dataclass(frozen=True)
class SearchRequest:
    """A search: words, chosen facet values by facet, the order and a range of prices. Repeatable.

    Free open data that lies elsewhere is among what is wanted where `has_elsewhere` says so.
    """

    text: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: Sort = Sort.NEWEST
    price: PriceRange | None = None
    has_elsewhere: bool = True

    @property
    def is_empty(self) -> bool:
        """Whether everything is wanted."""
        return not self.text and not self.chosen and self.price is None

    @property
    def facets(self) -> list[str]:
        """The chosen values as the index knows them, and what else a saved search keeps."""
        values = [f"{name}:{value}" for name, values in self.chosen.items() for value in values]
        if self.price is not None:
            values.append(self.price.facet)
        return values if self.has_elsewhere else [*values, LOCAL]

    def pairs(self) -> list[tuple[str, str]]:
        """All but the words, as the address holds it."""
        pairs = [(name, value) for name, values in self.chosen.items() for value in values]
        pairs += self.price.pairs() if self.price is not None else []
        if self.has_elsewhere:
            pairs.append(("elsewhere", "show"))
        if self.sort is not self.usual_sort:
            pairs.append(("sort", str(self.sort)))
        return pairs

    def query(self, **more: str) -> str:
        """The address's query for this search; `more` adds to it."""
        words = [("q", self.text)] if self.text else []
        return urlencode([*words, *self.pairs(), *more.items()])

    @property
    def usual_sort(self) -> Sort:
        """The order without a choice: by relevance where there are words, else the newest first."""
        return Sort.RELEVANCE if self.text else Sort.NEWEST

    def toggled(self, name: str, value: str) -> "SearchRequest":
        """The search with this facet value chosen, or no longer chosen."""
        now = self.chosen.get(name, ())
        values = tuple(one for one in now if one != value) if value in now else (*now, value)
        others = {facet: kept for facet, kept in self.chosen.items() if facet != name}
        return replace(self, chosen=in_order({**others, name: values}))


def in_order(chosen: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """Facets in their own order and values sorted, so that one search has one address."""
    return {
        name: tuple(sorted({value[:FACET_CHARS_MAX] for value in chosen[name]})[:CHOSEN_MAX])
        for name in FACETS
        if chosen.get(name)
    }


def command_of(
    *,
    text: str,
    chosen: Mapping[str, Iterable[str]],
    sort: str = "",
    price: PriceRange | None = None,
    has_elsewhere: bool = True,
) -> SearchRequest:
    """The search that an address asks for. What it cannot mean is left out, never an error."""
    words = " ".join(text.replace("\x00", "").split())[:QUERY_CHARS_MAX]
    clean = {
        name: [value for value in values if value and "\x00" not in value]
        for name, values in chosen.items()
    }
    command = SearchRequest(
        text=words, chosen=in_order(clean), price=price, has_elsewhere=has_elsewhere
    )
    known = sort in set(Sort) and not (sort == Sort.RELEVANCE and not words)
    return replace(command, sort=Sort(sort) if known else command.usual_sort)


def command_kept(*, text: str, facets: Iterable[str]) -> SearchRequest:
    """The search that is kept with these `facets`."""
    chosen: dict[str, list[str]] = {}
    for facet in facets:
        name, _colon, value = facet.partition(":")
        chosen.setdefault(name, []).append(value)
    prices = [PriceRange.read(f"{PRICE}:{value}") for value in chosen.pop(PRICE, ())]
    return command_of(
        text=text,
        chosen=chosen,
        price=prices[0] if prices else None,
        has_elsewhere=LOCAL not in facets,
    )
