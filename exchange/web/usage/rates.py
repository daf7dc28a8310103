"""Rates in words, and usage as it was reported."""

from fractions import Fraction

from babel.numbers import format_currency, format_decimal
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from exchange.catalog.lifecycle import OfferKind
from exchange.catalog.models import Offer
from exchange.core.formatting import active_locale
from pricing.charges.models import Flat, Graduated, Package, PerUnit, Volume
from pricing.charges.plans import Charge, Plan, read_plan
from pricing.charges.tiers import Tiers
from pricing.exact import decimal_places, text

# Of numbers that never end.
SHOWN_PLACES = 6


def rates_of(offer: Offer) -> tuple[str, ...]:
    """What use costs under an offer; nothing for one that is not paid by use."""
    if offer.kind != OfferKind.METERED:
        return ()
    return rates_in_words(read_plan(dict(offer.plan)))


def rates_in_words(plan: Plan) -> tuple[str, ...]:
    """A sentence for each charge, and one each for what a period costs at least and at most."""
    said = [_charge(charge, plan.currency) for charge in plan.charges]
    if plan.terms.minimum:
        said.append(
            _("A period costs at least %(amount)s.")
            % {"amount": exact_money(plan.terms.minimum, plan.currency)}
        )
    if plan.terms.maximum is not None:
        said.append(
            _("A period costs at most %(amount)s.")
            % {"amount": exact_money(plan.terms.maximum, plan.currency)}
        )
    if plan.grace_periods:
        said.append(
            ngettext(
                "The first period costs nothing.",
                "The first %(count)s periods cost nothing.",
                plan.grace_periods,
            )
            % {"count": plan.grace_periods}
        )
    return tuple(said)


def meter_name(meter: str) -> str:
    """A usual meter in the reader's language; any other as the seller named it."""
    return {
        "rows": _("rows"),
        "calls": _("calls"),
        "bytes": _("bytes"),
        "lookups": _("lookups"),
        "queries": _("queries"),
        "requests": pgettext("meter", "requests"),
        "results": pgettext("meter", "results"),
        "records": pgettext("meter", "records"),
    }.get(meter, meter)


def charge_name(name: str) -> str:
    """A charge by its meter or as the seller named it; those of a plain price are named by us."""
    ours = {"price": _("Price"), "discount": _("Discount"), "base": _("Base fee")}
    return ours.get(name) or meter_name(name)


def quantity_words(meter: str, quantity: Fraction) -> str:
    """`200 lookups`; of a meter that the seller named, the number and that name."""
    number = 1 if quantity == 1 else 2  # a fraction takes the plural
    said = {
        "rows": ngettext("%(count)s row", "%(count)s rows", number),
        "calls": ngettext("%(count)s call", "%(count)s calls", number),
        "bytes": ngettext("%(count)s byte", "%(count)s bytes", number),
        "lookups": ngettext("%(count)s lookup", "%(count)s lookups", number),
        "queries": ngettext("%(count)s query", "%(count)s queries", number),
        "requests": ngettext("%(count)s request", "%(count)s requests", number),
        "results": ngettext("%(count)s result", "%(count)s results", number),
        "records": ngettext("%(count)s record", "%(count)s records", number),
    }.get(meter)
    return said % {"count": exact_count(quantity)} if said else f"{exact_count(quantity)} {meter}"


def unit_words(quantity: Fraction) -> str:
    """A quantity of what has no name of its own."""
    number = 1 if quantity == 1 else 2
    said = ngettext("%(count)s unit", "%(count)s units", number)
    return said % {"count": exact_count(quantity)}


def _metered(charge: Charge) -> str:
    """What is priced: the meter's units, or as many of them as count as one."""
    if charge.conversion is None:
        return meter_name(charge.meter or "")
    return _("units of %(quantity)s") % {
        "quantity": quantity_words(charge.meter or "", 1 / charge.conversion.multiplier)
    }


def _charge(charge: Charge, currency: str) -> str:
    said = _price(charge, _metered(charge), currency)
    if charge.free_units:
        said = _("%(price)s; the first %(count)s of a period are free") % {
            "price": said,
            "count": exact_count(charge.free_units),
        }
    if charge.sample_units:
        said = _("%(price)s; %(count)s more are free once, as a sample") % {
            "price": said,
            "count": exact_count(charge.sample_units),
        }
    return said


def _price(charge: Charge, meter: str, currency: str) -> str:
    pricing = charge.pricing
    match pricing:
        case PerUnit():
            return _("%(amount)s for each of the %(meter)s") % {
                "amount": exact_money(pricing.unit, currency),
                "meter": meter,
            }
        case Package():
            return _("%(amount)s for each %(count)s %(meter)s begun") % {
                "amount": exact_money(pricing.price, currency),
                "count": exact_count(pricing.size),
                "meter": meter,
            }
        case Graduated():
            return _tiers(pricing.tiers, meter, currency)
        case Volume():
            return _("%(tiers)s, the tier reached for all of them") % {
                "tiers": _tiers(pricing.tiers, meter, currency)
            }
        case Flat():
            return _("%(amount)s for each period") % {
                "amount": exact_money(pricing.amount, currency)
            }
        case _:
            return charge.name


def _tiers(tiers: Tiers, meter: str, currency: str) -> str:
    said = []
    for tier in tiers.rows:
        price = exact_money(tier.unit, currency)
        if tier.flat:
            price = _("%(unit)s and once %(flat)s") % {
                "unit": price,
                "flat": exact_money(tier.flat, currency),
            }
        said.append(
            _("beyond: %(price)s") % {"price": price}
            if tier.up_to is None
            else _("up to %(count)s: %(price)s")
            % {"count": exact_count(tier.up_to), "price": price}
        )
    return _("Each of the %(meter)s, %(tiers)s") % {"meter": meter, "tiers": " · ".join(said)}


def exact_money(amount: Fraction, currency: str) -> str:
    """Exact, with as many digits as a price of a unit has; one that never ends is cut and marked."""
    shown = format_currency(
        _decimal(amount), currency, locale=active_locale(), decimal_quantization=False
    )
    return shown if _ends(amount) else f"≈ {shown}"


def exact_count(number: Fraction) -> str:
    """Exact; a number that never ends is cut and marked."""
    shown = format_decimal(_decimal(number), locale=active_locale(), decimal_quantization=False)
    return shown if _ends(number) else f"≈ {shown}"


def _ends(number: Fraction) -> bool:
    return decimal_places(number.denominator) is not None


def _decimal(number: Fraction) -> str:
    return text(number if _ends(number) else Fraction(round(number, SHOWN_PLACES)))
