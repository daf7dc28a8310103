"""Rates in words, and usage as it was reported."""

from fractions import Fraction

from babel.numbers import format_currency, format_decimal
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exchange.catalog.lifecycle import OfferKind
from exchange.catalog.models import Offer
from exchange.web.templatetags.assay import active_locale
from pricing.charges.models import Flat, Graduated, Package, PerUnit, Volume
from pricing.charges.plans import Charge, Plan, read_plan
from pricing.charges.tiers import Tiers
from pricing.exact import text


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
            % {"amount": _money(plan.terms.minimum, plan.currency)}
        )
    if plan.terms.maximum is not None:
        said.append(
            _("A period costs at most %(amount)s.")
            % {"amount": _money(plan.terms.maximum, plan.currency)}
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
    """A meter of our own deliveries in the reader's language; any other as the seller named it."""
    return {"rows": _("rows"), "calls": _("calls"), "bytes": _("bytes")}.get(meter, meter)


def _charge(charge: Charge, currency: str) -> str:
    meter = meter_name(charge.meter or "")
    said = _price(charge, meter, currency)
    if charge.free_units:
        said = _("%(price)s; the first %(count)s of a period are free") % {
            "price": said,
            "count": _count(charge.free_units),
        }
    if charge.sample_units:
        said = _("%(price)s; %(count)s more are free once, as a sample") % {
            "price": said,
            "count": _count(charge.sample_units),
        }
    return said


def _price(charge: Charge, meter: str, currency: str) -> str:
    pricing = charge.pricing
    match pricing:
        case PerUnit():
            return _("%(amount)s for each of the %(meter)s") % {
                "amount": _money(pricing.unit, currency),
                "meter": meter,
            }
        case Package():
            return _("%(amount)s for each %(count)s %(meter)s begun") % {
                "amount": _money(pricing.price, currency),
                "count": _count(pricing.size),
                "meter": meter,
            }
        case Graduated():
            return _tiers(pricing.tiers, meter, currency)
        case Volume():
            return _("%(tiers)s, the tier reached for all of them") % {
                "tiers": _tiers(pricing.tiers, meter, currency)
            }
        case Flat():
            return _("%(amount)s for each period") % {"amount": _money(pricing.amount, currency)}
        case _:
            return charge.name


def _tiers(tiers: Tiers, meter: str, currency: str) -> str:
    said = []
    for tier in tiers.rows:
        price = _money(tier.unit, currency)
        if tier.flat:
            price = _("%(unit)s and once %(flat)s") % {
                "unit": price,
                "flat": _money(tier.flat, currency),
            }
        said.append(
            _("beyond: %(price)s") % {"price": price}
            if tier.up_to is None
            else _("up to %(count)s: %(price)s") % {"count": _count(tier.up_to), "price": price}
        )
    return _("Each of the %(meter)s, %(tiers)s") % {"meter": meter, "tiers": " · ".join(said)}


def _money(amount: Fraction, currency: str) -> str:
    """Exact, with as many digits as a price of a unit has."""
    exact, locale = text(amount), active_locale()
    return str(format_currency(exact, currency, locale=locale, decimal_quantization=False))


def _count(number: Fraction) -> str:
    return str(format_decimal(text(number), locale=active_locale(), decimal_quantization=False))
