"""The first page: what this is, and figures that anybody can check."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from exchange.audit.queries import records
from exchange.catalog.search import finding
from exchange.catalog.search.wishes import Wish
from exchange.members.models import Admission
from exchange.members.states import Standing
from exchange.web.catalogue_cards import Card, card_of
from exchange.web.pages import render_page
from exchange.web.views.log import Checkpoint, newest_checkpoint

LATEST_COUNT = 5
NEWEST_COUNT = 4


@dataclass(frozen=True)
class HomePage:
    checkpoint: Checkpoint | None
    member_count: int
    latest_events: tuple[str, ...]
    is_signed_in: bool
    newest: tuple[Card, ...]


def show(request: HttpRequest) -> HttpResponse:
    page = HomePage(
        checkpoint=newest_checkpoint(),
        member_count=Admission.objects.filter(standing=Standing.ACTIVE).count(),
        latest_events=tuple(entry.event for entry in records.entries(limit=LATEST_COUNT)),
        is_signed_in=request.user.is_authenticated,
        newest=tuple(card_of(card) for card in finding.find(Wish(), limit=NEWEST_COUNT).cards),
    )
    return render_page(request, "web/home.html", page)
