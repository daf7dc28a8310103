"""What the views of all areas share: who asks, which methods they take, and buttons."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from exchange.core import clock
from exchange.members import policy
from exchange.members.actors import Actor, Subject, actor_of, organisation_of
from exchange.members.permissions import Permission
from exchange.members.standing import check_not_suspended
from exchange.web.submissions import FORM_METHODS

READER = "X-Stream-Reader"
View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def get_view(view: View) -> View:
    """A page for people who are signed in."""
    return login_required(require_GET(view))


def form_view(view: View) -> View:
    """A page with a form that is sent to the page's own address, for people who are signed in."""
    return login_required(require_http_methods(FORM_METHODS)(view))


def post_view(view: View) -> View:
    """What a button or a form of another page is sent to, by people who are signed in."""
    return login_required(require_POST(view))


def acting(request: HttpRequest, permission: Permission) -> tuple[Actor, int]:
    """Who asks, and the organisation acted for. Raises NotAllowed unless they may do this there."""
    actor = actor_of(request)
    mine = organisation_of(actor)
    policy.require(actor, permission, Subject(organisation_id=mine))
    return actor, mine


def button(
    use_case: Callable[..., Any],
    *,
    back_to: str = "",
    lead_to: str = "",
    said: str | Promise = "",
    with_reason: bool = False,
) -> Callable[..., HttpResponse]:
    """A view that makes one call with what the address names, and says what was done.

    It goes back to the page `back_to` of the same thing, or on to the page `lead_to`.
    """

    @post_view
    def view(request: HttpRequest, **names: str) -> HttpResponse:
        reason = {"reason": request.POST.get("reason", "")} if with_reason else {}
        use_case(*names.values(), actor=actor_of(request), now=clock.now(), **reason)
        if said:
            messages.success(request, str(said))
        return redirect(reverse(back_to, kwargs=names) if back_to else lead_to)

    return view


def attachment(
    content: bytes | str, *, name: str, content_type: str = "application/json"
) -> HttpResponse:
    """A file that browsers keep under `name` and no cache keeps."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(content, content_type=content_type, headers=headers)


def version_of(number: int, *, actor: Actor) -> HttpResponse:
    """The number that grows with each change, for pages that follow something; and who asked, by whom
    open streams are counted. Raises PartyNotInStanding to the suspended, whose streams end."""
    readers = [f"user:{actor.user_id}"]
    if actor.organisation_id is not None:
        check_not_suspended(actor.organisation_id)
        readers.append(f"organisation:{actor.organisation_id}")
    headers = {"Cache-Control": "private, no-store", READER: " ".join(readers)}
    return HttpResponse(str(number), content_type="text/plain; charset=utf-8", headers=headers)
