"""The counter: whoever holds a link gets what it opens, as long as it opens anything."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from exchange.core.file_answers import answer, refused
from exchange.core.refusals import Refusal
from exchange.flows import fetch_delivery as flow
from exchange.web import errors


@require_safe
def send(request: HttpRequest, token: str) -> HttpResponseBase:
    """The file of a link, in whole or in part. The link is all that is asked for: no sign-in."""
    try:
        fetch = flow.fetch_by_link(token, counts=request.method == "GET", now=timezone.now())
    except Refusal as refusal:
        return _refused(request, refusal)
    return answer(request, fetch.source, on_sent=fetch.count)


def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A page for a person; a problem document for the programs that links are given to."""
    if request.accepts("text/html") and "text/html" in request.headers.get("Accept", ""):
        return errors.refused(request, refusal)
    return refused(refusal)
