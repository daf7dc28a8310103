"""State-asset sales over the API: announcements for everybody, registering and bidding for members,
the seller's own sales. Their preparation needs people and documents, and has its pages."""

from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from exchange.api.base import Listing, RowSerializer, act
from exchange.api.callers import acting_for, policy_actor
from exchange.api.fields import MinorField, ProvisionalField
from exchange.asset_sales import bidders
from exchange.asset_sales.models import Announcement, AssetSale, Bidder, RoundBid
from exchange.asset_sales.queries import (
    announced,
    announcement_named,
    asset_sale_seen_by,
    asset_sales_of,
)
from exchange.members.actors import organisation_of
from exchange.members.permissions import SCOPE_ORDERS, SCOPE_ORDERS_WRITE, Permission

DISCLOSURE_CHARS_MAX = 2000
READ = {"GET": SCOPE_ORDERS}
WRITE = {"POST": SCOPE_ORDERS_WRITE}


class AnnouncementSerializer(RowSerializer[Announcement]):
    """A round of a sale. Amounts are whole minor units; `days` are working days."""

    product = serializers.CharField(source="asset_sale.product.public_id", read_only=True)
    seller = serializers.CharField(source="asset_sale.seller.public_id", read_only=True)
    currency = serializers.CharField(source="asset_sale.currency", read_only=True)
    nature = serializers.CharField(source="asset_sale.deal_nature", read_only=True)
    state = serializers.CharField(source="asset_sale.state", read_only=True)
    is_last = serializers.SerializerMethodField()
    ends_provisional = ProvisionalField("ends_at")

    class Meta:
        model = Announcement
        fields = (
            "id", "number", "is_last", "kind", "product", "seller", "nature", "state", "currency",
            "floor_minor", "deposit_minor", "conditions", "days", "starts_at", "ends_at",
            "ends_provisional",
            "suspended_at", "bidders_count", "bids_count", "bidding_starts_at", "bidding_ends_at",
            "step_minor",
        )  # fmt: skip

    def get_is_last(self, announcement: Announcement) -> bool:
        return announcement.number == announcement.asset_sale.round


class AssetSaleSerializer(RowSerializer[AssetSale]):
    """A sale as its seller sees it."""

    product = serializers.CharField(source="product.public_id", read_only=True)
    winner = serializers.CharField(source="winner.public_id", default=None, read_only=True)
    order = serializers.CharField(source="order.public_id", default="", read_only=True)
    due_provisional = ProvisionalField()

    class Meta:
        model = AssetSale
        fields = (
            "id", "product", "deal_nature", "state", "turn", "due_at", "due_provisional", "currency", "filing_no",
            "first_announced_at", "round", "winner", "price_minor", "order", "created_at",
        )  # fmt: skip


class StateBidderSerializer(RowSerializer[Bidder]):
    """The organisation's own registration. `standing`: registered, qualified or rejected."""

    announcement = serializers.CharField(source="announcement.public_id", read_only=True)

    class Meta:
        model = Bidder
        fields = (
            "id", "announcement", "number", "offer_minor", "related", "standing", "reason",
            "registered_at", "decided_at",
        )  # fmt: skip


class RoundBidSerializer(RowSerializer[RoundBid]):
    """A maximum given in the bidding."""

    class Meta:
        model = RoundBid
        fields = ("id", "seq", "amount_minor", "at")


class RegistrationRequest(serializers.Serializer[Any]):
    """A binding price of at least the floor. Who is related to the seller says how."""

    offer_minor = MinorField(min_value=1)
    disclosure = serializers.CharField(
        max_length=DISCLOSURE_CHARS_MAX, default="", allow_blank=True
    )


class RoundBidRequest(serializers.Serializer[Any]):
    """The most that one would pay."""

    amount_minor = MinorField(min_value=1)


class AnnouncementsView(Listing):
    """What was announced, newest first."""

    serializer_class = AnnouncementSerializer
    scopes = READ

    @extend_schema(operation_id="announcements", responses=AnnouncementSerializer(many=True))
    def get(self, request: Request) -> Response:
        organisation_of(policy_actor(request))
        return self.page_of(announced())


class AnnouncementView(GenericAPIView[Any]):
    """One announcement."""

    serializer_class = AnnouncementSerializer
    scopes = READ

    @extend_schema(operation_id="announcement")
    def get(self, request: Request, announcement_id: str) -> Response:
        organisation_of(policy_actor(request))
        return Response(AnnouncementSerializer(announcement_named(announcement_id)).data)


RegisterView = act(
    bidders.register, StateBidderSerializer, RegistrationRequest,
    operation_id="announcement_register", scopes=WRITE, status=HTTPStatus.CREATED,
    about="Registering as a buyer, with the deposit. The same again gives the same registration.",
)  # fmt: skip
RoundBidView = act(
    bidders.bid, RoundBidSerializer, RoundBidRequest,
    operation_id="announcement_bid", scopes=WRITE, status=HTTPStatus.CREATED,
    about="Giving a maximum in the bidding among the qualified.",
)  # fmt: skip


class AssetSalesView(Listing):
    """What the organisation disposes of, newest first."""

    serializer_class = AssetSaleSerializer
    scopes = READ

    @extend_schema(operation_id="asset_sales", responses=AssetSaleSerializer(many=True))
    def get(self, request: Request) -> Response:
        mine = acting_for(request, Permission.ASSET_SALE_SEE)
        return self.page_of(asset_sales_of(mine))


class AssetSaleView(GenericAPIView[Any]):
    """One sale of the organisation."""

    serializer_class = AssetSaleSerializer
    scopes = READ

    @extend_schema(operation_id="asset_sale")
    def get(self, request: Request, asset_sale_id: str) -> Response:
        return Response(
            AssetSaleSerializer(asset_sale_seen_by(policy_actor(request), asset_sale_id)).data
        )
