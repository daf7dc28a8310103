"""A seller's own page: what everybody may know of it, and what it has listed."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.countries import country_names
from accounts.models import Organisation
from exchange.catalog.models import SearchEntry
from exchange.catalog.search import finding
from exchange.catalog.search.finding import BadPlace
from exchange.catalog.search.requests import command_of
from exchange.core import clock
from exchange.core.refusals import NotFound
from exchange.disputes.statistics import SellerDisputes, disputes_of_seller
from exchange.members.admission import admitted
from exchange.orders import reviews
from exchange.web.catalogue.cards import Card, card_of
from exchange.web.catalogue.views import CARDS_PER_PAGE, url_of
from exchange.web.pages import render_page
from exchange.web.throttles import throttled


@dataclass(frozen=True)
class SellerPage:
    """`total` counts the listings, up to a bound where `is_capped`. `search_url` is the catalogue narrowed to
    the seller: there words are searched, and the search is kept."""

    name: str
    public_id: str
    kind: str
    country: str
    since: datetime | None
    qualifications: tuple[str, ...]
    stars: str
    review_count: int
    disputes: SellerDisputes
    cards: tuple[Card, ...]
    total: int
    is_capped: bool
    search_url: str
    first_url: str
    next_url: str


@require_GET
@throttled("search")
def show(request: HttpRequest, organisation_id: str) -> HttpResponse:
    """A seller with a listing; of any other organisation nothing is said, not even that it exists."""
    seller = _seller(organisation_id)
    command = command_of(text="", chosen={"seller": [seller.public_id]})
    place = request.GET.get("place", "")
    try:
        found = finding.find(command, place=place, limit=CARDS_PER_PAGE)
    except BadPlace:  # an old or a foreign link begins at the beginning
        place = ""
        found = finding.find(command, limit=CARDS_PER_PAGE)
    counts = finding.count(command)
    opinion = reviews.opinion_of_seller(seller.pk)
    member = admitted(seller.pk)
    address = reverse("web:seller", args=[seller.public_id])
    page = SellerPage(
        name=seller.name,
        public_id=seller.public_id,
        kind=seller.get_kind_display(),
        country=country_names().get(seller.country, seller.country),
        since=member.since,
        qualifications=tuple(str(kind.label) for kind in member.kinds),
        stars="" if opinion.stars is None else f"{opinion.stars:.1f}",
        review_count=opinion.count,
        disputes=disputes_of_seller(seller.pk, now=clock.now()),
        cards=tuple(card_of(stored) for stored in found.cards),
        total=counts.total,
        is_capped=counts.is_capped,
        search_url=url_of(command),
        first_url=address if place else "",
        next_url=f"{address}?place={found.following}" if found.following else "",
    )
    return render_page(request, "catalogue/seller.html", page)


def _seller(organisation_id: str) -> Organisation:
    """The seller of an address. Raises NotFound."""
    listed = SearchEntry.objects.filter(product__seller__public_id=organisation_id)
    seller = Organisation.objects.filter(public_id=organisation_id).first()
    if seller is None or not listed.exists():
        raise NotFound(_("There is no such seller."))
    return seller
