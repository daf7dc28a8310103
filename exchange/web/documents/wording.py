"""How documents word amounts, moments and parties, in the active language."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.countries import country_names
from exchange.audit import queries
from exchange.audit.queries import NotYetInTheLog
from exchange.core.calendar import is_provisional
from exchange.core.formatting import active_locale, end_shown, moment_shown
from exchange.orders.models import Certificate
from exchange.web.documents.layout import Line, Party, Table
from exchange.web.templatetags.assay import language_tag, money
from exchange.web.usage.rates import charge_name
from pricing.money import Money


def language() -> str:
    """The active language as a BCP 47 tag."""
    return language_tag(get_language() or "en")


def amount(minor: int | str, currency: str) -> str:
    """An amount of minor units as people write it."""
    return money(Money(int(minor), currency))


def moment(at: datetime | str | None, precision: str = "minutes") -> str:
    """A moment in the exchange's time zone, with the zone's offset where minutes are given."""
    return moment_shown(parse_datetime(at) if isinstance(at, str) else at, precision)


def ending(at: datetime | str | None, precision: str = "minutes") -> str:
    """As `moment`, of the moment at which something ends: as a date its last day."""
    return end_shown(parse_datetime(at) if isinstance(at, str) else at, precision)


def deadline(at: datetime) -> str:
    """A moment that was reckoned in working days, said to be provisional where it is."""
    shown = ending(at)
    return _("%(at)s (provisional)") % {"at": shown} if is_provisional(at) else shown


def party(part: str, facts: Mapping[str, Any]) -> Party:
    """A party from its frozen `id`, `name` and `credit_code`, with the address and the VAT number that it gave."""
    lines = []
    if facts.get("street"):
        city = f"{facts.get('postcode', '')} {facts['city']}".strip()
        country = country_names().get(str(facts["country"]), str(facts["country"]))
        lines.append(Line(_("Address"), f"{facts['street']}, {city}, {country}"))
    if facts.get("tax_id"):
        lines.append(Line(_("VAT number"), str(facts["tax_id"])))
    if facts.get("credit_code"):
        lines.append(Line(_("Credit code"), str(facts["credit_code"])))
    if facts.get("id"):
        lines.append(Line(_("Member"), str(facts["id"])))
    return Party(part, str(facts["name"]), tuple(lines))


def title_of(product: Mapping[str, Any]) -> str:
    """A frozen product's title in the active language, or the one that there is."""
    wanted = "title_zh" if active_locale().language == "zh" else "title"
    title = str(product.get(wanted) or product.get("title") or product.get("title_zh") or "")
    if product.get("synthetic"):
        title = _("%(title)s (synthetic data)") % {"title": title}
    return title


def price_table(title: str, price: Mapping[str, Any]) -> Table:
    """The frozen price: what each line costs, tax, total."""
    currency = str(price["currency"])
    rows = [
        (f"{title} · {charge_name(line['name'])}", amount(line["amount_minor"], currency))
        for line in price["lines"]
    ]
    rows.append((_("Net"), amount(price["net_minor"], currency)))
    tax = _("Value-added tax, %(percent)s %%") % {"percent": price["tax_percent"]}
    rows.append((tax, amount(price["tax_minor"], currency)))
    return Table(
        heading=_("Price"),
        columns=(_("Item"), _("Amount")),
        rows=tuple(rows),
        numbers=(1,),
        total=(_("Total"), amount(price["total_minor"], currency)),
    )


def log_lines(record_id: str) -> list[Line]:
    """The record, its number in the log, its hash, and the signed root that covers it."""
    try:
        leaf = queries.leaf_of(record_id)
    except NotYetInTheLog:
        return [Line(_("Log"), _("The record waits for its place in the log."))]
    head = queries.newest()
    lines = [
        Line(_("Log entry"), f"{leaf.index}"),
        Line(_("Hash of the record"), bytes(leaf.hash).hex()),
    ]
    if head is not None:
        sealed = _("%(size)d entries, root %(root)s") % {
            "size": head.tree_size,
            "root": bytes(head.root).hex(),
        }
        lines.append(Line(_("Signed head"), sealed))
    return lines


def verification_url(certificate: Certificate) -> str:
    """The public address that says whether the exchange issued a certificate with this hash."""
    here = reverse("web:verify_certificate", args=[certificate.number])
    return f"{settings.PUBLIC_URL}{here}?hash={certificate.document_hash.removeprefix('sha256:')}"
