"""Contracts: the list, one contract, signing, calling off, downloads."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from exchange.contracts.lifecycle import ContractState
from exchange.contracts.models import Contract
from exchange.contracts.odrl import policy_of
from exchange.contracts.performance import calls_of, runs_until
from exchange.contracts.queries import contract_seen_by, contracts_of, is_intact, subject_of
from exchange.contracts.signing import canonical
from exchange.core.refusals import Refusal
from exchange.core.titles import speaks_chinese, title_of
from exchange.journeys import agreements
from exchange.members import policy
from exchange.members.actors import Actor, Subject, organisation_of
from exchange.members.callers import actor_of
from exchange.members.permissions import Permission
from exchange.web.documents.layout import Clause, Document, Line, Seal
from exchange.web.documents.typesetting import to_pdf
from exchange.web.documents.wording import language, moment, party
from exchange.web.pages import key_page, render_page

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
    runs = contract.state == ContractState.PERFORMING and made < calls and until > timezone.now()
    is_buyer = actor.organisation_id == contract.buyer_id
    return Framework(calls, made, until, made + 1 if runs and is_buyer else None)


@dataclass(frozen=True)
class ContractRow:
    url: str
    title: str
    kind: str
    other_side: str
    state: str
    tone: str
    created_at: datetime


@dataclass(frozen=True)
class ContractsPage:
    rows: tuple[ContractRow, ...]
    newest_url: str
    older_url: str


@dataclass(frozen=True)
class ClauseView:
    heading: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class PartyView:
    part: str
    name: str
    credit_code: str
    signed_by: str
    signed_at: datetime | None
    signature: str


@dataclass(frozen=True)
class ContractPage:
    contract_id: str
    title: str
    product: str
    product_url: str
    state: str
    tone: str
    sign_by: datetime | None
    digest: str
    is_intact: bool
    parties: tuple[PartyView, ...]
    clauses: tuple[ClauseView, ...]
    may_sign: bool
    needs_second_factor: bool
    order_url: str
    negotiation_url: str
    framework: Framework | None
    refusal: str


@login_required
@require_GET
def show_all(request: HttpRequest) -> HttpResponse:
    """The contracts of the organisation, newest first."""
    actor = actor_of(request)
    mine = organisation_of(actor)
    policy.require(actor, Permission.CONTRACT_SEE, Subject(organisation_id=mine))
    found = key_page(request, contracts_of(mine).order_by("-pk"), size=ROWS_PER_PAGE)
    page = ContractsPage(
        rows=tuple(_row(one, mine) for one in found.rows),
        newest_url=found.newest_url,
        older_url=found.older_url,
    )
    return render_page(request, "contracts/contracts.html", page)


@login_required
@require_GET
def show(request: HttpRequest, contract_id: str) -> HttpResponse:
    """One contract: what it says, and who has signed it."""
    actor = actor_of(request)
    page = _page(contract_seen_by(actor, contract_id), actor)
    return render_page(request, "contracts/contract.html", page)


@login_required
@require_POST
def sign(request: HttpRequest, contract_id: str) -> HttpResponse:
    """Sign the document that was read, named by its hash."""
    actor = actor_of(request)
    seen = contract_seen_by(actor, contract_id)
    try:
        signed = agreements.sign(
            contract_id,
            actor=actor,
            seen_hash=request.POST.get("seen_hash", ""),
            now=timezone.now(),
        )
    except Refusal as refusal:
        if refusal.http_status in {403, 404}:
            raise
        seen.refresh_from_db()
        page = _page(seen, actor, refusal=str(refusal.message))
        return render_page(request, "contracts/contract.html", page, status=422)
    if signed.concluded_at is not None:
        messages.success(request, _("Signed by both: the order is placed."))
    else:
        messages.success(request, _("Signed. The other side signs next."))
    return redirect("web:contract", contract_id)


@login_required
@require_POST
def call_off(request: HttpRequest, contract_id: str) -> HttpResponse:
    """Place the next order of a framework agreement, by the number that the page showed."""
    actor = actor_of(request)
    seen = contract_seen_by(actor, contract_id)
    number = request.POST.get("number", "")
    try:
        order = agreements.call_off(
            contract_id,
            actor=actor,
            number=int(number) if number.isascii() and number.isdigit() else 0,
            now=timezone.now(),
        )
    except Refusal as refusal:
        if refusal.http_status in {403, 404}:
            raise
        page = _page(seen, actor, refusal=str(refusal.message))
        return render_page(request, "contracts/contract.html", page, status=422)
    return redirect("web:order", order.public_id)


@login_required
@require_GET
def download(request: HttpRequest, contract_id: str, form: str) -> HttpResponse:
    """The contract as canonical JSON, as an ODRL policy, or printed."""
    contract = contract_seen_by(actor_of(request), contract_id)
    if form == "odrl":
        answer: HttpResponse = JsonResponse(
            policy_of(contract), json_dumps_params={"ensure_ascii": False, "indent": 2}
        )
        answer["Content-Type"] = "application/ld+json"
        name = f"{contract.public_id}-odrl.json"
    elif form == "pdf":
        answer = HttpResponse(
            to_pdf(_document(contract), at=contract.created_at), content_type="application/pdf"
        )
        name = f"{contract.public_id}.pdf"
    else:
        # Byte for byte what was signed.
        answer = HttpResponse(canonical(contract.document), content_type="application/json")
        name = f"{contract.public_id}.json"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _row(one: Contract, mine: int) -> ContractRow:
    return ContractRow(
        url=reverse("web:contract", args=[one.public_id]),
        title=title_of(one.product),
        kind=_said(one.document["template"]["title"]),
        other_side=one.seller.name if one.buyer_id == mine else one.buyer.name,
        state=one.get_state_display(),
        tone=TONES[S(one.state)],
        created_at=one.created_at,
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
    parties, order = [], contract.orders.order_by("pk").first()
    for one in document["parties"]:
        signature = signatures.get(one["role"])
        parties.append(
            PartyView(
                part=_said(one["part"]),
                name=one["name"],
                credit_code=str(one.get("credit_code") or ""),
                signed_by=signature.by.name if signature else "",
                signed_at=signature.at if signature else None,
                signature=signature.value if signature else "",
            )
        )
    return ContractPage(
        contract_id=contract.public_id,
        title=_said(document["template"]["title"]),
        product=title_of(contract.product),
        product_url=reverse("web:product", args=[contract.product.public_id]),
        state=contract.get_state_display(),
        tone=TONES[state],
        sign_by=contract.sign_by if state is S.SIGNING else None,
        digest=contract.document_hash,
        is_intact=is_intact(contract),
        parties=tuple(parties),
        clauses=tuple(
            ClauseView(heading, paragraphs) for heading, paragraphs in _clauses(document)
        ),
        may_sign=waits and decision.allowed,
        needs_second_factor=waits and decision.code == "second_factor_needed",
        order_url=reverse("web:order", args=[order.public_id]) if order else "",
        negotiation_url=reverse("web:negotiation", args=[contract.negotiation.public_id]),
        framework=framework_of(contract, actor),
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
