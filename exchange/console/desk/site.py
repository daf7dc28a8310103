"""The site of the desk."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exchange.catalog.queries import products_of
from exchange.console.access import actor_of
from exchange.console.dashboard import Queue
from exchange.console.desk.funnel import funnel_of
from exchange.console.desk.overview import overview
from exchange.console.desk.revenue import revenue_of
from exchange.console.sites import Site
from exchange.core import clock
from exchange.members.permissions import Permission


class Desk(Site):
    """The admin site under /desk/, for the members of a selling organisation, as policy knows them."""

    settings_name = "UNFOLD_DESK"
    opens = Permission.DESK_OPEN
    changes = Permission.LISTING_END
    index_template = "console/desk/overview.html"
    find_words: str | Promise = _("Title or number of a product")

    def find_url(self) -> str:
        return reverse("desk:catalog_product_changelist")

    def waiting(self, request: HttpRequest) -> list[Queue]:
        return overview(actor_of(request))

    def index(
        self, request: HttpRequest, extra_context: Mapping[str, Any] | None = None
    ) -> HttpResponse:
        actor = actor_of(request)
        drawn = {
            "funnel": funnel_of(products_of(actor), now=clock.now()),
            "revenue": revenue_of(actor),
        }
        return super().index(request, {**drawn, **(extra_context or {})})


desk = Desk(name="desk")
