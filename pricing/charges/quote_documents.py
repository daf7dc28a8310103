"""Quotes as documents: canonical bytes, replay, and the explanation in a person's words."""

from collections.abc import Mapping
from typing import Any

from pricing.charges.exact import exact_text, mapping, refuse
from pricing.charges.lines import Line
from pricing.charges.plans import read_plan
from pricing.charges.quotes import PricedCharge, Quote, make_quote
from pricing.charges.requests import read_request
from pricing.documents import canonical
from pricing.refusals import PricingRefusal

FORMAT = "assay.quote/1"


class QuoteDiffers(PricingRefusal):
    """A quote is not what its own plan and request give: it was changed."""

    code = "quote_differs"


def quote_document(quote: Quote) -> dict[str, Any]:
    """A quote in JSON values: amounts in whole minor units, exact figures as text."""
    return {
        "format": FORMAT,
        "plan": quote.plan.document,
        "plan_digest": quote.plan.digest,
        "request": quote.request.document,
        "currency": quote.plan.currency,
        "charges": [_charge_document(charge) for charge in quote.charges],
        "adjustments": [
            {"kind": line.kind.value, "text": line.text, "amount_minor": line.amount.minor}
            for line in quote.adjustments
        ],
        "subtotal_minor": quote.subtotal.minor,
        "net_minor": quote.net.minor,
        "tax_minor": quote.tax.minor,
        "tax_included": quote.plan.tax.included,
        "total_minor": quote.total.minor,
        "issued_at": quote.request.issued_at.isoformat(),
        "valid_until": quote.valid_until.isoformat(),
    }


def quote_bytes(quote: Quote) -> bytes:
    """The canonical bytes of a quote: the same for the same plan and request, always."""
    return canonical(quote_document(quote))


def replay(document: object) -> Quote:
    """Price the plan and the request of a quote again. Raises QuoteDiffers where it differs."""
    fields = mapping(document, "quote")
    if fields.get("format") != FORMAT:
        refuse("format", fields.get("format"), FORMAT)
    plan = read_plan(fields.get("plan"))
    quote = make_quote(plan, read_request(fields.get("request"), plan))
    again = quote_document(quote)
    for name in sorted(set(again) | set(fields)):
        if name not in fields or canonical_or_none(again.get(name)) != canonical_or_none(
            fields.get(name)
        ):
            raise QuoteDiffers(
                f"The field {name} of the quote is not what its plan and request give.",
                field=name,
                value=str(fields.get(name))[:80],
                accepted=str(again.get(name))[:80],
            )
    return quote


def canonical_or_none(value: object) -> bytes | None:
    """Canonical bytes, or None for what no quote can hold (NaN, a Decimal)."""
    try:
        return canonical(value)
    except (TypeError, ValueError):
        return None


def explain(quote: Quote) -> str:
    """The steps as a person would write them."""
    plan = quote.plan
    parts = [f"Plan {plan.name}, version {plan.version}, in {plan.currency}."]
    for charge in quote.charges:
        parts.append(f"{charge.name} ({charge.model.replace('_', ' ')})")
        parts += [f"  {index}. {line.text}" for index, line in enumerate(charge.lines, 1)]
        parts.append(f"  Together {exact_text(charge.exact)}, billed as {charge.amount}.")
    parts.append(f"All charges: {quote.subtotal}.")
    parts += [f"  {line.text}: {line.amount}" for line in quote.adjustments]
    if quote.plan.tax.rate:
        word = "included in it" if quote.plan.tax.included else "on top"
        parts.append(f"Net {quote.net}; tax {quote.tax}, {word}.")
    parts.append(f"To pay: {quote.total}, if accepted before {quote.valid_until.isoformat()}.")
    return "\n".join(parts)


def _charge_document(charge: PricedCharge) -> Mapping[str, object]:
    return {
        "name": charge.name,
        "model": charge.model,
        "lines": [_line_document(line) for line in charge.lines],
        "exact": exact_text(charge.exact),
        "amount_minor": charge.amount.minor,
    }


def _line_document(line: Line) -> Mapping[str, object]:
    written: dict[str, object] = {
        "kind": line.kind.value,
        "text": line.text,
        "amount": exact_text(line.amount),
    }
    if line.quantity is not None:
        written["quantity"] = exact_text(line.quantity)
    if line.price is not None:
        written["price"] = exact_text(line.price)
    return written
