"""The catalogue over the API: what is listed, for everybody, as the pages show it."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from exchange.api.catalogue_shapes import CataloguePageShape, ProductShape
from exchange.api.pagination import LIMIT_MAX, BadCursor, BadLimit
from exchange.catalog.lifecycle import ListingState
from exchange.catalog.models import Product
from exchange.catalog.queries import product_document
from exchange.catalog.search import finding
from exchange.catalog.search.finding import BadPlace
from exchange.catalog.search.wishes import FACETS, Sort, Wish, wish_of
from exchange.core.refusals import NotFound
from exchange.orders import reviews

LIMIT = 20
PARAMETERS = [
    OpenApiParameter("search", str, description="Words in English or Chinese."),
    *(
        OpenApiParameter(name, str, many=True, description=str(facet.label))
        for name, facet in FACETS.items()
    ),
    OpenApiParameter("sort", str, enum=[str(sort) for sort in Sort]),
    OpenApiParameter("limit", int, description=f"How many, from 1 to {LIMIT_MAX}."),
    OpenApiParameter("cursor", str, description="Where the page begins, as given in `next`."),
]


class Open(APIView):
    """For everybody; who sends a key is still counted as its caller."""

    permission_classes = [AllowAny]


class ProductsView(Open):
    """Listed products: search, facets and pages."""

    serializer_class = CataloguePageShape

    @extend_schema(operation_id="products", parameters=PARAMETERS, responses=CataloguePageShape)
    def get(self, request: Request) -> Response:
        wish = _wish(request)
        try:
            page = finding.find(
                wish, place=request.query_params.get("cursor", ""), limit=_limit(request)
            )
        except BadPlace as error:
            raise BadCursor(
                _("This cursor does not belong to this list. Begin again without one.")
            ) from error
        counts = finding.count(wish, is_loose=page.is_loose)
        return Response(
            {
                "items": [_item(card, request) for card in page.cards],
                "next": _next(request, page.following),
                "total": counts.total,
                "total_is_lower_bound": counts.is_capped,
                "some_words_only": page.is_loose,
                "facets": {name: dict(values) for name, values in counts.facets.items() if values},
            }
        )


class ProductView(Open):
    """One listed product with all that its page shows."""

    serializer_class = ProductShape

    @extend_schema(operation_id="product", responses=ProductShape)
    def get(self, request: Request, product_id: str) -> Response:
        product = (
            Product.objects.filter(public_id=product_id, state=ListingState.LISTED)
            .select_related("seller")
            .first()
        )
        if product is None:
            raise NotFound(_("There is no such product."))
        document = product_document(product, at=timezone.now())
        opinion = reviews.opinion_of(product)
        judged = {"count": opinion.count, "stars": opinion.stars}
        page = reverse("web:product", args=[product.public_id], request=request)
        return Response({**document, "reviews": judged, "page": page})


def _wish(request: Request) -> Wish:
    return wish_of(
        text=request.query_params.get("search", ""),
        chosen={name: request.query_params.getlist(name) for name in FACETS},
        sort=request.query_params.get("sort", ""),
    )


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", str(LIMIT))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= LIMIT_MAX):
        raise BadLimit(
            _("A page has between 1 and %(max)d rows.") % {"max": LIMIT_MAX}, limit_max=LIMIT_MAX
        )
    return int(text)


def _item(card: Mapping[str, Any], request: Request) -> dict[str, Any]:
    return {**card, "url": reverse("api:product", args=[card["id"]], request=request)}


def _next(request: Request, following: str) -> str | None:
    if not following:
        return None
    query = request.query_params.copy()
    query["cursor"] = following
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
