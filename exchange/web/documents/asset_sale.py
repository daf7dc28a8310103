"""The documents of a state-asset sale: announcement, bidders, bidding record, result, certificate."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from exchange.asset_sales import bidding
from exchange.asset_sales.lifecycle import AssetSaleState, AssetSaleTransition
from exchange.asset_sales.models import Announcement, AssetSale
from exchange.asset_sales.results import certificate_of
from exchange.core.titles import title_of
from exchange.web.documents.layout import Document, Line, Party, Printed, Seal, Table
from exchange.web.documents.wording import amount, deadline, language, moment, party
from pricing.documents import digest

ANNOUNCEMENT, BIDDERS, RECORD = "announcement", "bidders", "record"
RESULT, CERTIFICATE = "result", "certificate"
S = AssetSaleState
RESULT_IS_PUBLIC = frozenset({S.RESULT_NOTICE, S.CONTRACTED, S.PAID, S.CERTIFIED, S.TRANSFERRED})
_CERTIFIED = frozenset({S.CERTIFIED, S.TRANSFERRED})
_RECORDED = RESULT_IS_PUBLIC | {S.WON}
TITLES: Mapping[str, Any] = {
    ANNOUNCEMENT: gettext_lazy("Announcement of a state-asset sale"),
    BIDDERS: gettext_lazy("List of bidders"),
    RECORD: gettext_lazy("Bidding record"),
    RESULT: gettext_lazy("Result notice"),
    CERTIFICATE: gettext_lazy("Certificate of a state-asset trade"),
}


def title_of_kind(kind: str) -> str:
    return str(TITLES[kind])


def public_kinds(found: Announcement) -> list[str]:
    """The documents of this round that everybody may have, as far as they exist."""
    kinds = [ANNOUNCEMENT]
    if not _is_last(found):
        return kinds
    state = found.asset_sale.state
    if found.bidding_ends_at is not None and state in _RECORDED:
        kinds.append(RECORD)
    if state in RESULT_IS_PUBLIC:
        kinds.append(RESULT)
    if state in _CERTIFIED:
        kinds.append(CERTIFICATE)
    return kinds


def document_of(found: Announcement, kind: str) -> Printed | None:
    """The document of that kind; None where it does not exist, or not yet."""
    if kind not in {BIDDERS, *public_kinds(found)}:
        return None
    return _MAKERS[kind](found)


def _announcement(found: Announcement) -> Printed:
    asset_sale, currency = found.asset_sale, found.asset_sale.currency
    facts = {
        "announcement": found.public_id,
        "round": found.number,
        "kind": found.kind,
        "nature": asset_sale.deal_nature,
        "seller": asset_sale.seller.public_id,
        "product": asset_sale.product.public_id,
        "valuation_minor": str(found.valuation.value_minor),
        "filing_no": asset_sale.filing_no,
        "floor_minor": str(found.floor_minor),
        "deposit_minor": str(found.deposit_minor),
        "currency": currency,
        "working_days": found.days,
        "starts_at": found.starts_at.isoformat(),
        "ends_at": found.ends_at.isoformat(),
        "conditions": found.conditions,
    }
    lines = [
        *_subject(asset_sale),
        Line(_("Round"), f"{found.number} · {found.get_kind_display()}"),
        Line(_("Filed valuation"), amount(found.valuation.value_minor, currency)),
        Line(_("Filing number"), asset_sale.filing_no),
        Line(_("Floor, without tax"), amount(found.floor_minor, currency)),
        Line(_("Deposit of each bidder"), amount(found.deposit_minor, currency)),
        Line(_("Announced"), moment(found.starts_at)),
        Line(_("Working days"), str(found.days)),
        Line(_("Bidders register until"), deadline(found.ends_at)),
    ]
    if found.conditions:
        lines.append(Line(_("Conditions for the buyer"), found.conditions))
    return _made(found, ANNOUNCEMENT, lines, facts, found.starts_at)


def _bidders(found: Announcement) -> Printed:
    rows = list(found.bidders.select_related("organisation").order_by("number"))
    facts = {
        "announcement": found.public_id,
        "bidders": [
            {
                "number": one.number,
                "organisation": one.organisation.public_id,
                "standing": one.standing,
                "related": one.related,
                "disclosure": one.disclosure,
                "reason": one.reason,
                "registered_at": one.registered_at.isoformat(),
            }
            for one in rows
        ],
    }
    table = Table(
        _("Bidders"),
        (_("Number"), _("Bidder"), _("Registered"), _("Standing"), _("Related to the seller")),
        tuple(
            (
                str(one.number),
                one.organisation.name,
                moment(one.registered_at),
                str(one.get_standing_display()),
                one.disclosure if one.related else _("No"),
            )
            for one in rows
        ),
    )
    return _made(found, BIDDERS, _subject(found.asset_sale), facts, found.ends_at, [table])


def _record(found: Announcement) -> Printed:
    record = bidding.record_of(found)
    currency = found.asset_sale.currency
    numbers = {one.public_id: one.number for one in found.bidders.all()}
    rows = tuple(
        (
            str(one.seq),
            str(numbers.get(one.bidder, "")),
            amount(one.price, currency),
        )
        for one in bidding.bids_of(found)
    )
    lines = [
        *_subject(found.asset_sale),
        Line(_("Bidding opened"), moment(found.bidding_starts_at)),
        Line(_("Bidding ended"), moment(found.bidding_ends_at)),
        Line(_("Step"), amount(found.step_minor, currency)),
        Line(_("Final price, without tax"), amount(found.asset_sale.price_minor, currency)),
    ]
    table = Table(
        _("Bids"), (_("Number"), _("Number of the bidder"), _("Maximum")), rows, numbers=(0, 1, 2)
    )
    at = found.bidding_ends_at or found.ends_at
    return _made(found, RECORD, lines, record, at, [table])


def _result(found: Announcement) -> Printed:
    asset_sale = found.asset_sale
    published = (
        asset_sale.steps.filter(transition=AssetSaleTransition.PUBLISH).order_by("-number").first()
    )
    at = published.at if published else found.ends_at
    facts = {
        "announcement": found.public_id,
        "buyer": asset_sale.winner.public_id if asset_sale.winner else "",
        "price_minor": str(asset_sale.price_minor),
        "currency": asset_sale.currency,
        "published_at": at.isoformat(),
    }
    lines = [*_subject(asset_sale), *_outcome(asset_sale), Line(_("Published"), moment(at))]
    return _made(found, RESULT, lines, facts, at)


def _certificate(found: Announcement) -> Printed:
    asset_sale = found.asset_sale
    certified = (
        asset_sale.steps.filter(transition=AssetSaleTransition.CERTIFY).order_by("-number").first()
    )
    at = certified.at if certified else found.ends_at
    facts = certificate_of(asset_sale)
    lines = [
        Line(_("Issued"), moment(at)),
        *_subject(asset_sale),
        *_outcome(asset_sale),
        Line(_("Filing number"), asset_sale.filing_no),
        Line(_("Order"), asset_sale.order.public_id if asset_sale.order else ""),
    ]
    return _made(found, CERTIFICATE, lines, facts, at)


_MAKERS: Mapping[str, Callable[[Announcement], Printed]] = {
    ANNOUNCEMENT: _announcement,
    BIDDERS: _bidders,
    RECORD: _record,
    RESULT: _result,
    CERTIFICATE: _certificate,
}


def _is_last(found: Announcement) -> bool:
    return found.number == found.asset_sale.round


def _subject(asset_sale: AssetSale) -> list[Line]:
    return [
        Line(_("Product"), title_of(asset_sale.product)),
        Line(_("Nature of the deal"), str(asset_sale.get_deal_nature_display())),
    ]


def _outcome(asset_sale: AssetSale) -> list[Line]:
    bought = asset_sale.winner.name if asset_sale.winner else "–"
    return [
        Line(_("Buyer"), bought),
        Line(_("Final price, without tax"), amount(asset_sale.price_minor, asset_sale.currency)),
    ]


def _party(part: str, organisation: Organisation) -> Party:
    return party(
        part,
        {
            "id": organisation.public_id,
            "name": organisation.name,
            "credit_code": organisation.credit_code,
        },
    )


def _made(
    found: Announcement,
    kind: str,
    lines: Sequence[Line],
    facts: dict[str, Any],
    at: datetime,
    tables: Sequence[Table] = (),
) -> Printed:
    asset_sale = found.asset_sale
    parties = [_party(_("Seller"), asset_sale.seller)]
    if kind in {RESULT, CERTIFICATE} and asset_sale.winner:
        parties.append(_party(_("Buyer"), asset_sale.winner))
    document = Document(
        kind=kind,
        stem=f"{kind}-{found.public_id}",
        language=language(),
        title=title_of_kind(kind),
        number=found.public_id,
        issuer=settings.EXCHANGE_OPERATOR,
        lines=tuple(lines),
        parties=tuple(parties),
        tables=tuple(tables),
        seal=Seal(digest(facts), (Line(_("Document hash"), digest(facts)),)),
        page_of=_("page {page} of {pages}"),
    )
    return Printed(document, at, facts)
