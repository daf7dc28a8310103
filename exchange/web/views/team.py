"""The people of an organisation and their roles at the exchange."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from exchange.core.refusals import Invalid
from exchange.flows import team as flow
from exchange.flows.admission import organisation_of
from exchange.members import policy
from exchange.members.actors import Subject
from exchange.members.callers import actor_of
from exchange.members.permissions import Permission
from exchange.members.queries.team import Teammate, team
from exchange.members.roles import Role
from exchange.web.forms.members import GrantForm
from exchange.web.pages import render_page


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
def show(request: HttpRequest) -> HttpResponse:
    """Everybody in the organisation, what they may do, and what they may not be given and why."""
    now = timezone.now()
    actor = actor_of(request, at=now)
    mine = organisation_of(actor)
    subject = Subject(organisation_id=mine)
    policy.require(actor, Permission.TEAM_SEE, subject)
    may_grant = policy.allowed(actor, Permission.ROLE_GRANT, subject)
    page = TeamPage(
        people=tuple(_person(mate) for mate in team(organisation_id=mine, at=now)),
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
    flow.grant_role(
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
    flow.revoke_role(
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
