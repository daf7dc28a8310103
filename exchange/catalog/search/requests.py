"""What somebody looks for: the facets of the catalogue, and a search as an address holds it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exchange.catalog.choices import RIGHTS, industry_label, region_label, rhythm_label
from exchange.catalog.lifecycle import Delivery, OfferKind, ProductKind
from exchange.catalog.models.search import FACET_CHARS_MAX, SearchEntry
from exchange.catalog.search.words import QUERY_CHARS_MAX

CHOSEN_MAX = 20  # values of one facet


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
class SearchRequest:
    """A search: words, chosen facet values by facet, and the order. Hashable and repeatable."""

    text: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: Sort = Sort.NEWEST

    @property
    def is_empty(self) -> bool:
        """Whether everything is wanted."""
        return not self.text and not self.chosen

    @property
    def facets(self) -> list[str]:
        """The chosen values as the index knows them."""
        return [f"{name}:{value}" for name, values in self.chosen.items() for value in values]

    def query(self, **more: str) -> str:
        """The address's query for this search; `more` adds to it."""
        pairs = [("q", self.text)] if self.text else []
        pairs += [(name, value) for name, values in self.chosen.items() for value in values]
        if self.sort is not self.usual_sort:
            pairs.append(("sort", str(self.sort)))
        return urlencode([*pairs, *more.items()])

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


def command_of(*, text: str, chosen: Mapping[str, Iterable[str]], sort: str = "") -> SearchRequest:
    """The search that an address asks for. What it cannot mean is left out, never an error."""
    words = " ".join(text.replace("\x00", "").split())[:QUERY_CHARS_MAX]
    clean = {
        name: [value for value in values if value and "\x00" not in value]
        for name, values in chosen.items()
    }
    command = SearchRequest(text=words, chosen=in_order(clean))
    known = sort in set(Sort) and not (sort == Sort.RELEVANCE and not words)
    return replace(command, sort=Sort(sort) if known else command.usual_sort)
