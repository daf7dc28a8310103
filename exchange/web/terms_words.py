"""Frozen terms in plain words: what you get, what you may do, what you pay, what if it is not right.

Reads the terms document alone, so that the checkout page and an order of years ago say the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exchange.catalog.choices import right_label
from exchange.catalog.states import Delivery, Future, OfferKind, ProductKind, RefundPolicy
from exchange.core.titles import in_own_language
from exchange.orders.periods import MONTHS_IN_YEAR, months_of
from exchange.web.rate_words import rates_in_words
from pricing.charges.plans import read_plan
from pricing.money import Money


@dataclass(frozen=True)
class PriceLine:
    name: str
    explained: tuple[str, ...]
    amount: Money


@dataclass(frozen=True)
class TermsView:
    product_id: str
    title: str
    title_zh: str
    kind: str
    offer: str
    gets: tuple[str, ...]
    allowed: tuple[str, ...]
    forbidden: tuple[str, ...]
    licence_text: str
    refund: str
    inspection: str
    price: tuple[PriceLine, ...]
    rates: tuple[str, ...]
    net: Money
    tax: Money
    tax_percent: str
    total: Money
    per_period: str
    rules: tuple[str, ...]


def charge_name(name: str) -> str:
    """A charge as the seller named it; the one charge of a plain price is named by us."""
    return {"price": _("Price"), "discount": _("Discount")}.get(name, name)


def terms_view(terms: Mapping[str, Any]) -> TermsView:
    """The terms as a page shows them, in the reader's language."""
    product, offer, price = terms["product"], terms["offer"], terms["price"]
    licence, currency = terms["licence"], price["currency"]
    return TermsView(
        product_id=product["id"],
        title=in_own_language(product["title"], product["title_zh"]),
        title_zh=product["title_zh"],
        kind=str(ProductKind(product["kind"]).label),
        offer=offer["name"],
        gets=tuple(_gets(terms)),
        allowed=_uses(licence.get("allowed", ())),
        forbidden=_uses(licence.get("forbidden", ())),
        licence_text=licence.get("text", ""),
        refund=str(RefundPolicy(terms["refund_policy"]).label),
        inspection=_inspection(terms),
        price=tuple(
            PriceLine(
                charge_name(line["name"]),
                tuple(line["explained"]),
                Money(line["amount_minor"], currency),
            )
            for line in price["lines"]
        ),
        rates=_rates(terms),
        net=Money(price["net_minor"], currency),
        tax=Money(price["tax_minor"], currency),
        tax_percent=price["tax_percent"],
        total=Money(price["total_minor"], currency),
        per_period=period_words(offer["period"]),
        rules=tuple(terms["rules"].values()),
    )


def period_words(period: str) -> str:
    """`P1M` as “per month”; empty for one purchase."""
    if not period:
        return ""
    months = months_of(period)
    if months % MONTHS_IN_YEAR == 0:
        years = months // MONTHS_IN_YEAR
        return ngettext("per year", "per %(count)d years", years) % {"count": years}
    return ngettext("per month", "per %(count)d months", months) % {"count": months}


def _rates(terms: Mapping[str, Any]) -> tuple[str, ...]:
    """What use costs, where the offer is paid by use."""
    if terms["offer"]["kind"] != OfferKind.METERED:
        return ()
    return rates_in_words(read_plan(terms["price"]["plan"]))


def _uses(codes: "tuple[str, ...] | list[str]") -> tuple[str, ...]:
    return tuple(right_label(code) for code in codes)


def _gets(terms: Mapping[str, Any]) -> list[str]:
    offer, revisions = terms["offer"], terms["product"]["revisions"]
    said = [str(Delivery(terms["delivery"]).label)]
    if revisions:
        rows = sum(table["rows"] for revision in revisions for table in revision["tables"])
        tables = sum(len(revision["tables"]) for revision in revisions)
        said.append(
            _("%(revisions)s of the product: %(tables)s with %(rows)s")
            % {
                "revisions": ngettext("%(n)d revision", "%(n)d revisions", len(revisions))
                % {"n": len(revisions)},
                "tables": ngettext("%(n)d table", "%(n)d tables", tables) % {"n": tables},
                "rows": ngettext("%(n)s row", "%(n)s rows", rows) % {"n": f"{rows:,}"},
            }
        )
    if offer["future"] == Future.ALL:
        said.append(_("Every new revision while your access lasts"))
    if offer["access_days"]:
        said.append(
            ngettext("Access for %(n)d day", "Access for %(n)d days", offer["access_days"])
            % {"n": offer["access_days"]}
        )
    elif not offer["period"]:
        said.append(_("Access without end"))
    return said


def _inspection(terms: Mapping[str, Any]) -> str:
    if terms["price"]["total_minor"] == 0:
        return ""
    days = terms["inspection_working_days"]
    return ngettext(
        "You have %(n)d working day after delivery to inspect the data and to object. The exchange"
        " holds your money until then.",
        "You have %(n)d working days after delivery to inspect the data and to object. The exchange"
        " holds your money until then.",
        days,
    ) % {"n": days}
