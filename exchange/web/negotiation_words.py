"""Terms of a proposal, and what changed in them, in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exchange.catalog.states import DealNature, Period
from exchange.contracts.templates import template
from exchange.core.titles import in_own_language
from exchange.web.catalogue.cards import say
from exchange.web.templatetags.assay import money
from pricing.money import Money


@dataclass(frozen=True)
class TermRow:
    """One term; `before` is what was proposed last, where it changed."""

    label: str
    text: str
    before: str
    is_changed: bool


def rows_of(terms: Mapping[str, Any], changes: list[dict[str, Any]]) -> tuple[TermRow, ...]:
    """The terms that say something, with what they were before."""
    before = {str(one["field"]): one["before"] for one in changes}
    rows = []
    for field, label in _labels().items():
        value, changed = terms.get(field), field in before
        if not changed and value in (None, "", []):
            continue
        rows.append(
            TermRow(
                label=label,
                text=worded(field, value, terms),
                before=worded(field, before[field], terms) if changed else "",
                is_changed=changed,
            )
        )
    return tuple(rows)


def worded(field: str, value: Any, terms: Mapping[str, Any]) -> str:
    """A term's value as people say it."""
    if value in (None, "", []):
        return _NOTHING.get(field, lambda: "–")()
    if field == "price_minor":
        return str(money(Money(int(value), str(terms["currency"]))))
    if field in {"allowed", "forbidden"}:
        return "; ".join(say("use", code) for code in value)
    if field == "access_days":
        return ngettext("%(days)d day", "%(days)d days", value) % {"days": value}
    if field == "seller_share_percent":
        return f"{value} %"
    return _CODES[field](str(value)) if field in _CODES else str(value)


def _labels() -> dict[str, str]:
    return {
        "price_minor": _("Price, without tax"),
        "period": _("Paid"),
        "access_days": _("Access"),
        "allowed": _("Allowed uses"),
        "forbidden": _("Forbidden uses"),
        "purpose": _("Purpose"),
        "territory": _("Territory"),
        "environment": _("Where it is used"),
        "uses_max": _("Most uses"),
        "calls_max": _("Framework: orders in all"),
        "calls_days": _("Framework: days from the last signature"),
        "template": _("Contract"),
        "seller_share_percent": _("Seller's share of the results"),
        "nature": _("Nature of the deal"),
    }


def _contract(code: str) -> str:
    title = template(code).title
    return in_own_language(title["en"], title["zh"])


def _environment(code: str) -> str:
    return {"own": _("In the buyer's own systems"), "sandbox": _("In the sandbox")}.get(code, code)


_CODES = {
    "period": lambda code: str(Period(code).label),
    "nature": lambda code: str(DealNature(code).label),
    "template": _contract,
    "environment": _environment,
}
_NOTHING = {
    "price_minor": lambda: _("asked for"),
    "period": lambda: _("Once"),
    "access_days": lambda: _("without end"),
    "environment": lambda: _("Anywhere"),
    "uses_max": lambda: _("no limit"),
}
