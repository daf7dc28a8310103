"""Admission: apply, hand documents in, follow, answer, accept, withdraw; and the team's roles."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from exchange.core.refusals import Invalid, NotFound
from exchange.members import admission as admissions
from exchange.members import documents, policy, team
from exchange.members.actors import Actor, Subject, organisation_of
from exchange.members.admission import newest_admission, subject_of
from exchange.members.callers import actor_of
from exchange.members.lifecycle import DocumentKind
from exchange.members.models import Admission
from exchange.members.permissions import Permission
from exchange.members.policy import Decision
from exchange.members.roles import Role
from exchange.members.team import Teammate
from exchange.web.members.forms import AnswerForm, ApplyForm, DocumentForm, GrantForm
from exchange.web.members.pages import admission_page
from exchange.web.pages import render_page
from exchange.web.submissions import FORM_METHODS, blaming, sent, status_of


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
@require_http_methods(FORM_METHODS)
def apply(request: HttpRequest) -> HttpResponse:
    """Apply for the organisation acted for."""
    actor = actor_of(request)
    form = ApplyForm(sent(request))
    if form.is_valid():
        with blaming(form):
            admissions.apply(
                actor=actor,
                kinds=form.chosen(),
                legal_person=form.cleaned_data["legal_person"],
                now=timezone.now(),
            )
            return redirect("web:admission")
    may = _may_apply(actor)
    page = ApplyPage(
        form=form,
        obstacle="" if may else may.reason,
        choose_organisation=actor.organisation_id is None,
    )
    return render_page(request, "members/apply.html", page, status=status_of(form))


@login_required
@require_POST
def add_document(request: HttpRequest) -> HttpResponse:
    """Hand one document in."""
    actor = actor_of(request)
    admission = _own_admission(actor)
    form = DocumentForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        with blaming(form):
            documents.add_document(
                admission.public_id,
                actor=actor,
                kind=DocumentKind(form.cleaned_data["kind"]),
                name=file.name,
                file=file,
                now=timezone.now(),
            )
            return redirect("web:admission")
    page = admission_page(admission, actor, now=timezone.now(), document_form=form)
    return render_page(request, "members/admission.html", page, status=status_of(form))


@login_required
@require_GET
def download_document(request: HttpRequest, document_id: str) -> FileResponse:
    """A document for those who may read it: always as a download, never shown in the page."""
    actor = actor_of(request)
    document = documents.document_seen_by(actor, document_id)
    content = documents.open_document(actor=actor, document=document)
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
        admissions.answer(
            admission.public_id,
            actor=actor,
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
    admissions.withdraw(
        _own_admission(actor).public_id,
        actor=actor,
        reason=request.POST.get("reason", ""),
        now=timezone.now(),
    )
    return redirect("web:admission")


@login_required
@require_POST
def accept_rules(request: HttpRequest) -> HttpResponse:
    """Accept the rules that the page showed."""
    actor = actor_of(request)
    admissions.accept_rules(
        _own_admission(actor).public_id,
        actor=actor,
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


@dataclass(frozen=True)
class Held:
    public_id: str
    label: str
    reason: str
    since: datetime


@dataclass(frozen=True)
class Offer:
    value: str
    label: str
    obstacle: str


@dataclass(frozen=True)
class Person:
    public_id: str
    name: str
    membership: str
    held: tuple[Held, ...]
    offers: tuple[Offer, ...]
    refusals: tuple[Offer, ...]


@dataclass(frozen=True)
class TeamPage:
    people: tuple[Person, ...]
    may_grant: bool
    obstacle: str


@login_required
@require_GET
def show_team(request: HttpRequest) -> HttpResponse:
    """Everybody in the organisation, what they may do, and what they may not be given and why."""
    now = timezone.now()
    actor = actor_of(request, at=now)
    mine = organisation_of(actor)
    subject = Subject(organisation_id=mine)
    policy.require(actor, Permission.TEAM_SEE, subject)
    may_grant = policy.allowed(actor, Permission.ROLE_GRANT, subject)
    page = TeamPage(
        people=tuple(_person(mate) for mate in team.team(organisation_id=mine, at=now)),
        may_grant=may_grant.allowed,
        obstacle=may_grant.reason,
    )
    return render_page(request, "members/team.html", page)


@login_required
@require_POST
def grant(request: HttpRequest) -> HttpResponse:
    """Give a person a role."""
    form = GrantForm(request.POST)
    if not form.is_valid():
        raise Invalid(" ".join(str(errors[0]) for errors in form.errors.values()))
    team.grant_role(
        actor=actor_of(request),
        user_id=form.cleaned_data["user"],
        role=Role(form.cleaned_data["role"]),
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return redirect("web:team")


@login_required
@require_POST
def revoke(request: HttpRequest, grant_id: str) -> HttpResponse:
    """Take a role away."""
    team.revoke_role(
        actor=actor_of(request),
        grant_id=grant_id,
        reason=request.POST.get("reason", ""),
        now=timezone.now(),
    )
    return redirect("web:team")


def _person(mate: Teammate) -> Person:
    offers = [
        Offer(choice.role.value, str(choice.role.label), choice.obstacle) for choice in mate.choices
    ]
    return Person(
        public_id=mate.public_id,
        name=mate.name,
        membership=mate.membership,
        held=tuple(
            Held(one.public_id, one.get_role_display(), one.reason, one.valid_from)
            for one in mate.grants
        ),
        offers=tuple(offer for offer in offers if not offer.obstacle),
        refusals=tuple(offer for offer in offers if offer.obstacle),
    )
