"""The terms of a purchase as one document: what the buyer sees is what is frozen, to the byte.

The document holds no moment and no buyer, so that it has the same hash on the page that shows it
and in the order that keeps it, as long as nothing of it changes.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeGuard

import rfc8785
from django.db import connection
from django.db.models import Prefetch

from accounts.models import Organisation
from exchange.catalog.buyable import buyable_offer, frozen_shares, licence_document
from exchange.catalog.choices import CUSTOM
from exchange.catalog.lifecycle import History, OfferKind, RevisionState
from exchange.catalog.models import Offer, Product, Revision, RevisionTable
from exchange.contracts.models import Contract
from exchange.core.models import RuleVersion
from exchange.core.rules import rule, rules
from exchange.orders import agreed_fees
from exchange.orders.lifecycle import DEADLINE_RULES, INSPECTION, OrderState
from exchange.orders.models import DiscountTier, Order
from pricing.charges.plans import Plan, read_plan, without_beginnings
from pricing.charges.quotes import Quote, make_quote
from pricing.charges.requests import read_request
from pricing.money import round_to_minor

FORMAT = "assay.terms/1"
# The rules that bear on a purchase: the terms name the version of each.
VAT = "fee.vat_rate"
FEE_RATE = "fee.service_rate"
# Terms name it where it spares the seller a part of the fee.
SME_DISCOUNT = "fee.sme_discount"
TERM_RULES = (*DEADLINE_RULES, FEE_RATE, VAT)
HUNDRED = Decimal(100)
CHANGES_MAX = 20
DISCOUNT = "discount"
# What an order of a contract names as its ground, before the contract's id.
CONTRACT_BASIS = "contract:"
# What of a licence a contract says, too.
GRANTED = ("allowed", "forbidden", "attribution", "text")
HISTORY_MAX = 100
# Shared locks: checkouts do not wait for each other, changes of what is on offer wait for them. The
# product comes first, as it does where an offer is withdrawn or changed.
LOCK_OFFER = """
    WITH product AS (
        SELECT p.id FROM catalog_product AS p
        JOIN catalog_offer AS named ON named.product_id = p.id
        WHERE named.public_id = %(offer)s
        FOR SHARE OF p
    )
    SELECT o.id FROM catalog_offer AS o
    JOIN product ON product.id = o.product_id
    WHERE o.public_id = %(offer)s
    FOR SHARE OF o
"""
LOCK_PRODUCT = "SELECT id FROM catalog_product WHERE id = %(product)s FOR SHARE"


def terms_document(
    *,
    offer: Offer,
    at: datetime,
    tier: DiscountTier | None = None,
    is_first: bool = True,
    shared_at: datetime | None = None,
    contract: Contract | None = None,
) -> dict[str, Any]:
    """The terms on which the offer can be bought at `at`, by a buyer on its discount `tier`, or in performance
    of a `contract`, whose uses hold then.
    Who used the product before (`is_first` false) gets no sample and no periods of grace again.
    The revenue is shared as it was at `shared_at`, which is `at` unless a period began earlier.
    Raises what a broken price plan raises."""
    product = offer.product
    in_force = rules(at=at)
    licence = _licence(product, contract)
    return {
        "format": FORMAT,
        "product": _product(product, offer),
        "seller": {
            "id": product.seller.public_id,
            "name": product.seller.name,
            "credit_code": product.seller.credit_code or "",
        },
        "offer": {
            "id": offer.public_id,
            "number": offer.number,
            "name": offer.name,
            "kind": offer.kind,
            "period": offer.period,
            "access_days": offer.access_days,
            "history": offer.history,
            "history_count": offer.history_count,
            "future": offer.future,
        },
        "deal": {"nature": offer.deal_nature, "basis": offer.basis, **_discount(offer, tier)},
        "licence": licence,
        "licence_hash": document_hash(licence),
        "delivery": product.delivery,
        "refund_policy": product.refund_policy,
        "inspection_working_days": in_force[INSPECTION].as_int(),
        "price": _price(plan_with_tax(offer, in_force[VAT], tier, is_first=is_first), at),
        **frozen_shares(product, at=shared_at or at),
        **agreed_fees.frozen(product.seller, at=at),
        "rules": {
            **{key: in_force[key].version for key in TERM_RULES},
            **_fee_rules(product.seller, in_force),
        },
    }


def _licence(product: Product, contract: Contract | None) -> dict[str, Any]:
    """The product's licence, or in its place what a contract grants."""
    licence = licence_document(product)
    if contract is None:
        return licence
    granted = contract.document["rights_granted"]
    agreed = {**licence, **{name: granted[name] for name in GRANTED}}
    return agreed if agreed == licence else {**agreed, "template": CUSTOM}


def _fee_rules(seller: Organisation, in_force: Mapping[str, RuleVersion]) -> dict[str, str]:
    """The rules of the seller's fee: whether it is small or medium-sized is asked once, for the order."""
    discount = in_force.get(SME_DISCOUNT)
    spared = (
        {SME_DISCOUNT: discount.version}
        if seller.sme and discount and discount.as_decimal()
        else {}
    )
    return {FEE_RATE: in_force[FEE_RATE].version, **spared}


def document_hash(document: Mapping[str, Any]) -> str:
    """`sha256:` and the hash of the canonical JSON (RFC 8785)."""
    return f"sha256:{hashlib.sha256(canonical(document)).hexdigest()}"


terms_hash = document_hash


def canonical(document: Mapping[str, Any]) -> bytes:
    """The canonical bytes of a document of text, whole numbers below 2**53, booleans and null."""
    return bytes(rfc8785.dumps(dict(document)))


def plan_with_tax(
    offer: Offer, vat: RuleVersion, tier: DiscountTier | None = None, *, is_first: bool = True
) -> Plan:
    """The offer's price plan under the tax of the day: prices are net, tax comes on top. A tier's
    discount is one of the whole plan; it leaves a plan with a discount of its own as it is."""
    percent = _percent(vat)
    discount = {"discount_percent": f"{tier.percent.normalize():f}"} if applies(tier, offer) else {}
    plan = offer.plan if is_first else without_beginnings(offer.plan)
    return read_plan({**plan, **discount, "tax": {"percent": percent}})


def percent_at(day: datetime) -> str:
    """The tax of a day, in percent."""
    return _percent(rule(key=VAT, at=day))


def _percent(vat: RuleVersion) -> str:
    return f"{(vat.as_decimal() * HUNDRED).normalize():f}"


def taxed_at(terms: Mapping[str, Any], day: datetime) -> dict[str, Any]:
    """The same terms under the tax of the day of supply: nothing but the tax and the total changes."""
    vat, price = rule(key=VAT, at=day), terms["price"]
    percent = _percent(vat)
    if percent == price["tax_percent"]:
        return dict(terms)
    plan = read_plan({**price["plan"], "tax": {"percent": percent}})
    net = price["net_minor"]
    tax = round_to_minor(Fraction(percent) / 100 * net, price["currency"])
    taxed = {
        **price, "plan": plan.document, "plan_digest": plan.digest, "tax_percent": percent,
        "tax_minor": tax, "total_minor": net + tax,
    }  # fmt: skip
    return {**terms, "price": taxed, "rules": {**terms["rules"], VAT: vat.version}}


def renewed(
    terms: Mapping[str, Any], product: Product, *, day: datetime, now: datetime
) -> dict[str, Any]:
    """The same terms for a period that begins on a day: with its tax, the fee of now, and the revenue shared
    as it is then, or as it was when a contract was signed."""
    shares = frozen_shares(product, at=day)
    if terms["deal"]["basis"].startswith(CONTRACT_BASIS):
        shares = {name: value for name, value in terms.items() if name == "shares"}
    kept = {name: value for name, value in terms.items() if name not in {"shares", "fee"}}
    fee = _fee_rules(product.seller, rules(at=now, keys=(FEE_RATE, SME_DISCOUNT)))
    others = {key: version for key, version in terms["rules"].items() if key != SME_DISCOUNT}
    anew = {**shares, **agreed_fees.frozen(product.seller, at=now)}
    return taxed_at({**kept, "rules": {**others, **fee}, **anew}, day)


def applies(tier: DiscountTier | None, offer: Offer) -> TypeGuard[DiscountTier]:
    """Whether a tier takes something off the offer: open to all, at one price, with no discount yet."""
    return (
        tier is not None
        and offer.kind in {OfferKind.ONE_OFF, OfferKind.SUBSCRIPTION}
        and not offer.basis
        and "discount_percent" not in offer.plan
    )


def quote_for(offer: Offer, *, at: datetime) -> Quote:
    """What one purchase, or one period, of the offer costs at `at`."""
    return _quote(plan_with_tax(offer, rules(at=at)[VAT]), at)


def changes_between(seen: Mapping[str, Any], now: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What differs, field by field, as `{"field", "seen", "now"}`, in the order of the fields' names."""
    before, after = dict(_leaves(seen)), dict(_leaves(now))
    return [
        {"field": field, "seen": before.get(field), "now": after.get(field)}
        for field in sorted(before.keys() | after.keys())
        if before.get(field) != after.get(field)
    ][:CHANGES_MAX]


def _product(product: Product, offer: Offer) -> dict[str, Any]:
    return {
        "id": product.public_id,
        "kind": product.kind,
        "title": product.title,
        "title_zh": product.title_zh,
        "grade": product.grade,
        "synthetic": product.synthetic,
        "revisions": [
            {
                "id": revision.public_id,
                "number": revision.number,
                "tables": [
                    {
                        "name": row.table.name,
                        "rows": row.table.rows,
                        "sha256": row.table.parquet.sha256,
                    }
                    for row in revision.tables.all()
                ],
            }
            for revision in covered_revisions(offer)
        ],
    }


def _discount(offer: Offer, tier: DiscountTier | None) -> dict[str, Any]:
    if not applies(tier, offer):
        return {}
    return {"discount": {"tier": tier.name, "percent": f"{tier.percent.normalize():f}"}}


def _price(plan: Plan, at: datetime) -> dict[str, Any]:
    if plan.meters:
        return _price_by_use(plan)
    quote = _quote(plan, at)
    return {
        "plan": plan.document,
        "plan_digest": plan.digest,
        "currency": plan.currency,
        "lines": [
            {
                "name": charge.name,
                "explained": [line.text for line in charge.lines],
                "amount_minor": charge.amount.minor,
            }
            for charge in quote.charges
        ]
        + [
            {
                "name": DISCOUNT,
                "explained": [adjustment.text],
                "amount_minor": adjustment.amount.minor,
            }
            for adjustment in quote.adjustments
        ],
        "net_minor": quote.net.minor,
        "tax_percent": plan.document["tax"]["percent"],
        "tax_minor": quote.tax.minor,
        "total_minor": quote.total.minor,
    }


def _price_by_use(plan: Plan) -> dict[str, Any]:
    """Nothing is due at once: what was used is billed at the end of each period."""
    return {
        "plan": plan.document,
        "plan_digest": plan.digest,
        "currency": plan.currency,
        "lines": [],
        "net_minor": 0,
        "tax_percent": plan.document["tax"]["percent"],
        "tax_minor": 0,
        "total_minor": 0,
    }


def _quote(plan: Plan, at: datetime) -> Quote:
    usage = dict.fromkeys(sorted(plan.meters), 0)
    return make_quote(plan, read_request({"usage": usage, "issued_at": at.isoformat()}, plan))


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that is no object, by its path; lists of plain values count as one."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
        for place, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{place}]")
    else:
        yield path, value


def covered_revisions(offer: Offer) -> list[Revision]:
    """The published revisions that the offer's history rule covers, newest first, with their tables.

    `all` (at most HISTORY_MAX), the `last` history_count, or the newest alone.
    """
    count = {History.ALL: HISTORY_MAX, History.LAST: offer.history_count or 1}.get(
        History(offer.history), 1
    )
    tables = RevisionTable.objects.select_related("table__parquet").order_by("position")
    published = offer.product.revisions.filter(state=RevisionState.PUBLISHED).order_by("-number")
    return list(published.prefetch_related(Prefetch("tables", queryset=tables))[:count])


def lock_product(product_pk: int) -> None:
    """Let nobody change the product until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK_PRODUCT, {"product": product_pk})


def seller_of(offer_id: str) -> int | None:
    """Who sells the offer; None where there is none."""
    sellers = Offer.objects.filter(public_id=offer_id).values_list("product__seller_id", flat=True)
    return sellers.first()


def read_offer(offer_id: str, *, buyer_id: int, at: datetime, lock: bool) -> Offer:
    """The offer, as long as the buyer can buy it; with `lock` nobody withdraws or changes it or its
    product until this transaction ends, so that what is read is what the order freezes."""
    if lock:
        with connection.cursor() as cursor:
            cursor.execute(LOCK_OFFER, {"offer": offer_id})
    return buyable_offer(offer_id, at=at, buyer_id=buyer_id)


def tier_of(*, seller_id: int, buyer_id: int) -> DiscountTier | None:
    """What the seller grants the buyer now."""
    rows = DiscountTier.objects.filter(seller=seller_id, buyer=buyer_id, ended_at=None)
    return rows.first()


def has_used(*, offer: Offer, buyer_id: int) -> bool:
    """Whether the buyer ever ordered the product by use, on whatever offer; asked of such offers."""
    if offer.kind != OfferKind.METERED:
        return False
    earlier = Order.objects.filter(
        buyer=buyer_id, offer__product=offer.product_id, offer__kind=OfferKind.METERED
    )
    return earlier.exclude(state=OrderState.CANCELLED).exists()
