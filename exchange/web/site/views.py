"""Help with the glossary, what each refusal means, and answers for machines."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path

from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from exchange.audit import queries
from exchange.audit.queries import oldest_unsequenced
from exchange.core import caches, clock, clockwork
from exchange.core.checks import excess_powers
from exchange.core.models.clockwork import ProcessKind
from exchange.core.problems import ProblemKind, problem_kinds
from exchange.ledger.guards import missing_guards
from exchange.web.frame import CLOSED_COOKIE
from exchange.web.pages import own_address, render_page

GROUPS = {
    "data": gettext_lazy("Data"),
    "rights": gettext_lazy("Rights"),
    "parties": gettext_lazy("Parties and admission"),
    "trade": gettext_lazy("Trade"),
    "money": gettext_lazy("Money"),
    "log": gettext_lazy("Evidence"),
}
CLOSED_MAX = 20
CLOSED_SECONDS = 400 * 24 * 3600
ID_CHARS_MAX = 40
# A code says what is wrong; its status says what a program can do about it.
NEXT_STEPS: dict[HTTPStatus, str | Promise] = {
    HTTPStatus.BAD_REQUEST: _(
        "Repair the request. The same request is refused again however often it is sent."
    ),
    HTTPStatus.UNAUTHORIZED: _(
        "Send a valid API key in the header Authorization, or sign in, and ask again."
    ),
    HTTPStatus.FORBIDDEN: _(
        "Use a key or an account that may do this, or ask your organisation's administrator to "
        "give you the role or the scope."
    ),
    HTTPStatus.NOT_FOUND: _(
        "Check the identifier and for whom you act: what you may not know of is not found either."
    ),
    HTTPStatus.METHOD_NOT_ALLOWED: _("Use one of the methods that the header Allow names."),
    HTTPStatus.NOT_ACCEPTABLE: _("Accept application/json, or send no header Accept."),
    HTTPStatus.CONFLICT: _(
        "Read the present state, for it has changed or does not allow this. Then decide anew."
    ),
    HTTPStatus.GONE: _("It was there and is no more. Make a new link, or read the reason."),
    HTTPStatus.PRECONDITION_FAILED: _(
        "Name the version of the protocol that you speak, and repeat."
    ),
    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE: _("Ask for a range within the size of the file."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _("Send less at once."),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: _("Send a body in a format that this address takes."),
    HTTPStatus.UNPROCESSABLE_ENTITY: _(
        "Correct what was sent. The other members of the answer say what would be accepted."
    ),
    HTTPStatus.TOO_MANY_REQUESTS: _("Wait as long as the header Retry-After says, then repeat."),
    HTTPStatus.INTERNAL_SERVER_ERROR: _(
        "Tell the operator the request's id. Before repeating a write, read whether it was done; "
        "with the same idempotency key repeating is safe."
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: _(
        "Try again after a short while, and longer each time. A write repeated with the same "
        "idempotency key is done once."
    ),
}


GLOSSARY = Path(__file__).with_name("glossary.toml")


@dataclass(frozen=True)
class Term:
    id: str
    name: str
    other_name: str
    other_language: str
    text: str


@dataclass(frozen=True)
class Group:
    id: str
    title: str
    terms: tuple[Term, ...]


@dataclass(frozen=True)
class HelpPage:
    groups: tuple[Group, ...]
    term_count: int


@lru_cache(maxsize=1)
def glossary() -> tuple[dict[str, str], ...]:
    """The terms as written in glossary.toml."""
    with GLOSSARY.open("rb") as file:
        return tuple(tomllib.load(file)["term"])


def _term(entry: dict[str, str], language: str, other: str) -> Term:
    return Term(
        id=entry["id"],
        name=entry[language],
        other_name=entry[other],
        other_language="zh-Hans" if other == "zh" else "en",
        text=entry[f"{language}_text"],
    )


def show_help(request: HttpRequest) -> HttpResponse:
    language, other = ("zh", "en") if (get_language() or "en").startswith("zh") else ("en", "zh")
    groups = tuple(
        Group(
            id=group,
            title=str(title),
            terms=tuple(
                _term(entry, language, other) for entry in glossary() if entry["group"] == group
            ),
        )
        for group, title in GROUPS.items()
    )
    return render_page(
        request, "site/help.html", HelpPage(groups=groups, term_count=len(glossary()))
    )


@dataclass(frozen=True)
class ProblemsPage:
    kinds: tuple[ProblemKind, ...]


@dataclass(frozen=True)
class ProblemPage:
    kind: ProblemKind
    phrase: str
    next_step: str


@require_safe
def show_problems(request: HttpRequest) -> HttpResponse:
    """Every code with its status and meaning."""
    page = ProblemsPage(tuple(problem_kinds().values()))
    return render_page(request, "site/problems.html", page)


@require_safe
def show_problem(request: HttpRequest, code: str) -> HttpResponse:
    """One code. Raises Http404 for one that the exchange never answers."""
    kind = problem_kinds().get(code)
    if kind is None:
        raise Http404
    status = HTTPStatus(kind.status)
    page = ProblemPage(kind, status.phrase, str(NEXT_STEPS[status]))
    return render_page(request, "site/problem.html", page)


@never_cache
def alive(_request: HttpRequest) -> JsonResponse:
    """200 while the process runs, whatever the state of its database."""
    return JsonResponse({"status": "alive"})


@never_cache
def ready(_request: HttpRequest) -> JsonResponse:
    """200 when a request can be served, else 503 naming the part that is missing.

    Warnings name what people should look at while requests are served all the same.
    """
    try:
        sign_of_life()  # a write: a database that can only be read is not ready
        now = clock.now()
        waiting = oldest_unsequenced(now)
        is_cut_short = queries.is_cut_short()
        are_books_guarded = not missing_guards()
        warnings = clockwork.health(now=now).warnings
        has_excess_powers = bool(excess_powers())
    except Error:
        return _not_ready("database")
    if not are_books_guarded:
        return _not_ready("ledger guards")
    if has_excess_powers:
        return _not_ready("a database role without ownership")
    if waiting is not None and waiting.is_late:
        warnings.append("audit_records_unsequenced")
    if is_cut_short:
        warnings.append("audit_log_cut_short")
    if not caches.answers():
        warnings.append("cache_unreachable")
    return JsonResponse({"status": "ready", **({"warnings": warnings} if warnings else {})})


@require_POST
def close_banner(request: HttpRequest, banner_id: str) -> HttpResponse:
    """Show one banner no more in this browser, and go back. Nothing of it is kept here."""
    closed = request.COOKIES.get(CLOSED_COOKIE, "").split(".")
    kept = [one for one in closed if one and one != banner_id][-CLOSED_MAX:]
    back = HttpResponseRedirect(own_address(request, request.POST.get("next", "")))
    back.set_cookie(
        CLOSED_COOKIE, ".".join([*kept, banner_id[:ID_CHARS_MAX]]), max_age=CLOSED_SECONDS,
        httponly=True, samesite="Lax", secure=request.is_secure(),
    )  # fmt: skip
    return back


PROCESS = clock.process_name()


def sign_of_life() -> None:
    """Note that this web server lives. Raises an Error of the database where nothing can be written."""
    clockwork.beat(process=PROCESS, kind=ProcessKind.WEB)


def _not_ready(missing: str) -> JsonResponse:
    return JsonResponse({"status": "not ready", "missing": missing}, status=503)
