"""Documents of trades, for reading, printing and as data."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from exchange.audit import queries
from exchange.catalog.disclosure import Part
from exchange.core.downloads import Download
from exchange.core.refusals import NotFound
from exchange.delivery import after_payment
from exchange.delivery.models import Delivery
from exchange.members.actors import actor_of
from exchange.orders.lifecycle import OrderTransition
from exchange.orders.models import Certificate, Order
from exchange.orders.queries import Side, order_seen_by, side_of
from exchange.payments import fee_invoices, statements
from exchange.payments.lifecycle import DocumentKind
from exchange.payments.models import Document as IssuedDocument
from exchange.payments.queries import document_of_order, document_seen_by
from exchange.web import throttles
from exchange.web.documents import money, trade
from exchange.web.documents.layout import Document, Printed
from exchange.web.documents.typesetting import to_pdf
from exchange.web.documents.wording import log_lines, verification_url
from exchange.web.pages import render_page
from exchange.web.views import attachment, get_view

LINES_OF: Mapping[str, Callable[[IssuedDocument], Iterator[str]]] = {
    **dict.fromkeys(statements.KINDS, statements.csv_of),
    **dict.fromkeys(fee_invoices.KINDS, fee_invoices.csv_of),
}
PROOF = "proof"  # beside html, pdf and json: the record and its place in the log


@dataclass(frozen=True)
class DocumentPage:
    document: Document
    pdf_url: str
    json_url: str
    back_url: str
    back_label: str
    proof_url: str


class NoSuchDocument(NotFound):
    """The order has no such document, or does not have it yet."""

    code = "no_such_document"


@get_view
def show(request: HttpRequest, order_id: str, kind: str, form: str) -> HttpResponse:
    """A document of an order, for those who may see the order. `form` is html, pdf or json."""
    actor = actor_of(request)
    order = order_seen_by(actor, order_id)
    if form == PROOF and kind == "certificate":
        return _proof(order)
    if kind == DocumentKind.STATEMENT and side_of(order, actor) is Side.BUYER:
        raise _missing(kind)  # how the seller's money is shared out is not the buyer's to know
    printed = _printed(order, kind)

    def address(wanted: str) -> str:
        return reverse("web:order_document", args=[order_id, kind, wanted])

    back = (reverse("web:order", args=[order_id]), _("Order"))
    proof_url = address(PROOF) if kind == "certificate" else ""
    return answer(request, printed, form, address, back=back, proof_url=proof_url)


@get_view
def show_numbered(request: HttpRequest, number: str, form: str) -> HttpResponseBase:
    """An invoice, credit note or statement by its number, for its issuer and its receiver. Of statements of
    payouts and months, and of what is invoiced for fees, `csv` is every line."""
    issued = document_seen_by(actor_of(request), number)
    if form == "csv" and issued.kind in LINES_OF:
        lines = LINES_OF[issued.kind](issued)
        return Download(lines, name=f"{number}.csv", content_type="text/csv; charset=utf-8")
    printed = _numbered(issued)

    def address(wanted: str) -> str:
        return reverse("web:numbered_document", args=[number, wanted])

    return answer(request, printed, form, address)


def _proof(order: Order) -> HttpResponse:
    """The certificate's record with its place in the log: `verify.py` proves it offline."""
    certificate = Certificate.objects.filter(order=order).first()
    if certificate is None:
        raise _missing("certificate")
    bundle = queries.bundle(queries.leaf_of(certificate.record_id), with_canonical=True)
    return attachment(json.dumps(bundle, indent=2), name=f"{certificate.number}-proof.json")


def answer(
    request: HttpRequest,
    printed: Printed,
    form: str,
    address: Callable[[str], str],
    *,
    back: tuple[str, str] = ("", ""),
    proof_url: str = "",
) -> HttpResponse:
    """The document as a page, for printing, or as data. `address` says where each form of it is,
    `back` the address and label of the page that led here. Raises NoSuchDocument for another form."""
    document = printed.document
    if form == "html":
        page = DocumentPage(
            document=document,
            pdf_url=address("pdf"),
            json_url=address("json"),
            back_url=back[0],
            back_label=back[1],
            proof_url=proof_url,
        )
        return render_page(request, "documents/document.html", page)
    if form == "pdf":
        shown = {"Content-Disposition": f'inline; filename="{document.stem}.pdf"'}
        throttles.count(request, "document")
        printed_pdf = to_pdf(document, at=printed.at)
        return HttpResponse(printed_pdf, content_type="application/pdf", headers=shown)
    if form == "json":
        facts = json.dumps(printed.facts, ensure_ascii=False, indent=2)
        return attachment(facts, name=f"{document.stem}.json")
    raise NoSuchDocument(
        _("A document can be had as html, pdf or json."), accepted=["html", "pdf", "json"]
    )


def _printed(order: Order, kind: str) -> Printed:
    """The document of that kind, or NoSuchDocument."""
    maker = TRADE_DOCUMENTS.get(kind)
    if maker is not None:
        return maker(order)
    numbered = document_of_order(order, kind=kind)
    if numbered is None:
        raise _missing(kind)
    return _numbered(numbered)


def _order(order: Order) -> Printed:
    return Printed(trade.order_document(order), order.created_at, order.terms)


def _contract(order: Order) -> Printed:
    at = _moment_of(order, OrderTransition.SIGN, "contract")
    return Printed(trade.contract_document(order, concluded_at=at), at, order.terms)


def _delivery_note(order: Order) -> Printed:
    at = _moment_of(order, OrderTransition.DELIVER, "delivery_note")
    files = _delivered(order)
    facts = {
        "order": order.public_id,
        "delivered_at": at.isoformat(),
        "terms_hash": order.terms_hash,
        "revisions": order.terms["product"]["revisions"],
    }
    return Printed(trade.delivery_note(order, delivered_at=at, files=files), at, facts)


def _certificate(order: Order) -> Printed:
    certificate = Certificate.objects.filter(order=order).first()
    if certificate is None:
        raise _missing("certificate")
    document = trade.certificate_document(
        certificate,
        log_lines=log_lines(certificate.record_id),
        url=verification_url(certificate),
    )
    return Printed(document, certificate.issued_at, certificate.document)


TRADE_DOCUMENTS: dict[str, Callable[[Order], Printed]] = {
    "order": _order,
    "contract": _contract,
    "delivery_note": _delivery_note,
    "certificate": _certificate,
}


def _numbered(document: IssuedDocument) -> Printed:
    return Printed(money.numbered_document(document), document.issued_at, document.content)


def _moment_of(order: Order, move: OrderTransition, kind: str) -> datetime:
    step = order.steps.filter(transition=move).order_by("-number").first()
    if step is None:
        raise _missing(kind)
    return step.at


def _delivered(order: Order) -> list[trade.Delivered]:
    """The files that the frozen terms name, with the first time each was fetched; none where no file
    leaves by them."""
    if Part.BYTES not in after_payment.parts_sold(order.terms):
        return []
    fetched = {
        (row.revision.number, row.table.parquet.sha256): row.first_at
        for row in Delivery.objects.filter(entitlement__order=order).select_related(
            "revision", "table__parquet"
        )
    }
    return [
        trade.Delivered(
            name=table["name"],
            revision=revision["number"],
            rows=table["rows"],
            sha256=table["sha256"],
            first_at=fetched.get((revision["number"], table["sha256"])),
        )
        for revision in order.terms["product"]["revisions"]
        for table in revision["tables"]
    ]


def _missing(kind: str) -> NoSuchDocument:
    return NoSuchDocument(_("This order has no such document, or does not have it yet."), kind=kind)
