"""Every kind of notice: what it says, with named places for its facts, and whether it comes by mail.

A room that tells something new adds a row. Facts that a sentence names must be told; they may be
text, whole numbers, `Money` or datetimes, and are printed in the reader's language when read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_PLACE = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True)
class Kind:
    """`label` names it among the preferences, `line` is the sentence of the inbox and the subject."""

    label: str | Promise
    line: str | Promise
    by_mail: bool = False

    @property
    def places(self) -> frozenset[str]:
        """The facts that the sentence names."""
        return frozenset(_PLACE.findall(str(self.line)))


KINDS: Mapping[str, Kind] = {
    "catalog.search.matched": Kind(
        label=_("A new listing fits one of my saved searches"),
        line=_("“%(product)s” is new and fits your saved search “%(search)s”."),
    ),
    "catalog.product.revised": Kind(
        label=_("A product that I watch has a new revision"),
        line=_("“%(product)s” has revision %(revision)s."),
    ),
    "catalog.product.changed": Kind(
        label=_("A product that I watch can be bought again, or no longer"),
        line=_("“%(product)s” changed its state in the catalogue."),
    ),
    "catalog.demand.answered": Kind(
        label=_("Somebody answers what my organisation asked for"),
        line=_("%(organisation)s answers your request “%(demand)s” with “%(product)s”."),
        by_mail=True,
    ),
    "catalog.product.reviewed": Kind(
        label=_("A buyer reviews a product of ours"),
        line=_("%(organisation)s reviewed “%(product)s” with %(stars)s of 5 stars."),
    ),
}
