"""A product's page, its sample, and reviews of it."""

from http import HTTPStatus

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from exchange.catalog import visits
from exchange.catalog.buyable import check_not_paused, is_over
from exchange.catalog.lifecycle import KEPT_UP
from exchange.catalog.models import Product
from exchange.catalog.search.entries import sample_of
from exchange.catalog.visits import Visit
from exchange.core import clock
from exchange.core.refusals import Invalid, NotFound
from exchange.members.actors import Actor, actor_of
from exchange.orders import reviews
from exchange.vault.content import open_blob
from exchange.vault.masks import masked_sample
from exchange.web.catalogue.forms import ReplyForm, ReviewForm
from exchange.web.pages import render_page
from exchange.web.product.evidence import count_sample, is_counted
from exchange.web.product.pages import over_page_of, page_of
from exchange.web.views import post_view


@require_GET
def show(request: HttpRequest, product_id: str) -> HttpResponse:
    """A listed product, or one that its seller paused; any other is shown to its seller and to operators
    alone. Of what was listed once and is taken off for good, everybody else reads just that."""
    now = clock.now()
    actor = actor_of(request, at=now)
    product = _named(product_id)
    if product is not None and is_over(product) and not _is_seen(product, actor):
        over = over_page_of(product, actor=actor, now=now)
        return render_page(request, "product/over.html", over, status=HTTPStatus.GONE)
    product = _seen(product, actor)
    page = page_of(
        product,
        actor=actor,
        orders_to_review=tuple(reviews.orders_to_review(actor, product)),
        now=now,
    )
    answer = render_page(request, "product/product.html", page)
    if is_counted(request):
        visits.count(product, Visit.VIEW, actor=actor, now=now)
    return answer


@require_GET
def download_sample(
    request: HttpRequest, product_id: str, table_id: str
) -> FileResponse | StreamingHttpResponse:
    """The free sample of a table in a published revision, as CSV. Counted by address.

    Personal columns are masked on the way out, as they are flagged at this moment.
    """
    actor = actor_of(request)
    product = product_seen_by(actor, product_id)
    check_not_paused(product)
    sample = sample_of(product, table_id)
    if sample is None:
        raise NotFound(_("There is no such sample."))
    count_sample(request)
    if is_counted(request):
        visits.count(product, Visit.SAMPLE, actor=actor, now=clock.now())
    filename, kind = f"sample-{table_id}.csv", "text/csv; charset=utf-8"
    if any(sample.hidden):
        return StreamingHttpResponse(
            masked_sample(open_blob(sample.blob), sample.hidden),
            content_type=kind,
            headers={"Content-Disposition": f'attachment; filename="{filename}"'},
        )
    return FileResponse(
        open_blob(sample.blob), as_attachment=True, filename=filename, content_type=kind
    )


def product_seen_by(actor: Actor, product_id: str) -> Product:
    """The product of an address, if this visitor may know of it. Raises NotFound."""
    return _seen(_named(product_id), actor)


def _named(product_id: str) -> Product | None:
    return Product.objects.select_related("seller").filter(public_id=product_id).first()


def _seen(product: Product | None, actor: Actor) -> Product:
    if product is None or not _is_seen(product, actor):
        raise NotFound(_("There is no such product."))
    return product


def _is_seen(product: Product, actor: Actor) -> bool:
    is_public = product.state in KEPT_UP
    return is_public or actor.oversees or actor.organisation_id == product.seller_id


@post_view
def write(request: HttpRequest, product_id: str) -> HttpResponse:
    """Review the product of an accepted order."""
    now = clock.now()
    actor = actor_of(request, at=now)
    product = product_seen_by(actor, product_id)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Give one to five stars and write a few words."))
    reviews.write_review(
        actor=actor,
        product_id=product.public_id,
        order_id=form.cleaned_data["order"],
        stars=form.cleaned_data["stars"],
        text=form.cleaned_data["text"],
        now=now,
    )
    messages.success(request, _("Thank you. Your review is public now."))
    return redirect("web:product", product_id=product.public_id)


@post_view
def reply(request: HttpRequest, review_id: str) -> HttpResponse:
    """Answer a review of one's own product, once."""
    form = ReplyForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Write a few words."))
    replied = reviews.reply_to_review(
        review_id,
        actor=actor_of(request),
        text=form.cleaned_data["text"],
        now=clock.now(),
    )
    return redirect("web:product", product_id=replied.order.product.public_id)
