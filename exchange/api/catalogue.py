"""The catalogue over the API: what is listed, for everybody, as the pages show it."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from accounts.models import OrganisationKind
from exchange.api.base import (
    LIMIT_MAX,
    BadCursor,
    KeysetPagination,
    Listing,
    RowSerializer,
    asked,
    page_limit,
)
from exchange.api.fields import MinorField, MomentField
from exchange.catalog import questions
from exchange.catalog.buyable import check_not_paused
from exchange.catalog.lifecycle import KEPT_UP
from exchange.catalog.models import Product, Question
from exchange.catalog.queries import product_document
from exchange.catalog.search import finding
from exchange.catalog.search.finding import BadPlace
from exchange.catalog.search.requests import FACETS, PriceRange, SearchRequest, Sort, command_of
from exchange.core import clock, currencies
from exchange.core.refusals import NotFound
from exchange.members.actors import NOBODY
from exchange.orders import reviews


class CardSerializer(serializers.Serializer[Any]):
    """A listed product as lists show it. Prices are net, in minor units."""

    id = serializers.CharField()
    url = serializers.URLField()
    title = serializers.CharField()
    title_zh = serializers.CharField()
    summary = serializers.CharField()
    summary_zh = serializers.CharField()
    seller = serializers.CharField()
    seller_id = serializers.CharField()
    kind = serializers.CharField()
    industry = serializers.CharField()
    region = serializers.CharField()
    rhythm = serializers.CharField()
    delivery = serializers.CharField()
    formats = serializers.ListField(child=serializers.CharField())
    allowed = serializers.ListField(child=serializers.CharField())
    score = serializers.CharField(allow_null=True)
    grade = serializers.CharField()
    rows = serializers.IntegerField(allow_null=True)
    columns = serializers.IntegerField(allow_null=True)
    price_minor = MinorField(allow_null=True)
    currency = serializers.CharField(allow_null=True)
    period = serializers.CharField()
    offers = serializers.IntegerField()
    has_sample = serializers.BooleanField()
    synthetic = serializers.BooleanField()
    revision = serializers.IntegerField(allow_null=True)
    listed_at = MomentField(allow_null=True)


class CataloguePageSerializer(serializers.Serializer[Any]):
    """A page of the catalogue. Where `total_is_lower_bound`, so are the figures of the facets.

    `searched` are the words that were looked for: those asked for, or where nothing fits them, the nearest
    that something fits. `near` has most of the words, where fewer listings than a page holds have all.
    """

    searched = serializers.CharField()
    items = CardSerializer(many=True)
    near = CardSerializer(many=True)
    next = serializers.URLField(allow_null=True)
    total = serializers.IntegerField()
    total_is_lower_bound = serializers.BooleanField()
    some_words_only = serializers.BooleanField()
    facets = serializers.DictField(child=serializers.DictField(child=serializers.IntegerField()))


class RevisionSerializer(serializers.Serializer[Any]):
    """A published revision."""

    id = serializers.CharField()
    number = serializers.IntegerField()
    state = serializers.CharField()
    note = serializers.CharField()
    published_at = MomentField(allow_null=True)
    difference = serializers.DictField()


class TableSerializer(serializers.Serializer[Any]):
    """A table of the newest revision: dictionary, profile, quality, coverage and preview."""

    id = serializers.CharField()
    document = serializers.DictField()
    has_sample = serializers.BooleanField()


class OfferSerializer(serializers.Serializer[Any]):
    """An offer in force. The price is net, in minor units."""

    id = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    currency = serializers.CharField()
    price_minor = MinorField()
    period = serializers.CharField()
    access_days = serializers.IntegerField(allow_null=True)
    history = serializers.CharField()
    history_count = serializers.IntegerField(allow_null=True)
    future = serializers.CharField()
    plan = serializers.DictField()
    valid_from = MomentField()
    valid_until = MomentField(
        allow_null=True, help_text="When it ends, or when a planned offer takes its place."
    )


class PlannedOfferSerializer(OfferSerializer):
    """An offer that begins later, and which one ends then; it cannot be ordered before."""

    supersedes = serializers.CharField(allow_null=True)


class OpinionSerializer(serializers.Serializer[Any]):
    """Reviews in figures."""

    count = serializers.IntegerField()
    stars = serializers.FloatField(allow_null=True)


class ProductSerializer(serializers.Serializer[Any]):
    """All that the page of a product shows."""

    id = serializers.CharField()
    page = serializers.URLField()
    kind = serializers.CharField()
    title = serializers.CharField()
    title_zh = serializers.CharField()
    summary = serializers.CharField()
    summary_zh = serializers.CharField()
    description = serializers.CharField()
    description_zh = serializers.CharField()
    seller = serializers.CharField()
    industry = serializers.CharField()
    region = serializers.CharField()
    rhythm = serializers.CharField()
    scenarios = serializers.ListField(child=serializers.CharField())
    keywords = serializers.ListField(child=serializers.CharField())
    licence = serializers.DictField()
    refund_policy = serializers.CharField()
    source_statement = serializers.CharField()
    personal_statement = serializers.CharField()
    grade = serializers.CharField()
    delivery = serializers.CharField()
    synthetic = serializers.BooleanField()
    listed_at = MomentField()
    order_obstacle = serializers.CharField(
        help_text="The refusal that every order meets at the moment; empty where it can be ordered."
    )
    tables = TableSerializer(many=True)
    revisions = RevisionSerializer(many=True)
    offers = OfferSerializer(many=True)
    planned_offers = PlannedOfferSerializer(many=True)
    reviews = OpinionSerializer()


class QuestionSerializer(RowSerializer[Question]):
    """A question about a product with its answer. `asker` is empty where the asker's name is not shown."""

    asker = serializers.CharField(source="asker_name", read_only=True)
    asker_kind = serializers.ChoiceField(
        source="organisation.kind", choices=OrganisationKind.choices, read_only=True
    )

    class Meta:
        model = Question
        fields = ("id", "text", "asker", "asker_kind", "asked_at", "answer", "answered_at")


class PriceQuery(serializers.Serializer[Any]):
    """What a product may cost at its lowest price, net, both ends counted in. What is free costs as much in
    every currency."""

    price_from_minor = MinorField(required=False)
    price_to_minor = MinorField(required=False)
    currency = serializers.ChoiceField(
        choices=(), required=False, help_text="The exchange's own where none is named."
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["currency"].choices = currencies.choices()  # type: ignore[attr-defined]  # a ChoiceField

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        lowest, highest = attrs.get("price_from_minor"), attrs.get("price_to_minor")
        if lowest is None and highest is None:
            return {"price": None}
        price = PriceRange(attrs.get("currency", currencies.home()), lowest, highest)
        if price.is_empty:
            message = _("The highest price is below the lowest one.")
            raise serializers.ValidationError(
                {"price_to_minor": serializers.ErrorDetail(message, code="range_is_empty")}
            )
        return {"price": price}


LIMIT = 20
PARAMETERS: list[OpenApiParameter | type[serializers.Serializer[Any]]] = [
    OpenApiParameter("search", str, description="Words in English or Chinese."),
    *(
        OpenApiParameter(name, str, many=True, description=str(facet.label))
        for name, facet in FACETS.items()
    ),
    PriceQuery,
    OpenApiParameter("sort", str, enum=[str(sort) for sort in Sort]),
    OpenApiParameter("limit", int, description=f"How many, from 1 to {LIMIT_MAX}."),
    OpenApiParameter("cursor", str, description="Where the page begins, as given in `next`."),
]


class Open(APIView):
    """For everybody; who sends a key is still counted as its caller."""

    permission_classes = [AllowAny]


class ProductsView(Open):
    """Listed products: search, facets and pages."""

    serializer_class = CataloguePageSerializer

    @extend_schema(
        operation_id="products", parameters=PARAMETERS, responses=CataloguePageSerializer
    )
    def get(self, request: Request) -> Response:
        command = _command(request)
        try:
            page = finding.find(
                command, place=request.query_params.get("cursor", ""), limit=page_limit(request)
            )
        except BadPlace as error:
            raise BadCursor(
                _("This cursor does not belong to this list. Begin again without one.")
            ) from error
        counts = finding.count(page.command, only=page.only)
        return Response(
            {
                "searched": page.command.text,
                "items": [_item(card, request) for card in page.cards],
                "near": [_item(card, request) for card in page.near],
                "next": _next(request, page),
                "total": counts.total,
                "total_is_lower_bound": counts.is_capped,
                "some_words_only": page.is_loose,
                "facets": {name: dict(values) for name, values in counts.facets.items() if values},
            }
        )


class ProductView(Open):
    """One listed product with all that its page shows."""

    serializer_class = ProductSerializer

    @extend_schema(operation_id="product", responses=ProductSerializer)
    def get(self, request: Request, product_id: str) -> Response:
        product = _shown(product_id)
        document = product_document(product, at=clock.now())
        opinion = reviews.opinion_of(product)
        judged = {"count": opinion.count, "stars": opinion.stars}
        page = reverse("web:product", args=[product.public_id], request=request)
        return Response({**document, "reviews": judged, "page": page})


class QuestionsView(Open, Listing):
    """What was asked about a listed product and its seller answered, the newest first. Whoever signs in and
    asked, or sells it, sees on the pages what waits for an answer."""

    serializer_class = QuestionSerializer
    pagination_class = KeysetPagination.ordered("-id")

    @extend_schema(operation_id="product_questions")
    def get(self, _request: Request, product_id: str) -> Response:
        return self.page_of(questions.seen_of(_shown(product_id), NOBODY))


def _shown(product_id: str) -> Product:
    """A product that everybody may see with all that belongs to it. Raises NotFound and ProductPaused."""
    found = Product.objects.filter(public_id=product_id, state__in=KEPT_UP)
    product = found.select_related("seller").first()
    if product is None:
        raise NotFound(_("There is no such product."))
    check_not_paused(product)
    return product


def _command(request: Request) -> SearchRequest:
    return command_of(
        text=request.query_params.get("search", ""),
        chosen={name: request.query_params.getlist(name) for name in FACETS},
        sort=request.query_params.get("sort", ""),
        price=asked(PriceQuery, request)["price"],
    )


def _item(card: Mapping[str, Any], request: Request) -> dict[str, Any]:
    return {**card, "url": reverse("api:product", args=[card["id"]], request=request)}


def _next(request: Request, page: finding.Page) -> str | None:
    if not page.following:
        return None
    query = request.query_params.copy()
    query["cursor"] = page.following
    if page.mistyped:
        query["search"] = page.command.text
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
