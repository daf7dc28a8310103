"""Orders and their frozen terms in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from exchange.catalog.choices import right_label
from exchange.catalog.lifecycle import Delivery, Future, OfferKind, ProductKind, RefundPolicy
from exchange.core.periods import MONTHS_IN_YEAR, months_of
from exchange.core.titles import in_own_language
from exchange.disputes.lifecycle import DisputeTurn
from exchange.disputes.models import Dispute
from exchange.orders.lifecycle import OrderState, Turn
from exchange.orders.models import Order
from exchange.orders.queries import Side
from exchange.web.panels import Stage
from exchange.web.usage.rates import charge_name, rates_in_words
from pricing.charges.plans import read_plan
from pricing.money import Money

S, B, V, X = OrderState, Side.BUYER, Side.SELLER, Side.EXCHANGE
TONES = {
    S.CREATED: "warn",
    S.CONTRACT_SIGNED: "warn",
    S.OBJECTED: "bad",
    S.CLOSED: "good",
    S.CANCELLED: "neutral",
    S.REFUNDED: "neutral",
}
# What happens next, by where the order stands and who reads.
NEXT: dict[tuple[OrderState, Side], str | Promise] = {
    (S.CREATED, B): gettext_lazy(
        "This order is above your organisation's limit. A second person confirms or declines it."
    ),
    (S.CREATED, V): gettext_lazy("The buyer's second person has yet to confirm this order."),
    (S.CREATED, X): gettext_lazy("The buyer's second person has yet to confirm this order."),
    (S.CONTRACT_SIGNED, B): gettext_lazy(
        "Pay, and the delivery starts at once. The exchange holds the money."
    ),
    (S.CONTRACT_SIGNED, V): gettext_lazy("The buyer has yet to pay. Nothing for you to do."),
    (S.CONTRACT_SIGNED, X): gettext_lazy("The buyer has yet to pay."),
    (S.ESCROWED, B): gettext_lazy("Your payment has arrived. The delivery starts."),
    (S.ESCROWED, V): gettext_lazy("The exchange holds the money. The delivery starts."),
    (S.ESCROWED, X): gettext_lazy("The money is held. The delivery starts."),
    (S.DELIVERING, B): gettext_lazy(
        "The delivery is held up. The exchange looks into it; your money is safe."
    ),
    (S.DELIVERING, V): gettext_lazy("The delivery is held up. The exchange looks into it."),
    (S.DELIVERING, X): gettext_lazy("The delivery is held up: find out why, try again or refund."),
    (S.DELIVERED, B): gettext_lazy(
        "Look at the data. Accept it, or object with a reason; after the deadline it counts as"
        " accepted."
    ),
    (S.DELIVERED, V): gettext_lazy(
        "The buyer inspects the delivery. You are paid when they accept it."
    ),
    (S.DELIVERED, X): gettext_lazy("The buyer inspects the delivery."),
    (S.OBJECTED, B): gettext_lazy(
        "The exchange rules on your objection. The money stays held until then."
    ),
    (S.OBJECTED, V): gettext_lazy("The buyer objects. Answer below; the exchange rules on it."),
    (S.OBJECTED, X): gettext_lazy(
        "Read the objection and the answer, then release the money or refund it."
    ),
    (S.CLOSED, B): gettext_lazy("Done. The data is yours to use within the licence."),
    (S.CLOSED, V): gettext_lazy("Done. What you earned is on its way to you."),
    (S.CLOSED, X): gettext_lazy("Done."),
    (S.CANCELLED, B): gettext_lazy(
        "This order ended before payment. You may buy again at any time."
    ),
    (S.CANCELLED, V): gettext_lazy("This order ended before payment."),
    (S.CANCELLED, X): gettext_lazy("This order ended before payment."),
    (S.REFUNDED, B): gettext_lazy("The money goes back to you, and the access has ended."),
    (S.REFUNDED, V): gettext_lazy(
        "The money went back to the buyer, and the buyer's access has ended."
    ),
    (S.REFUNDED, X): gettext_lazy("The money went back to the buyer."),
}
# While an authorised payment is being taken, whatever the order's table says about who pays.
BEING_TAKEN: dict[Side, str | Promise] = {
    B: gettext_lazy(
        "Your card is authorised. The exchange takes the money; then the data arrives."
    ),
    V: gettext_lazy("The buyer has paid by card. The exchange takes the money."),
    X: gettext_lazy("The buyer's card is authorised. The money is being taken."),
}


# While the standing of a party keeps the order from going on.
HELD_UP: dict[OrderState, str | Promise] = {
    S.CREATED: gettext_lazy("This order cannot be confirmed now; only the exchange can lift that."),
    S.CONTRACT_SIGNED: gettext_lazy("Nothing can be paid now; only the exchange can lift that."),
}


ROAD: tuple[tuple[str | Promise, frozenset[OrderState]], ...] = (
    (gettext_lazy("Ordered"), frozenset({S.CREATED, S.CONFIRMED})),
    (gettext_lazy("Payment"), frozenset({S.CONTRACT_SIGNED})),
    (gettext_lazy("Delivery"), frozenset({S.ESCROWED, S.DELIVERING})),
    (gettext_lazy("Inspection"), frozenset({S.DELIVERED, S.OBJECTED})),
    (
        gettext_lazy("Settlement"),
        frozenset({S.ACCEPTED, S.SETTLED, S.INVOICED, S.CERTIFICATE_ISSUED}),
    ),
    (pgettext_lazy("order", "Closed"), frozenset({S.CLOSED})),
)
FREE_ROAD = (ROAD[0], ROAD[2], ROAD[5])


def next_step(order: Order, side: Side, *, is_held_up: bool = False) -> str:
    """The sentence that says what happens next."""
    if is_held_up:
        return str(HELD_UP[OrderState(order.state)])
    return str(NEXT.get((OrderState(order.state), side), ""))


def stages(order: Order) -> tuple[Stage, ...]:
    """The road of the order as labels with done, now or next; empty once it has left the road."""
    road = FREE_ROAD if order.total_minor == 0 else ROAD
    state = OrderState(order.state)
    reached = next((place for place, (_label, at) in enumerate(road) if state in at), None)
    if reached is None:
        return ()
    ended = state is S.CLOSED
    return tuple(
        Stage(
            str(label),
            "done" if place < reached or ended else "now" if place == reached else "next",
        )
        for place, (label, _states) in enumerate(road)
    )


@dataclass(frozen=True)
class PriceLine:
    name: str
    amount: Money


@dataclass(frozen=True)
class TermsView:
    """`is_buyer`: the reader is who buys; others read of the buyer."""

    is_buyer: bool
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


def terms_view(terms: Mapping[str, Any], *, side: Side = Side.BUYER) -> TermsView:
    """The terms as a page shows them, in the reader's language and from where they stand."""
    product, offer, price = terms["product"], terms["offer"], terms["price"]
    licence, currency = terms["licence"], price["currency"]
    return TermsView(
        is_buyer=side is Side.BUYER,
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
        inspection=_inspection(terms, side),
        price=tuple(
            PriceLine(charge_name(line["name"]), Money(line["amount_minor"], currency))
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
        if years == 1:
            return pgettext("price", "per year")
        return ngettext("per %(count)d year", "per %(count)d years", years) % {"count": years}
    if months == 1:
        return pgettext("price", "per month")
    return ngettext("per %(count)d month", "per %(count)d months", months) % {"count": months}


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


def _inspection(terms: Mapping[str, Any], side: Side) -> str:
    if terms["price"]["total_minor"] == 0:
        return ""
    days = terms["inspection_working_days"]
    if side is not Side.BUYER:
        return ngettext(
            "The buyer has %(n)d working day after delivery to inspect the data and to object. The"
            " exchange holds the money until then.",
            "The buyer has %(n)d working days after delivery to inspect the data and to object. The"
            " exchange holds the money until then.",
            days,
        ) % {"n": days}
    return ngettext(
        "You have %(n)d working day after delivery to inspect the data and to object. The exchange"
        " holds your money until then.",
        "You have %(n)d working days after delivery to inspect the data and to object. The exchange"
        " holds your money until then.",
        days,
    ) % {"n": days}


def turn_of(order: Order, dispute: Dispute | None) -> Turn:
    """Whose turn it is; while a dispute waits for an answer, that of who answers it."""
    answering = None
    if dispute is not None and dispute.turn == DisputeTurn.CLAIMANT:
        answering = dispute.claimant_id
    elif dispute is not None and dispute.turn == DisputeTurn.RESPONDENT:
        answering = dispute.respondent_id
    if answering is None:
        return Turn(order.turn)
    return Turn.BUYER if answering == order.buyer_id else Turn.SELLER
