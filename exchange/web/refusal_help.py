"""What somebody who may not do a thing can do about it: which role it takes, and who has it."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import Membership, MembershipRole
from exchange.core.refusals import NotAllowed
from exchange.members.callers import actor_of
from exchange.members.queries.team import grants_in_force
from exchange.members.roles import Kind, Role
from exchange.web.frame import Link, links_to

PEOPLE_NAMED_MAX = 5


@dataclass(frozen=True)
class Help:
    """Sentences, and the page where it can be changed."""

    sentences: tuple[str, ...] = ()
    ways: tuple[Link, ...] = ()


def help_for(request: HttpRequest, refusal: NotAllowed) -> Help:
    """For a refusal of the policy, in the words of the reader; empty where there is nothing to add."""
    reason = refusal.facts.get("reason")
    if reason == "role_needed":
        return _role_needed(request, refusal)
    if reason in {"qualification_needed", "standing_needed"}:
        kinds = [str(Kind(code).label) for code in _codes(refusal, "qualifications")]
        sentence = _("It takes an organisation that is admitted as: %(kinds)s.")
        sentences = (sentence % {"kinds": _either(kinds)},) if kinds else ()
        return Help(sentences, links_to(request, (_("Admission"), "web:admission")))
    if reason == "organisation_needed":
        return Help((), links_to(request, (_("Organisations"), "web:organisations")))
    return Help()


def _role_needed(request: HttpRequest, refusal: NotAllowed) -> Help:
    roles = [Role(code) for code in _codes(refusal, "roles")]
    memberships = [MembershipRole(code) for code in _codes(refusal, "memberships")]
    names = [str(role.label) for role in (*roles, *memberships)]
    able = _people(request, roles, memberships)
    return Help(
        (
            _("It takes this role in your organisation: %(roles)s.") % {"roles": _either(names)},
            _("These people can do it: %(people)s.") % {"people": ", ".join(able)}
            if able
            else _("Nobody in your organisation has it yet. Its owner can give it to somebody."),
        ),
        links_to(request, (_("Roles"), "web:team")),
    )


def _people(
    request: HttpRequest, roles: list[Role], memberships: list[MembershipRole]
) -> tuple[str, ...]:
    """Who of the organisation acted for holds one of these, each once."""
    organisation_id = actor_of(request).organisation_id
    if organisation_id is None:
        return ()
    grants = grants_in_force(organisation_id=organisation_id).filter(role__in=roles)
    members = Membership.objects.filter(
        organisation=organisation_id, role__in=memberships, user__is_active=True
    ).select_related("user")
    named = [str(one.user) for one in (*grants, *members.order_by("pk"))]
    return tuple(dict.fromkeys(named))[:PEOPLE_NAMED_MAX]


def _codes(refusal: NotAllowed, fact: str) -> list[str]:
    codes = refusal.facts.get(fact)
    return [str(code) for code in codes] if isinstance(codes, list) else []


def _either(words: list[str]) -> str:
    return _(" or ").join(words)
