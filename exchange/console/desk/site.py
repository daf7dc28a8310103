"""The site of the desk."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exchange.console.access import actor_of
from exchange.console.dashboard import Queue
from exchange.console.desk.overview import overview
from exchange.console.sites import Site
from exchange.members.permissions import Permission


class Desk(Site):
    """The admin site under /desk/, for the members of a selling organisation, as policy knows them."""

    settings_name = "UNFOLD_DESK"
    opens = Permission.DESK_OPEN
    changes = Permission.LISTING_END
    find_words: str | Promise = _("Title or number of a product")

    def find_url(self) -> str:
        return reverse("desk:catalog_product_changelist")

    def waiting(self, request: HttpRequest) -> list[Queue]:
        return overview(actor_of(request))


desk = Desk(name="desk")
