"""The facets of the catalogue: in which order they stand, what they are called, what values mean."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exchange.catalog.choices import RIGHTS, industry_label, region_label, rhythm_label
from exchange.catalog.lifecycle import Delivery, OfferKind, ProductKind


@dataclass(frozen=True)
class Facet:
    """One facet. `say` words a value; values that nobody words are shown as they are."""

    label: str | Promise
    say: Callable[[str], str]


def _of(choices: Mapping[str, str | Promise]) -> Callable[[str], str]:
    return lambda value: str(choices.get(value, value))


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
}
