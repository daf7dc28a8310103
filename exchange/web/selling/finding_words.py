"""What the linter finds in a price plan, in the reader's language with amounts of money.

A finding names its kind and carries the figures that prove it; one of a kind that is not here is
shown in the linter's own words.
"""

from collections.abc import Mapping
from fractions import Fraction

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from exchange.web.usage.rates import charge_name, exact_count, exact_money, quantity_words
from pricing.charges.plans import Finding, Plan

_SPLIT = gettext_lazy(
    "One account pays %(price)s for %(units)s. Two accounts that use %(first_units)s and"
    " %(second_units)s pay %(both)s together and save %(saved)s."
)
SENTENCES: Mapping[str, str | Promise] = {
    "cap_always_reached": gettext_lazy(
        "The maximum of %(maximum)s is reached without any use: zero units cost %(price_at_zero)s"
        " before it."
    ),
    "free_units_invite_splitting": _SPLIT,
    "no_open_tier": gettext_lazy(
        "The last tier ends at %(last_end)s. More has no price and is refused."
    ),
    "not_monotone": gettext_lazy(
        "%(units)s cost %(price)s, but %(more_units)s cost %(lower_price)s: who uses less pays more."
    ),
    "not_subadditive": _SPLIT,
    "units_given_away": gettext_lazy("The last tier ends at %(last_end)s. More costs nothing."),
    "unreachable_cap": gettext_lazy(
        "The maximum of %(maximum)s never takes anything off: no use costs more than"
        " %(highest_price)s."
    ),
    "unsure": gettext_lazy(
        "It is not decided whether two accounts ever pay less than one: rounded quantities may"
        " allow it, and no example was found."
    ),
}
QUANTITIES = frozenset({"units", "more_units", "first_units", "second_units", "last_end", "step"})


def finding_words(finding: Finding, plan: Plan) -> str:
    """The finding as a sentence, behind the name of its charge where the plan has several."""
    sentence = SENTENCES.get(finding.code)
    if sentence is None:
        return finding.sentence
    meters = {charge.name: charge.meter or "" for charge in plan.charges}
    said = str(sentence) % _figures(finding, meters.get(finding.charge, ""), plan.currency)
    if len(plan.charges) == 1 or not finding.charge:
        return said
    named = pgettext_lazy("charge", "%(name)s: %(sentence)s")
    return str(named) % {"name": charge_name(finding.charge), "sentence": said}


def _figures(finding: Finding, meter: str, currency: str) -> dict[str, str]:
    exact = {name: Fraction(figure) for name, figure in finding.proof.items()}
    shown = {
        name: _quantity(figure, meter) if name in QUANTITIES else exact_money(figure, currency)
        for name, figure in exact.items()
    }
    if "first_price" in exact:
        both = exact["first_price"] + exact["second_price"]
        shown["both"] = exact_money(both, currency)
    return shown


def _quantity(figure: Fraction, meter: str) -> str:
    return quantity_words(meter, figure) if meter else exact_count(figure)
