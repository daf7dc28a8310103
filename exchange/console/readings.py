"""Values as an operator reads them."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from babel.numbers import format_decimal, format_percent
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exchange.catalog.reasons import REASONS
from exchange.core.formatting import NOTHING, active_locale, money_shown
from exchange.core.rules import UNITS, RuleKey, RuleKind
from exchange.members.roles import Kind
from exchange.orders.lifecycle import RulingReason
from pricing.money import Money


def value_shown(declared: RuleKey, value: str | int) -> str:
    """A rule's value with its unit."""
    if declared.kind is RuleKind.MONEY:
        return money_shown(Money(int(value), declared.unit))
    number = Decimal(value)
    if declared.unit == "fraction":
        return format_percent(number, format="#,##0.##%", locale=active_locale())
    figure = format_decimal(number, locale=active_locale())
    if declared.unit not in UNITS:
        return figure
    several = 2  # a fraction takes the plural
    count = int(number) if number == int(number) else several
    return str(UNITS[declared.unit] % {"figure": figure, "count": count})


def share_shown(share: Decimal) -> str:
    """A share as a percentage, in the reader's language."""
    return format_percent(share, format="#,##0.#%", locale=active_locale())


def figure_shown(number: float) -> str:
    """A figure to one place."""
    return format_decimal(number, format="#,##0.#", locale=active_locale())


def chance_shown(chance: float) -> str:
    """A probability; what is next to nothing is said to be below a bound."""
    least = 0.0001
    if chance < least:
        return f"< {format_decimal(least, format='0.####', locale=active_locale())}"
    return format_decimal(chance, format="0.####", locale=active_locale())


def kinds_shown(kinds: Iterable[str]) -> str:
    """Qualifications by name."""
    return ", ".join(str(Kind(kind).label) for kind in kinds) or "–"


# Why listings were returned or ended, and why an objection was ruled on as it was.
REASON_LABELS: Mapping[str, str | Promise] = {
    **{one.code: one.label for one in REASONS},
    **{str(one.value): one.label for one in RulingReason},
}
# What the provider's codes mean, to the exchange; a code that is not here is shown as it is.
FAILURES: Mapping[str, str | Promise] = {
    "account_closed": _("The account is closed"),
    "authentication_failed": _("The payer was not authenticated"),
    "authorisation_ended": _("The money was set aside for too long"),
    "expired_card": _("The card has run out"),
    "generic_decline": _("Declined without a reason"),
    "insufficient_funds": _("Not enough money"),
    "lost_or_stolen_card": _("The card was lost or stolen"),
}


# What an auction's own terms say: their names, and the choices among them.
TERMS: Mapping[str, str | Promise] = {
    "commitment": _("Commitment to the draw"),
    "every_seconds": _("Seconds between two steps"),
    "language": _("Bids of one bidder on bundles"),
    "least": _("Fewest winners"),
    "least_raised": _("Nothing is sold below proceeds of"),
    "minimum": _("Lowest offer that counts"),
    "payment": _("Winners pay"),
    "price": _("Price"),
    "rationing": _("At the last price that wins"),
    "second_price": _("The winner is paid the second lowest offer"),
    "step_minor": _("Falls by"),
}
AMOUNTS = frozenset({"minimum", "step_minor"})
CHOICES: Mapping[str, str | Promise] = {
    "core": _("core prices near the Vickrey prices"),
    "core_near_bids": _("core prices near their bids"),
    "first_price": _("what they bid"),
    "highest_losing": _("that of the highest losing bid"),
    "last": _("the last accepted, for all"),
    "lowest_winning": _("that of the lowest winning bid"),
    "or": _("any of them win that share nothing"),
    "own": _("what each accepted"),
    "pro_rata": _("each gets a part"),
    "time": _("the earliest come first"),
    "vcg": _("Vickrey prices"),
    "xor": _("at most one of them wins"),
}


def terms_shown(options: Mapping[str, object], currency: str) -> str:
    """An auction's own terms, one by one."""
    return "; ".join(
        f"{TERMS.get(name, name)}: {_term(name, value, currency)}"
        for name, value in sorted(options.items())
    )


def _term(name: str, value: object, currency: str) -> str:
    if name in AMOUNTS and isinstance(value, int):
        return money_shown(Money(value, currency))
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    return str(CHOICES.get(str(value), value))


def increments_shown(rows: Iterable[tuple[int, int]], currency: str) -> str:
    """By how much a bid rises at least, from which price on."""
    return "; ".join(
        str(_("%(step)s from a price of %(price)s"))
        % {"step": money_shown(Money(step, currency)), "price": money_shown(Money(price, currency))}
        for price, step in rows
    )


def reason_shown(code: str) -> str:
    """A kind of reason in words; one that is gone by its code."""
    return str(REASON_LABELS.get(code, code)) or NOTHING


def failure_shown(code: str) -> str:
    """What the provider's code means."""
    return str(FAILURES.get(code, code)) or NOTHING
