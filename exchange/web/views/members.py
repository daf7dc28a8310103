"""Pages of an organisation's admission: apply, hand documents in, follow, answer, accept, withdraw."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from exchange.core.refusals import NotFound, Refusal
from exchange.flows import admission as flow
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.callers import actor_of
from exchange.members.models import Admission
from exchange.members.permissions import Permission
from exchange.members.policy import Decision
from exchange.members.queries.admissions import document_seen_by, newest_admission, subject_of
from exchange.members.states import DocumentKind
from exchange.web.admission_page import admission_page
from exchange.web.forms.members import AnswerForm, ApplyForm, DocumentForm
from exchange.web.pages import render_page


@dataclass(frozen=True)
class ApplyPage:
    form: ApplyForm
    obstacle: str
    choose_organisation: bool


@login_required
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """The admission of the organisation acted for; without one, the form to apply."""
    actor = actor_of(request)
    admission = newest_admission(actor.organisation_id)
    if admission is None:
        return redirect("web:admission_apply")
    policy.require(actor, Permission.ADMISSION_SEE, subject_of(admission))
    page = admission_page(admission, actor, now=timezone.now())
    return render_page(request, "members/admission.html", page)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest) -> HttpResponse:
    """Apply for the organisation acted for."""
    actor = actor_of(request)
    form = ApplyForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                flow.apply(
                    actor=actor,
                    kinds=form.chosen(),
                    legal_person=form.cleaned_data["legal_person"],
                    now=timezone.now(),
                )
                return redirect("web:admission")
            except Refusal as refusal:
                form.add_error(None, refusal.message)
                status = int(refusal.http_status)
    may = _may_apply(actor)
    page = ApplyPage(
        form=form,
        obstacle="" if may else may.reason,
        choose_organisation=actor.organisation_id is None,
    )
    return render_page(request, "members/apply.html", page, status=status)


@login_required
@require_POST
def add_document(request: HttpRequest) -> HttpResponse:
    """Hand one document in."""
    actor = actor_of(request)
    admission = _own_admission(actor)
    form = DocumentForm(request.POST, request.FILES)
    status = 422
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            flow.add_document(
                actor=actor,
                admission_id=admission.public_id,
                kind=DocumentKind(form.cleaned_data["kind"]),
                name=file.name,
                file=file,
                now=timezone.now(),
            )
            return redirect("web:admission")
        except Refusal as refusal:
            form.add_error(None, refusal.message)
            status = int(refusal.http_status)
    page = admission_page(admission, actor, now=timezone.now(), document_form=form)
    return render_page(request, "members/admission.html", page, status=status)


@login_required
@require_GET
def download_document(request: HttpRequest, document_id: str) -> FileResponse:
    """A document for those who may read it: always as a download, never shown in the page."""
    actor = actor_of(request)
    document = document_seen_by(actor, document_id)
    content = flow.open_document(actor=actor, document=document)
    response = FileResponse(
        content, as_attachment=True, filename=document.name, content_type=document.media_type
    )
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    """Answer what the exchange asked."""
    actor = actor_of(request)
    admission = _own_admission(actor)
    form = AnswerForm(request.POST)
    if form.is_valid():
        flow.answer(
            actor=actor,
            admission_id=admission.public_id,
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
        )
        return redirect("web:admission")
    page = admission_page(admission, actor, now=timezone.now(), answer_form=form)
    return render_page(request, "members/admission.html", page, status=422)


@login_required
@require_POST
def withdraw(request: HttpRequest) -> HttpResponse:
    """Take the application back."""
    actor = actor_of(request)
    flow.withdraw(
        actor=actor,
        admission_id=_own_admission(actor).public_id,
        reason=request.POST.get("reason", ""),
        now=timezone.now(),
    )
    return redirect("web:admission")


@login_required
@require_POST
def accept_rules(request: HttpRequest) -> HttpResponse:
    """Accept the rules that the page showed."""
    actor = actor_of(request)
    flow.accept_rules(
        actor=actor,
        admission_id=_own_admission(actor).public_id,
        rules_version=request.POST.get("rules_version", ""),
        now=timezone.now(),
    )
    return redirect("web:admission")


def _own_admission(actor: Actor) -> Admission:
    admission = newest_admission(actor.organisation_id)
    if admission is None:
        raise NotFound(_("Your organisation has no admission yet."))
    return admission


def _may_apply(actor: Actor) -> Decision:
    mine = actor.organisation_id
    subject = None if mine is None else Subject(organisation_id=mine)
    return policy.allowed(actor, Permission.ADMISSION_APPLY, subject)
