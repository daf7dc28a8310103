"""The product page and its public samples. No sign-in."""

from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from exchange.catalog.models import Product
from exchange.catalog.search.entries import sample_of
from exchange.catalog.states import ListingState
from exchange.core.refusals import NotFound
from exchange.flows.interest import orders_to_review
from exchange.members.actors import Actor
from exchange.members.callers import actor_of
from exchange.vault.content import open_blob
from exchange.web.pages import render_page
from exchange.web.product_page import page_of
from exchange.web.sample_limit import count_sample


@require_GET
def show(request: HttpRequest, product_id: str) -> HttpResponse:
    """A listed product; one that is not listed is shown to its seller and to operators alone."""
    now = timezone.now()
    actor = actor_of(request, at=now)
    product = product_seen_by(actor, product_id)
    page = page_of(
        product, actor=actor, orders_to_review=tuple(orders_to_review(actor, product)), now=now
    )
    return render_page(request, "catalog/product.html", page)


@require_GET
def download_sample(request: HttpRequest, product_id: str, table_id: str) -> FileResponse:
    """The free sample of a table in a published revision, as CSV. Counted by address."""
    product = product_seen_by(actor_of(request), product_id)
    sample = sample_of(product, table_id)
    if sample is None:
        raise NotFound(_("There is no such sample."))
    count_sample(request)
    return FileResponse(
        open_blob(sample),
        as_attachment=True,
        filename=f"sample-{table_id}.csv",
        content_type="text/csv; charset=utf-8",
    )


def product_seen_by(actor: Actor, product_id: str) -> Product:
    """The product of an address, if this visitor may know of it. Raises NotFound."""
    product = Product.objects.select_related("seller").filter(public_id=product_id).first()
    is_seen = product is not None and (
        product.state == ListingState.LISTED
        or actor.oversees
        or actor.organisation_id == product.seller_id
    )
    if product is None or not is_seen:
        raise NotFound(_("There is no such product."))
    return product
