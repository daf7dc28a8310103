"""Auctions as the API shows them, and what it is sent to hold one and to bid."""

from typing import Any

from rest_framework import serializers

from exchange.auctions.lifecycle import Kind
from exchange.auctions.models import (
    COMMITMENT_CHARS,
    REASON_CHARS_MAX,
    TITLE_CHARS_MAX,
    Auction,
    Award,
    Bid,
    Bidder,
)
from exchange.auctions.requests import AMOUNT_MINOR_MAX, QUANTITY_MAX, ROWS_MAX
from exchange.catalog.lifecycle import Future, History

ID_CHARS_MAX = 40
NONCE_CHARS_MAX = 128
INCREMENTS_MAX = 100


class AuctionShape(serializers.ModelSerializer[Auction]):
    """An auction. Amounts are whole minor units, net of tax; a secret reserve is null."""

    id = serializers.CharField(source="public_id", read_only=True)
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
        read_only_fields = fields

    def get_reserve_minor(self, auction: Auction) -> int | None:
        return auction.reserve_minor if auction.reserve_shown else None


class StandingShape(serializers.Serializer[Any]):
    """How the auction stands for the caller's organisation, by the clock that decides."""

    server_time = serializers.DateTimeField()
    closes_at = serializers.DateTimeField()
    seconds_left = serializers.IntegerField()
    takes_bids = serializers.BooleanField()
    price_minor = serializers.IntegerField(allow_null=True)
    reserve_met = serializers.BooleanField(allow_null=True)
    least_minor = serializers.IntegerField(allow_null=True)
    left = serializers.IntegerField()
    my_status = serializers.CharField()
    my_number = serializers.IntegerField(allow_null=True)
    my_maximum_minor = serializers.IntegerField(allow_null=True)
    version = serializers.IntegerField()


class HistoryShape(serializers.Serializer[Any]):
    """One bid; without a name until the auction is over."""

    seq = serializers.IntegerField()
    at = serializers.DateTimeField()
    bidder_number = serializers.IntegerField()
    name = serializers.CharField(allow_null=True)
    is_mine = serializers.BooleanField()
    price_minor = serializers.IntegerField(allow_null=True)
    amount_minor = serializers.IntegerField(allow_null=True)
    quantity = serializers.IntegerField()
    commitment = serializers.CharField()
    is_withdrawn = serializers.BooleanField()


class WholeAuctionShape(serializers.Serializer[Any]):
    """An auction, how it stands, and its newest bids."""

    auction = AuctionShape()
    standing = StandingShape()
    history = HistoryShape(many=True)


class AwardShape(serializers.ModelSerializer[Award]):
    """What one organisation won; the order is shown to its parties."""

    winner = serializers.CharField(source="bidder.public_id", read_only=True)
    product = serializers.CharField(source="product.public_id", read_only=True)

    class Meta:
        model = Award
        fields = ("winner", "product", "quantity", "payment_minor")
        read_only_fields = fields


class BidShape(serializers.ModelSerializer[Bid]):
    """A bid of the caller's organisation."""

    id = serializers.CharField(source="public_id", read_only=True)
    auction = serializers.CharField(source="auction.public_id", read_only=True)

    class Meta:
        model = Bid
        fields = (
            "id", "auction", "seq", "received_at", "amount_minor", "quantity", "price_after_minor",
            "commitment", "record_id", "withdrawn_at",
        )  # fmt: skip
        read_only_fields = fields


class ReceiptShape(serializers.Serializer[Any]):
    """A bid that was taken. With `nonce` and its rows the bidder can check the commitment."""

    bid = BidShape()
    server_time = serializers.DateTimeField()
    closes_at = serializers.DateTimeField(source="auction.closes_at")
    price_minor = serializers.IntegerField(source="auction.price_minor")
    is_leading = serializers.SerializerMethodField()
    nonce = serializers.CharField(allow_null=True)

    def get_is_leading(self, receipt: Any) -> bool:
        return bool(receipt.auction.leader_id == receipt.bid.bidder_id)


class BidderShape(serializers.ModelSerializer[Bidder]):
    """The caller's organisation as a bidder."""

    deposit = serializers.CharField(source="deposit.public_id", default="", read_only=True)

    class Meta:
        model = Bidder
        fields = ("number", "deposit", "registered_at")
        read_only_fields = fields


class ItemWishShape(serializers.Serializer[Any]):
    """One product of an auction of bundles."""

    product = serializers.CharField(max_length=ID_CHARS_MAX)
    count = serializers.IntegerField(min_value=1, max_value=QUANTITY_MAX, default=1)
    reserve_minor = serializers.IntegerField(min_value=0, max_value=AMOUNT_MINOR_MAX, default=0)


class AccessShape(serializers.Serializer[Any]):
    """What the licence includes."""

    access_days = serializers.IntegerField(min_value=1, allow_null=True, default=None)
    history = serializers.ChoiceField(choices=History.choices, default=History.ALL)
    history_count = serializers.IntegerField(min_value=1, allow_null=True, default=None)
    future = serializers.ChoiceField(choices=Future.choices, default=Future.NONE)


class AuctionWishShape(serializers.Serializer[Any]):
    """An auction to be held. `options` are those of the mechanism."""

    kind = serializers.ChoiceField(choices=Kind.choices)
    currency = serializers.CharField(max_length=3)
    product = serializers.CharField(max_length=ID_CHARS_MAX, default="", allow_blank=True)
    title = serializers.CharField(max_length=TITLE_CHARS_MAX, default="", allow_blank=True)
    items = ItemWishShape(many=True, default=list)
    access = AccessShape(default=dict)
    exclusive = serializers.BooleanField(default=False)
    opens_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField()
    opening_minor = serializers.IntegerField(min_value=0, max_value=AMOUNT_MINOR_MAX, default=0)
    reserve_minor = serializers.IntegerField(min_value=0, max_value=AMOUNT_MINOR_MAX, default=0)
    reserve_shown = serializers.BooleanField(default=True)
    increments = serializers.ListField(
        child=serializers.ListField(
            child=serializers.IntegerField(min_value=0, max_value=AMOUNT_MINOR_MAX),
            min_length=2,
            max_length=2,
        ),
        max_length=INCREMENTS_MAX,
        default=list,
    )
    quantity = serializers.IntegerField(min_value=1, max_value=QUANTITY_MAX, default=1)
    options = serializers.DictField(default=dict)
    deposit_minor = serializers.IntegerField(min_value=0, max_value=AMOUNT_MINOR_MAX, default=0)
    soft_window_seconds = serializers.IntegerField(min_value=0, default=0)
    soft_extension_seconds = serializers.IntegerField(min_value=0, default=0)
    closes_by = serializers.DateTimeField(allow_null=True, default=None)
    reveal_seconds = serializers.IntegerField(min_value=0, default=0)


class BidWishShape(serializers.Serializer[Any]):
    """A bid: an amount in a live auction, rows or a commitment in a sealed one."""

    currency = serializers.CharField(max_length=3)
    amount_minor = serializers.IntegerField(
        min_value=1, max_value=AMOUNT_MINOR_MAX, allow_null=True, default=None
    )
    quantity = serializers.IntegerField(min_value=1, max_value=QUANTITY_MAX, default=1)
    rows = serializers.ListField(
        child=serializers.DictField(), max_length=ROWS_MAX, default=list, allow_empty=True
    )
    nonce = serializers.CharField(max_length=NONCE_CHARS_MAX, default="", allow_blank=True)
    commitment = serializers.CharField(max_length=COMMITMENT_CHARS, default="", allow_blank=True)


class RevealWishShape(serializers.Serializer[Any]):
    """What was committed to."""

    rows = serializers.ListField(child=serializers.DictField(), min_length=1, max_length=ROWS_MAX)
    nonce = serializers.CharField(max_length=NONCE_CHARS_MAX)


class AuctionReasonShape(serializers.Serializer[Any]):
    """Why, in words."""

    reason = serializers.CharField(max_length=REASON_CHARS_MAX)
