"""Auctions over the API: reading them, holding one, bidding, and the evidence of the outcome."""

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from exchange.api.base import KeysetPagination, Listing, ReasonRequest, RowSerializer, act, sent
from exchange.api.callers import policy_actor
from exchange.api.fields import MinorField, MomentField, WholeField
from exchange.api.idempotency import idempotent
from exchange.auctions import access, bidding, envelopes, moderation, results, scheduling, standing
from exchange.auctions.access import auction_seen_by, auctions_seen_by
from exchange.auctions.lifecycle import Kind
from exchange.auctions.models import (
    COMMITMENT_CHARS,
    TITLE_CHARS_MAX,
    Auction,
    Award,
    Bid,
    Bidder,
)
from exchange.auctions.requests import (
    QUANTITY_MAX,
    ROWS_MAX,
    Access,
    AuctionRequest,
    BidRequest,
    ItemRequest,
)
from exchange.catalog.lifecycle import Future, History
from exchange.core import clock
from exchange.members import policy
from exchange.members.actors import Subject, organisation_of
from exchange.members.permissions import SCOPE_ORDERS, SCOPE_ORDERS_WRITE, Permission

ID_CHARS_MAX = 40
NONCE_CHARS_MAX = 128
INCREMENTS_MAX = 100


class AuctionSerializer(RowSerializer[Auction]):
    """An auction. Amounts are whole minor units, net of tax; a secret reserve is null."""

    organiser = serializers.CharField(source="organiser.public_id", read_only=True)
    product = serializers.CharField(source="product.public_id", default=None, read_only=True)
    reserve_minor = serializers.SerializerMethodField()

    class Meta:
        model = Auction
        fields = (
            "id", "organiser", "product", "title", "kind", "state", "currency", "opening_minor",
            "reserve_minor", "reserve_shown", "increments", "quantity", "options", "exclusive",
            "deposit_minor", "opens_at", "closes_at", "soft_window_seconds",
            "soft_extension_seconds", "closes_by", "reveal_seconds", "reveal_until",
            "bids_count", "bidders_count", "version",
        )  # fmt: skip

    def get_reserve_minor(self, auction: Auction) -> int | None:
        return auction.reserve_minor if auction.reserve_shown else None


class AuctionStandingSerializer(serializers.Serializer[Any]):
    """How the auction stands for the caller's organisation, by the clock that decides."""

    server_time = MomentField()
    closes_at = MomentField()
    seconds_left = serializers.IntegerField()
    takes_bids = serializers.BooleanField()
    price_minor = MinorField(allow_null=True)
    reserve_met = serializers.BooleanField(allow_null=True)
    least_minor = MinorField(allow_null=True)
    left = serializers.IntegerField()
    my_status = serializers.CharField()
    my_number = serializers.IntegerField(allow_null=True)
    my_maximum_minor = MinorField(allow_null=True)
    version = serializers.IntegerField()


class HistorySerializer(serializers.Serializer[Any]):
    """One bid; the name, and others' amounts, are for the parties once the auction is over."""

    seq = serializers.IntegerField()
    at = MomentField()
    bidder_number = serializers.IntegerField()
    name = serializers.CharField(allow_null=True)
    is_mine = serializers.BooleanField()
    price_minor = MinorField(allow_null=True)
    amount_minor = MinorField(allow_null=True)
    quantity = serializers.IntegerField()
    commitment = serializers.CharField()
    is_withdrawn = serializers.BooleanField()


class WholeAuctionSerializer(serializers.Serializer[Any]):
    """An auction, how it stands, and its newest bids."""

    auction = AuctionSerializer()
    standing = AuctionStandingSerializer()
    history = HistorySerializer(many=True)


class AwardSerializer(RowSerializer[Award]):
    """What one organisation won; the order is shown to its parties."""

    winner = serializers.CharField(source="bidder.public_id", read_only=True)
    product = serializers.CharField(source="product.public_id", read_only=True)

    class Meta:
        model = Award
        fields = ("winner", "product", "quantity", "payment_minor")


class BidSerializer(RowSerializer[Bid]):
    """A bid of the caller's organisation."""

    auction = serializers.CharField(source="auction.public_id", read_only=True)

    class Meta:
        model = Bid
        fields = (
            "id", "auction", "seq", "received_at", "amount_minor", "quantity", "price_after_minor",
            "commitment", "record_id", "withdrawn_at",
        )  # fmt: skip


class ReceiptSerializer(serializers.Serializer[Any]):
    """A bid that was taken. With `nonce` and its rows the bidder can check the commitment."""

    bid = BidSerializer()
    server_time = MomentField()
    closes_at = MomentField(source="auction.closes_at")
    price_minor = MinorField(source="auction.price_minor")
    is_leading = serializers.SerializerMethodField()
    nonce = serializers.CharField(allow_null=True)

    def get_is_leading(self, receipt: Any) -> bool:
        return bool(receipt.auction.leader_id == receipt.bid.bidder_id)


class BidderSerializer(RowSerializer[Bidder]):
    """The caller's organisation as a bidder."""

    deposit = serializers.CharField(source="deposit.public_id", default="", read_only=True)

    class Meta:
        model = Bidder
        fields = ("number", "deposit", "registered_at")


class ItemRequestSerializer(serializers.Serializer[Any]):
    """One product of an auction of bundles."""

    product = serializers.CharField(max_length=ID_CHARS_MAX)
    count = WholeField(min_value=1, max_value=QUANTITY_MAX, default=1)
    reserve_minor = MinorField(default=0)


class AccessSerializer(serializers.Serializer[Any]):
    """What the licence includes."""

    access_days = WholeField(min_value=1, allow_null=True, default=None)
    history = serializers.ChoiceField(choices=History.choices, default=History.ALL)
    history_count = WholeField(min_value=1, allow_null=True, default=None)
    future = serializers.ChoiceField(choices=Future.choices, default=Future.NONE)


class AuctionRequestSerializer(serializers.Serializer[Any]):
    """An auction to be held. `options` are those of the mechanism."""

    kind = serializers.ChoiceField(choices=Kind.choices)
    currency = serializers.CharField(max_length=3)
    product = serializers.CharField(max_length=ID_CHARS_MAX, default="", allow_blank=True)
    title = serializers.CharField(max_length=TITLE_CHARS_MAX, default="", allow_blank=True)
    items = ItemRequestSerializer(many=True, default=list)
    access = AccessSerializer(default=dict)
    exclusive = serializers.BooleanField(default=False)
    opens_at = MomentField()
    closes_at = MomentField()
    opening_minor = MinorField(default=0)
    reserve_minor = MinorField(default=0)
    reserve_shown = serializers.BooleanField(default=True)
    increments = serializers.ListField(
        child=serializers.ListField(
            child=MinorField(),
            min_length=2,
            max_length=2,
        ),
        max_length=INCREMENTS_MAX,
        default=list,
    )
    quantity = WholeField(min_value=1, max_value=QUANTITY_MAX, default=1)
    options = serializers.DictField(default=dict)
    deposit_minor = MinorField(default=0)
    soft_window_seconds = WholeField(min_value=0, default=0)
    soft_extension_seconds = WholeField(min_value=0, default=0)
    closes_by = MomentField(allow_null=True, default=None)
    reveal_seconds = WholeField(min_value=0, default=0)


class BidRequestSerializer(serializers.Serializer[Any]):
    """A bid: an amount in a live auction, rows or a commitment in a sealed one."""

    currency = serializers.CharField(max_length=3)
    amount_minor = MinorField(min_value=1, allow_null=True, default=None)
    quantity = WholeField(min_value=1, max_value=QUANTITY_MAX, default=1)
    rows = serializers.ListField(
        child=serializers.DictField(), max_length=ROWS_MAX, default=list, allow_empty=True
    )
    nonce = serializers.CharField(max_length=NONCE_CHARS_MAX, default="", allow_blank=True)
    commitment = serializers.CharField(max_length=COMMITMENT_CHARS, default="", allow_blank=True)


class RevealRequestSerializer(serializers.Serializer[Any]):
    """What was committed to."""

    rows = serializers.ListField(child=serializers.DictField(), min_length=1, max_length=ROWS_MAX)
    nonce = serializers.CharField(max_length=NONCE_CHARS_MAX)


READ = {"GET": SCOPE_ORDERS}
WRITE = {"POST": SCOPE_ORDERS_WRITE}


class AuctionsView(Listing):
    """Announced auctions and the organisation's own, newest first, and holding one."""

    serializer_class = AuctionSerializer
    scopes = READ

    @extend_schema(operation_id="auctions", responses=AuctionSerializer(many=True))
    def get(self, request: Request) -> Response:
        actor = policy_actor(request)
        policy.require(
            actor, Permission.AUCTION_SEE, Subject(organisation_id=organisation_of(actor))
        )
        return self.page_of(auctions_seen_by(actor))

    @extend_schema(
        operation_id="auction_schedule",
        request=AuctionRequestSerializer,
        responses={201: AuctionSerializer},
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        said = sent(AuctionRequestSerializer, request)
        auction = scheduling.schedule(
            _auction_command(said), actor=policy_actor(request), now=clock.now()
        )
        return Response(AuctionSerializer(auction).data, status=HTTPStatus.CREATED)


class AuctionView(GenericAPIView[Any]):
    """One auction, how it stands for the caller, and its newest bids."""

    serializer_class = WholeAuctionSerializer
    scopes = READ

    @extend_schema(operation_id="auction")
    def get(self, request: Request, auction_id: str) -> Response:
        actor = policy_actor(request)
        auction, mine = auction_seen_by(actor, auction_id), actor.organisation_id
        shown = {
            "auction": auction,
            "standing": standing.facts(auction, organisation_id=mine, at=access.now()),
            "history": results.history(
                auction, organisation_id=mine, is_party=access.is_party(auction, actor)
            ),
        }
        return Response(WholeAuctionSerializer(shown).data)


class AuctionBidsView(Listing):
    """The organisation's own bids in an auction, newest first, and placing one.

    The first bid registers the organisation and places the deposit. Whether a bid is in time is
    decided by the exchange's clock.
    """

    serializer_class = BidSerializer
    scopes = {**READ, **WRITE}

    @extend_schema(operation_id="auction_bids", responses=BidSerializer(many=True))
    def get(self, request: Request, auction_id: str) -> Response:
        actor = policy_actor(request)
        auction = auction_seen_by(actor, auction_id)
        mine = Bid.objects.filter(auction=auction, bidder_id=organisation_of(actor))
        return self.page_of(mine.select_related("auction"))

    @extend_schema(
        operation_id="auction_bid_place",
        request=BidRequestSerializer,
        responses={201: ReceiptSerializer},
    )
    @idempotent()
    def post(self, request: Request, auction_id: str) -> Response:
        receipt = bidding.place(
            auction_id,
            BidRequest(**sent(BidRequestSerializer, request)),
            actor=policy_actor(request),
            now=clock.now(),
        )
        return Response(ReceiptSerializer(receipt).data, status=HTTPStatus.CREATED)


AuctionRegisterView = act(
    bidding.register, BidderSerializer,
    operation_id="auction_register", scopes=WRITE, status=HTTPStatus.CREATED,
    about="Registering for an auction, with the deposit, before the first bid.",
)  # fmt: skip
AuctionWithdrawView = act(
    envelopes.withdraw, BidSerializer, ReasonRequest,
    operation_id="auction_bid_withdraw", scopes=WRITE,
    about="Withdrawing the organisation's sealed bid, before the close.",
)  # fmt: skip
AuctionRevealView = act(
    envelopes.reveal, BidSerializer, RevealRequestSerializer,
    operation_id="auction_bid_reveal", scopes=WRITE,
    about="Revealing a bid of which only the commitment was placed.",
)  # fmt: skip


def _cancel(auction_id: str, **asked: Any) -> Auction:
    auction = moderation.cancel(auction_id, **asked)
    return Auction.objects.select_related("organiser", "product").get(pk=auction.pk)


AuctionCancelView = act(
    _cancel, AuctionSerializer, ReasonRequest,
    operation_id="auction_cancel",
    about="Cancelling an auction of one's own before it opens.",
)  # fmt: skip


class AuctionAwardsView(Listing):
    """Who won what; for the parties of the auction."""

    serializer_class = AwardSerializer
    pagination_class = KeysetPagination.ordered("pk")
    scopes = READ

    @extend_schema(operation_id="auction_awards", responses=AwardSerializer(many=True))
    def get(self, request: Request, auction_id: str) -> Response:
        auction = access.evidence_seen_by(policy_actor(request), auction_id)
        return self.page_of(results.awards_of(auction))


class AuctionEvidenceView(GenericAPIView[Any]):
    """The evidence, byte for byte, for the parties of the auction: `python -m pricing clear EVIDENCE` clears it again."""

    scopes = READ

    @extend_schema(operation_id="auction_evidence", responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, auction_id: str) -> HttpResponse:
        auction = access.evidence_seen_by(policy_actor(request), auction_id)
        evidence = results.evidence_of(auction)
        return HttpResponse(
            bytes(evidence.document),
            content_type="application/json",
            headers={"ETag": f'"{evidence.digest}"'},
        )


def _auction_command(said: dict[str, Any]) -> AuctionRequest:
    items = tuple(
        ItemRequest(one["product"], one["count"], one["reserve_minor"]) for one in said.pop("items")
    )
    product = said.pop("product")
    return AuctionRequest(
        **{
            **said,
            "kind": Kind(said["kind"]),
            "product_id": product,
            "items": items,
            "access": Access.of(said["access"]),
            "increments": tuple((start, step) for start, step in said["increments"]),
        }
    )
