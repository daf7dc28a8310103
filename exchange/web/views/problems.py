"""What each code of a refusal means: where the `type` of a problem document leads."""

from dataclasses import dataclass
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from exchange.core.problems import ProblemKind, problem_kinds
from exchange.web.pages import render_page

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


@dataclass(frozen=True)
class KindRow:
    code: str
    title: str
    status: int
    meaning: str
    url: str


@dataclass(frozen=True)
class ProblemsPage:
    kinds: tuple[KindRow, ...]


@dataclass(frozen=True)
class ProblemPage:
    kind: KindRow
    phrase: str
    next_step: str


@require_safe
def show_all(request: HttpRequest) -> HttpResponse:
    """Every code with its status and meaning."""
    kinds = tuple(_row(kind) for kind in problem_kinds().values())
    return render_page(request, "web/problems.html", ProblemsPage(kinds=kinds))


@require_safe
def show(request: HttpRequest, code: str) -> HttpResponse:
    """One code. Raises Http404 for one that the exchange never answers."""
    kind = problem_kinds().get(code)
    if kind is None:
        raise Http404
    status = HTTPStatus(kind.status)
    page = ProblemPage(kind=_row(kind), phrase=status.phrase, next_step=str(NEXT_STEPS[status]))
    return render_page(request, "web/problem.html", page)


def _row(kind: ProblemKind) -> KindRow:
    return KindRow(
        code=kind.code,
        title=kind.title,
        status=kind.status,
        meaning=kind.meaning,
        url=reverse("web:problem", args=[kind.code]),
    )
