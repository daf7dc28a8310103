"""Pages for what went wrong: readable, with a way on. /api/ answers for itself."""

import sys
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.utils.translation import gettext as _
from django.views.defaults import server_error

from accounts.models import Membership, MembershipRole
from exchange.core import away
from exchange.core.problems import AnyRefusal
from exchange.core.refusals import NotAllowed
from exchange.members.actors import actor_of
from exchange.members.roles import Kind, Role
from exchange.members.team import grants_in_force
from exchange.web.frame import Link, links_to, ways_on
from exchange.web.pages import render_page
from exchange.web.panels import Fact

PEOPLE_NAMED_MAX = 5


@dataclass(frozen=True)
class RefusalPage:
    sentence: str
    code: str
    status: int
    next_steps: tuple[str, ...]
    ways: tuple[Link, ...]
    facts: tuple[Fact, ...]
    back_url: str


@dataclass(frozen=True)
class ErrorPage:
    status: int
    title: str
    sentence: str
    ways: tuple[Link, ...] = ()


def refused(request: HttpRequest, refusal: AnyRefusal) -> HttpResponse:
    """The page of a refusal that no view answered itself."""
    status = int(refusal.http_status)
    is_policys = isinstance(refusal, NotAllowed) and "permission" in refusal.facts
    more = help_for(request, refusal) if isinstance(refusal, NotAllowed) else Help()
    page = RefusalPage(
        sentence=str(refusal.message),
        code=refusal.code,
        status=status,
        next_steps=more.sentences or (() if more.ways else (_next_step(status),)),
        ways=more.ways,
        # What the policy names are its own words: the steps say the same to a reader.
        facts=() if is_policys else _facts(refusal),
        back_url=_back(request),
    )
    return render_page(request, "site/refusal.html", page, status=status)


def _facts(refusal: AnyRefusal) -> tuple[Fact, ...]:
    named = refusal.facts.items()
    return tuple(Fact(name.replace("_", " "), _plain(value)) for name, value in named)


def _plain(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)


def _next_step(status: int) -> str:
    if status == HTTPStatus.FORBIDDEN:
        return _("Ask somebody of your organisation who may do this, or its owner to let you.")
    if status == HTTPStatus.NOT_FOUND:
        return _("Check the address, or sign in with the account that may see it.")
    if status == HTTPStatus.CONFLICT:
        return _("Look at the present state; somebody may have acted before you.")
    return _("Correct what you entered and send it again.")


def _back(request: HttpRequest) -> str:
    """The page the reader came from, when it was one of ours."""
    referer = urlsplit(request.headers.get("Referer", ""))
    if referer.netloc != request.get_host() or referer.path == request.path:
        return ""
    return referer.path + (f"?{referer.query}" if referer.query else "")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django names it
    return _error(request, 400, _("This request cannot be read"), _("Go back and try once more."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django names it
    return _error(
        request,
        403,
        _("You may not do this"),
        _("Your roles do not include it, or you signed in without the second factor it needs."),
    )


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django names it
    return _error(
        request,
        403,
        _("This form has expired"),
        _("Nothing was changed. Go back, reload the page and send it again."),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django names it
    return _error(
        request,
        404,
        _("There is nothing here"),
        _("The address is wrong, or what stood here may only be seen by others."),
        ways=ways_on(request),
    )


def failed(request: HttpRequest) -> HttpResponse:
    """What no view expected. Where the database does not answer, 503 and when to try again.

    An error of a middleware comes here without itself when an event loop serves the request: then the
    database is asked whether it is there.
    """
    error = sys.exc_info()[1]
    away.DATABASE.note_failure(error)
    if away.is_unavailable(error) or not away.answers():
        return unavailable()
    return server_error(request)


def unavailable() -> HttpResponse:
    """The page while the database is away: made of nothing that needs it."""
    text = get_template("503.html").render({})
    return HttpResponse(text, status=503, headers={"Retry-After": str(away.RETRY_AFTER_SECONDS)})


def _error(
    request: HttpRequest, status: int, title: str, sentence: str, *, ways: tuple[Link, ...] = ()
) -> HttpResponse:
    page = ErrorPage(status=status, title=title, sentence=sentence, ways=ways)
    return render_page(request, "site/error.html", page, status=status)


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
    named = [str(one.user) for one in grants] + [str(one.user) for one in members.order_by("pk")]
    return tuple(dict.fromkeys(named))[:PEOPLE_NAMED_MAX]


def _codes(refusal: NotAllowed, fact: str) -> list[str]:
    codes = refusal.facts.get(fact)
    return [str(code) for code in codes] if isinstance(codes, list) else []


def _either(words: list[str]) -> str:
    return _(" or ").join(words)
