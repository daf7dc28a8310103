"""Disputes: the list, one dispute, and what its sides say and do in it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exchange.core import clock
from exchange.core.lifecycle import IllegalTransition
from exchange.core.refusals import NotAllowed, NotFound
from exchange.core.titles import title_of
from exchange.disputes import answers, appeals, evidence, offers
from exchange.disputes.lifecycle import DisputeState, DisputeTurn
from exchange.disputes.models import Dispute
from exchange.disputes.queries import dispute_seen_by, disputes_of
from exchange.disputes.statistics import SellerDisputes, disputes_of_seller
from exchange.journeys import case_files, disputes
from exchange.members.actors import actor_of
from exchange.members.permissions import Permission
from exchange.web.disputes.forms import EvidenceForm, OfferForm, StatementForm
from exchange.web.disputes.pages import TONES, dispute_page
from exchange.web.pages import KeyPage, key_page, render_page
from exchange.web.submissions import blaming, status_of
from exchange.web.views import acting, attachment, button, get_view, post_view

ROWS_PER_PAGE = 25
# Refusals after which the page has no form that could say them.
NO_FORM = (IllegalTransition, NotAllowed, NotFound)


@dataclass(frozen=True)
class Row:
    dispute: Dispute
    title: str
    other: str
    tone: str
    is_my_turn: bool


@dataclass(frozen=True)
class DisputesPage:
    """`statistics` are what buyers read of the organisation as a seller."""

    rows: KeyPage[Row]
    statistics: SellerDisputes


@get_view
def show_all(request: HttpRequest) -> HttpResponse:
    """The disputes of the organisation acted for, on either side."""
    _actor, mine = acting(request, Permission.ORDER_SEE)
    rows = key_page(request, disputes_of(mine), size=ROWS_PER_PAGE)
    page = DisputesPage(
        rows.shown_as(lambda dispute: _row(dispute, mine)),
        disputes_of_seller(mine, now=clock.now()),
    )
    return render_page(request, "disputes/disputes.html", page)


def _row(dispute: Dispute, mine: int) -> Row:
    is_claimant = dispute.claimant_id == mine
    turn = DisputeTurn.CLAIMANT if is_claimant else DisputeTurn.RESPONDENT
    return Row(
        dispute=dispute,
        title=title_of(dispute.order),
        other=(dispute.respondent if is_claimant else dispute.claimant).name,
        tone=TONES[DisputeState(dispute.state)],
        is_my_turn=dispute.turn == turn,
    )


@get_view
def show(request: HttpRequest, dispute_id: str) -> HttpResponse:
    """One dispute, for everybody whom it concerns."""
    return _shown(request, dispute_id)


def _speaking(use_case: Callable[..., Dispute], said: str | Promise) -> Callable[..., HttpResponse]:
    """A view that takes what a side says."""

    @post_view
    def view(request: HttpRequest, dispute_id: str) -> HttpResponse:
        actor, form = actor_of(request), StatementForm(request.POST)
        dispute_seen_by(actor, dispute_id)
        if form.is_valid():
            with blaming(form, "reason", raising=NO_FORM):
                use_case(dispute_id, actor=actor, now=clock.now(), **form.cleaned_data)
                messages.success(request, str(said))
                return redirect("web:dispute", dispute_id)
        return _shown(request, dispute_id, form)

    return view


answer = _speaking(answers.answer, _("Your answer is kept. The exchange decides next."))
reply = _speaking(answers.reply, _("Your answer is kept. The exchange decides next."))
appeal = _speaking(appeals.appeal, _("Your appeal is kept. Two other operators decide on it."))
answer_appeal = _speaking(appeals.answer, _("Your answer is kept. The exchange decides next."))


@post_view
def offer(request: HttpRequest, dispute_id: str) -> HttpResponse:
    """Offer to settle the dispute."""
    actor = actor_of(request)
    dispute = dispute_seen_by(actor, dispute_id)
    form = OfferForm(request.POST, currency=dispute.currency)
    if form.is_valid():
        with blaming(form, "refund", raising=NO_FORM):
            offers.offer(dispute_id, actor=actor, now=clock.now(), **form.cleaned_data)
            messages.success(request, _("The other side is told of your offer."))
            return redirect("web:dispute", dispute_id)
    return _shown(request, dispute_id, offer_form=form)


def _answering(
    use_case: Callable[..., Dispute], said: str | Promise
) -> Callable[..., HttpResponse]:
    """A view that answers the offer which the address names."""

    @post_view
    def view(request: HttpRequest, dispute_id: str, number: int) -> HttpResponse:
        use_case(dispute_id, actor=actor_of(request), number=number, now=clock.now())
        messages.success(request, str(said))
        return redirect("web:dispute", dispute_id)

    return view


take_offer = _answering(disputes.take_offer, _("The dispute has ended by the offer."))
decline_offer = _answering(offers.decline, _("The offer is declined. The dispute goes on."))


@post_view
def hand_in(request: HttpRequest, dispute_id: str) -> HttpResponse:
    """Hand a file in."""
    actor, form = actor_of(request), EvidenceForm(request.POST, request.FILES)
    dispute_seen_by(actor, dispute_id)
    if form.is_valid():
        file = form.cleaned_data["file"]
        with blaming(form, "file", raising=NO_FORM):
            evidence.hand_in(dispute_id, actor=actor, name=file.name, file=file, now=clock.now())
            messages.success(request, _("The file is kept."))
            return redirect("web:dispute", dispute_id)
    return _shown(request, dispute_id, file_form=form)


@get_view
def download(request: HttpRequest, dispute_id: str, file_id: str) -> FileResponse:
    """A file for those whom the dispute concerns: always as a download, never shown in the page."""
    found = evidence.evidence_of(dispute_seen_by(actor_of(request), dispute_id), file_id)
    return FileResponse(
        evidence.open_evidence(found),
        as_attachment=True,
        filename=found.name,
        content_type=found.media_type,
        headers={"Cache-Control": "private, no-store"},
    )


concede = button(
    disputes.concede,
    back_to="web:dispute",
    said=_("The dispute has ended as it was asked for."),
)
withdraw = button(
    disputes.withdraw,
    back_to="web:dispute",
    said=_("The dispute is withdrawn."),
)
accept_ruling = button(
    disputes.accept_ruling, back_to="web:dispute", said=_("Your side has accepted the ruling.")
)
withdraw_appeal = button(
    disputes.withdraw_appeal,
    back_to="web:dispute",
    said=_("The appeal is withdrawn, and the ruling is carried out."),
)


@get_view
def download_arbitration(request: HttpRequest, dispute_id: str) -> HttpResponse:
    """What an arbitrator needs of a dispute that the exchange decided, as far as the reader may have it."""
    file = case_files.arbitration_file(dispute_id, actor=actor_of(request), now=clock.now())
    return attachment(file.content, name=file.name, content_type="application/zip")


def _shown(
    request: HttpRequest,
    dispute_id: str,
    form: StatementForm | None = None,
    *,
    file_form: EvidenceForm | None = None,
    offer_form: OfferForm | None = None,
) -> HttpResponse:
    actor = actor_of(request)
    dispute = dispute_seen_by(actor, dispute_id)
    page = dispute_page(
        dispute,
        actor,
        now=clock.now(),
        statement=form,
        file_form=file_form,
        offer_form=offer_form,
    )
    wrong = form or file_form or offer_form
    status = 200 if wrong is None else status_of(wrong)
    return render_page(request, "disputes/dispute.html", page, status=status)
