"""Admission: apply, hand documents in, follow, answer, accept, withdraw; and the team's roles."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from exchange.core import clock
from exchange.core.refusals import Invalid, NotFound
from exchange.members import admission as admissions
from exchange.members import documents, policy, team
from exchange.members.actors import Actor, Subject, actor_of
from exchange.members.admission import newest_admission, subject_of
from exchange.members.lifecycle import DocumentKind
from exchange.members.models import Admission
from exchange.members.permissions import Permission
from exchange.members.roles import STAFF, Role
from exchange.members.team import Choice, Teammate
from exchange.web.members.forms import AnswerForm, ApplyForm, DocumentForm, GrantForm
from exchange.web.members.pages import admission_page
from exchange.web.pages import render_page
from exchange.web.submissions import blaming, sent, status_of
from exchange.web.views import acting, form_view, get_view, post_view


@dataclass(frozen=True)
class ApplyPage:
    form: ApplyForm
    obstacle: str
    choose_organisation: bool


@get_view
def show(request: HttpRequest) -> HttpResponse:
    """The admission of the organisation acted for; without one, the form to apply."""
    actor = actor_of(request)
    admission = newest_admission(actor.organisation_id)
    if admission is None:
        return redirect("web:admission_apply")
    policy.require(actor, Permission.ADMISSION_SEE, subject_of(admission))
    page = admission_page(admission, actor, now=clock.now())
    return render_page(request, "members/admission.html", page)


@form_view
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
                now=clock.now(),
            )
            return redirect("web:admission")
    subject = Subject(organisation_id=mine) if (mine := actor.organisation_id) else None
    may = policy.allowed(actor, Permission.ADMISSION_APPLY, subject)
    page = ApplyPage(
        form=form,
        obstacle="" if may else may.reason,
        choose_organisation=mine is None,
    )
    return render_page(request, "members/apply.html", page, status=status_of(form))


@post_view
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
                now=clock.now(),
            )
            return redirect("web:admission")
    page = admission_page(admission, actor, now=clock.now(), document_form=form)
    return render_page(request, "members/admission.html", page, status=status_of(form))


@get_view
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


@post_view
def answer(request: HttpRequest) -> HttpResponse:
    """Answer what the exchange asked."""
    actor, form = actor_of(request), AnswerForm(request.POST)
    admission = _own_admission(actor)
    if form.is_valid():
        admissions.answer(admission.public_id, actor=actor, now=clock.now(), **form.cleaned_data)
        return redirect("web:admission")
    page = admission_page(admission, actor, now=clock.now(), answer_form=form)
    return render_page(request, "members/admission.html", page, status=status_of(form))


@post_view
def withdraw(request: HttpRequest) -> HttpResponse:
    """Take the application back."""
    actor, reason = actor_of(request), request.POST.get("reason", "")
    admission = _own_admission(actor)
    admissions.withdraw(admission.public_id, actor=actor, reason=reason, now=clock.now())
    return redirect("web:admission")


@post_view
def accept_rules(request: HttpRequest) -> HttpResponse:
    """Accept the rules that the page showed."""
    actor, version = actor_of(request), request.POST.get("rules_version", "")
    admission = _own_admission(actor)
    admissions.accept_rules(
        admission.public_id, actor=actor, rules_version=version, now=clock.now()
    )
    return redirect("web:admission")


def _own_admission(actor: Actor) -> Admission:
    admission = newest_admission(actor.organisation_id)
    if admission is None:
        raise NotFound(_("Your organisation has no admission yet."))
    return admission


@dataclass(frozen=True)
class TeamPage:
    """Each person with what the reader may offer them; of the roles held, the `changeable` ones."""

    people: tuple[tuple[Teammate, tuple[Choice, ...]], ...]
    changeable: frozenset[Role]
    obstacle: str


@get_view
def show_team(request: HttpRequest) -> HttpResponse:
    """Everybody in the organisation, what they may do, and what they may not be given and why."""
    actor, mine = acting(request, Permission.TEAM_SEE)
    subject = Subject(organisation_id=mine)
    may_grant = policy.allowed(actor, Permission.ROLE_GRANT, subject)
    may_propose = policy.allowed(actor, Permission.STAFF_PROPOSE, subject)
    changeable = frozenset(role for role in Role if (may_propose if role in STAFF else may_grant))
    page = TeamPage(
        people=tuple(
            (person, tuple(offer for offer in person.offers if offer.role in changeable))
            for person in team.team(organisation_id=mine, at=clock.now())
        ),
        changeable=changeable,
        obstacle=may_grant.reason,
    )
    return render_page(request, "members/team.html", page)


@post_view
def grant(request: HttpRequest) -> HttpResponse:
    """Give a person a role."""
    form = GrantForm(request.POST)
    if not form.is_valid():
        raise Invalid(" ".join(str(errors[0]) for errors in form.errors.values()))
    role = Role(form.cleaned_data["role"])
    give = team.ask_for_staff if role in STAFF else team.grant_role
    give(
        actor=actor_of(request),
        user_id=form.cleaned_data["user"],
        role=role,
        reason=form.cleaned_data["reason"],
        now=clock.now(),
    )
    if role in STAFF:
        messages.success(request, _("Another operator approves this in the console."))
    return redirect("web:team")


@post_view
def revoke(request: HttpRequest, grant_id: str) -> HttpResponse:
    """Take a role away."""
    team.revoke_role(
        actor=actor_of(request),
        grant_id=grant_id,
        reason=request.POST.get("reason", ""),
        now=clock.now(),
    )
    return redirect("web:team")
