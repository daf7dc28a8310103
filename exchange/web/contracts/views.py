"""Contracts: the list, one contract, signing, calling off, downloads."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from exchange.contracts.lifecycle import ContractState
from exchange.contracts.models import Contract, Signature
from exchange.contracts.odrl import policy_of
from exchange.contracts.performance import calls_of, runs_until
from exchange.contracts.queries import contract_seen_by, contracts_of, is_intact, subject_of
from exchange.contracts.signing import canonical
from exchange.core import clock
from exchange.core.refusals import NotAllowed, NotFound
from exchange.core.titles import speaks_chinese, title_of
from exchange.journeys import agreements
from exchange.members import policy
from exchange.members.actors import Actor, actor_of
from exchange.members.permissions import Permission
from exchange.orders.models import Order
from exchange.web import throttles
from exchange.web.documents.layout import Clause, Document, Line, Seal
from exchange.web.documents.typesetting import to_pdf
from exchange.web.documents.wording import language, moment, party
from exchange.web.pages import key_page, render_page
from exchange.web.panels import SharesPanel, shares_panel
from exchange.web.submissions import Problem, noting
from exchange.web.views import acting, attachment, get_view, post_view

ROWS_PER_PAGE = 30
S = ContractState
TONES = {
    S.SIGNING: "warn", S.SIGNED: "good", S.PERFORMING: "good", S.COMPLETED: "good",
    S.TERMINATED: "bad", S.LAPSED: "neutral", S.DRAFTING: "neutral",
}  # fmt: skip


@dataclass(frozen=True)
class Framework:
    """How many orders it allows, how many were placed, and the number that the reader may place."""

    calls: int
    made: int
    until: datetime
    next_number: int | None


def framework_of(contract: Contract, actor: Actor) -> Framework | None:
    """The framework as the reader sees it; None for other contracts."""
    calls, until = calls_of(contract), runs_until(contract)
    if calls is None or until is None:
        return None
    made = contract.orders.count()
    runs = contract.state == ContractState.PERFORMING and made < calls and until > clock.now()
    is_buyer = actor.organisation_id == contract.buyer_id
    return Framework(calls, made, until, made + 1 if runs and is_buyer else None)


@dataclass(frozen=True)
class ContractRow:
    contract: Contract
    title: str
    kind: str
    other_side: str
    tone: str


@dataclass(frozen=True)
class PartyView:
    part: str
    name: str
    credit_code: str
    signature: Signature | None


@dataclass(frozen=True)
class ContractPage:
    contract: Contract
    title: str
    product: str
    tone: str
    is_signing: bool
    is_intact: bool
    parties: tuple[PartyView, ...]
    clauses: tuple[tuple[str, tuple[str, ...]], ...]
    may_sign: bool
    needs_second_factor: bool
    order: Order | None
    negotiation_id: str
    framework: Framework | None
    shares: SharesPanel | None
    refusal: str


@get_view
def show_all(request: HttpRequest) -> HttpResponse:
    """The contracts of the organisation, newest first."""
    _actor, mine = acting(request, Permission.CONTRACT_SEE)
    found = key_page(request, contracts_of(mine), size=ROWS_PER_PAGE)
    page = found.shown_as(lambda contract: _row(contract, mine))
    return render_page(request, "contracts/contracts.html", page)


@get_view
def show(request: HttpRequest, contract_id: str) -> HttpResponse:
    """One contract: what it says, and who has signed it."""
    actor = actor_of(request)
    page = _page(contract_seen_by(actor, contract_id), actor)
    return render_page(request, "contracts/contract.html", page)


@post_view
def sign(request: HttpRequest, contract_id: str) -> HttpResponse:
    """Sign the document that was read, named by its hash."""
    actor = actor_of(request)
    seen, problem = contract_seen_by(actor, contract_id), Problem()
    with noting(problem, raising=(NotAllowed, NotFound)):
        signed = agreements.sign(
            contract_id,
            actor=actor,
            seen_hash=request.POST.get("seen_hash", ""),
            now=clock.now(),
        )
        messages.success(
            request,
            _("Signed by both: the order is placed.")
            if signed.concluded_at is not None
            else _("Signed. The other side signs next."),
        )
        return redirect("web:contract", contract_id)
    seen.refresh_from_db()
    page = _page(seen, actor, refusal=problem.sentence)
    return render_page(request, "contracts/contract.html", page, status=422)


@post_view
def call_off(request: HttpRequest, contract_id: str) -> HttpResponse:
    """Place the next order of a framework agreement, by the number that the page showed."""
    actor, number = actor_of(request), request.POST.get("number", "")
    seen, problem = contract_seen_by(actor, contract_id), Problem()
    with noting(problem, raising=(NotAllowed, NotFound)):
        order = agreements.call_off(
            contract_id,
            actor=actor,
            number=int(number) if number.isascii() and number.isdigit() else 0,
            now=clock.now(),
        )
        return redirect("web:order", order.public_id)
    page = _page(seen, actor, refusal=problem.sentence)
    return render_page(request, "contracts/contract.html", page, status=422)


@get_view
def download(request: HttpRequest, contract_id: str, form: str) -> HttpResponse:
    """The contract as canonical JSON, as an ODRL policy, or printed."""
    contract = contract_seen_by(actor_of(request), contract_id)
    if form == "odrl":
        policy_text = json.dumps(policy_of(contract), ensure_ascii=False, indent=2)
        name, kind = f"{contract.public_id}-odrl.json", "application/ld+json"
        return attachment(policy_text, name=name, content_type=kind)
    if form == "pdf":
        throttles.count(request, "document")
        printed = to_pdf(_document(contract), at=contract.created_at)
        name, kind = f"{contract.public_id}.pdf", "application/pdf"
        return attachment(printed, name=name, content_type=kind)
    # Byte for byte what was signed.
    return attachment(canonical(contract.document), name=f"{contract.public_id}.json")


def _row(contract: Contract, mine: int) -> ContractRow:
    return ContractRow(
        contract=contract,
        title=title_of(contract.product),
        kind=_said(contract.document["template"]["title"]),
        other_side=contract.seller.name if contract.buyer_id == mine else contract.buyer.name,
        tone=TONES[S(contract.state)],
    )


def _page(contract: Contract, actor: Actor, *, refusal: str = "") -> ContractPage:
    state, document = S(contract.state), contract.document
    signatures = {one.role: one for one in contract.signatures.select_related("by", "organisation")}
    signed = {one.organisation_id for one in signatures.values()}
    waits = (
        state is S.SIGNING
        and actor.organisation_id in {contract.buyer_id, contract.seller_id} - signed
    )
    decision = policy.allowed(actor, Permission.CONTRACT_SIGN, subject_of(contract))
    return ContractPage(
        contract=contract,
        title=_said(document["template"]["title"]),
        product=title_of(contract.product),
        tone=TONES[state],
        is_signing=state is S.SIGNING,
        is_intact=is_intact(contract),
        parties=tuple(
            PartyView(
                part=_said(one["part"]),
                name=one["name"],
                credit_code=str(one.get("credit_code") or ""),
                signature=signatures.get(one["role"]),
            )
            for one in document["parties"]
        ),
        clauses=tuple(_clauses(document)),
        may_sign=waits and decision.allowed,
        needs_second_factor=waits and decision.code == "second_factor_needed",
        order=contract.orders.order_by("pk").first(),
        negotiation_id=contract.negotiation.public_id,
        framework=framework_of(contract, actor),
        shares=shares_panel(
            contract.product, actor, signed_at=contract.concluded_at, now=clock.now()
        ),
        refusal=refusal,
    )


def _clauses(document: dict[str, Any]) -> list[tuple[str, tuple[str, ...]]]:
    spoken = "zh" if speaks_chinese() else "en"
    return [
        (_said(one["heading"]), tuple(one["paragraphs"][spoken])) for one in document["clauses"]
    ]


def _said(title: dict[str, str]) -> str:
    return title["zh" if speaks_chinese() else "en"]


def _document(contract: Contract) -> Document:
    document = contract.document
    lines = [
        Line(_("Contract"), contract.public_id),
        Line(_("Product"), title_of(contract.product)),
        Line(_("Drawn up"), moment(contract.created_at)),
    ]
    seal = [Line(_("Document hash"), contract.document_hash)]
    for one in contract.signatures.select_related("organisation", "by").order_by("pk"):
        lines.append(
            Line(
                _("Signed by %(name)s") % {"name": one.organisation.name},
                f"{one.by.name}, {moment(one.at)}",
            )
        )
        seal.append(Line(one.organisation.public_id, one.value))
    if contract.record_id:
        seal.append(Line(_("Record in the log"), contract.record_id))
    return Document(
        kind="contract",
        stem=contract.public_id,
        language=language(),
        title=_said(document["template"]["title"]),
        number=contract.public_id,
        issuer=settings.EXCHANGE_OPERATOR,
        lines=tuple(lines),
        parties=tuple(party(_said(one["part"]), one) for one in document["parties"]),
        clauses=tuple(Clause(heading, texts) for heading, texts in _clauses(document)),
        seal=Seal(contract.document_hash, tuple(seal)),
        page_of=_("page {page} of {pages}"),
    )
