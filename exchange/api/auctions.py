"""Auctions over the API: reading them, holding one, bidding, and the evidence of the outcome."""

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from exchange.api.accounts import Listing
from exchange.api.auctions_shapes import (
    AuctionReasonShape,
    AuctionShape,
    AuctionWishShape,
    AwardShape,
    BidderShape,
    BidShape,
    BidWishShape,
    ReceiptShape,
    RevealWishShape,
    WholeAuctionShape,
)
from exchange.api.callers import policy_actor
from exchange.api.idempotency import idempotent
from exchange.api.pagination import KeysetPagination
from exchange.auctions import access, bidding, envelopes, moderation, results, scheduling, standing
from exchange.auctions.access import auction_seen_by, auctions_seen_by
from exchange.auctions.lifecycle import Kind
from exchange.auctions.models import Auction, Bid
from exchange.auctions.requests import Access, AuctionRequest, BidRequest, ItemRequest
from exchange.members import policy
from exchange.members.actors import Subject, organisation_of
from exchange.members.permissions import SCOPE_ORDERS, SCOPE_ORDERS_WRITE, Permission

READ = {"GET": SCOPE_ORDERS}
WRITE = {"POST": SCOPE_ORDERS_WRITE}


class AuctionsView(Listing):
    """Announced auctions and the organisation's own, newest first, and holding one."""

    serializer_class = AuctionShape
    pagination_class = KeysetPagination.ordered("-pk")
    scopes = READ

    @extend_schema(operation_id="auctions", responses=AuctionShape(many=True))
    def get(self, request: Request) -> Response:
        actor = policy_actor(request)
        policy.require(
            actor, Permission.AUCTION_SEE, Subject(organisation_id=organisation_of(actor))
        )
        return self.page_of(auctions_seen_by(actor))

    @extend_schema(
        operation_id="auction_schedule", request=AuctionWishShape, responses={201: AuctionShape}
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        said = _said(AuctionWishShape, request)
        auction = scheduling.schedule(
            _auction_wish(said), actor=policy_actor(request), now=timezone.now()
        )
        return Response(AuctionShape(auction).data, status=HTTPStatus.CREATED)


class AuctionView(GenericAPIView[Any]):
    """One auction, how it stands for the caller, and its newest bids."""

    serializer_class = WholeAuctionShape
    scopes = READ

    @extend_schema(operation_id="auction")
    def get(self, request: Request, auction_id: str) -> Response:
        actor = policy_actor(request)
        auction, mine = auction_seen_by(actor, auction_id), actor.organisation_id
        shown = {
            "auction": auction,
            "standing": standing.facts(auction, organisation_id=mine, at=access.now()),
            "history": results.history(auction, organisation_id=mine),
        }
        return Response(WholeAuctionShape(shown).data)


class AuctionBidsView(Listing):
    """The organisation's own bids in an auction, newest first, and placing one.

    The first bid registers the organisation and places the deposit. Whether a bid is in time is
    decided by the exchange's clock.
    """

    serializer_class = BidShape
    pagination_class = KeysetPagination.ordered("-pk")
    scopes = {**READ, **WRITE}

    @extend_schema(operation_id="auction_bids", responses=BidShape(many=True))
    def get(self, request: Request, auction_id: str) -> Response:
        actor = policy_actor(request)
        auction = auction_seen_by(actor, auction_id)
        mine = Bid.objects.filter(auction=auction, bidder_id=organisation_of(actor))
        return self.page_of(mine.select_related("auction"))

    @extend_schema(
        operation_id="auction_bid_place", request=BidWishShape, responses={201: ReceiptShape}
    )
    @idempotent()
    def post(self, request: Request, auction_id: str) -> Response:
        receipt = bidding.place(
            auction_id,
            BidRequest(**_said(BidWishShape, request)),
            actor=policy_actor(request),
            now=timezone.now(),
        )
        return Response(ReceiptShape(receipt).data, status=HTTPStatus.CREATED)


class AuctionRegisterView(GenericAPIView[Any]):
    """Registering for an auction, with the deposit, before the first bid."""

    serializer_class = BidderShape
    scopes = WRITE

    @extend_schema(operation_id="auction_register", request=None, responses={201: BidderShape})
    @idempotent()
    def post(self, request: Request, auction_id: str) -> Response:
        bidder = bidding.register(auction_id, actor=policy_actor(request), now=timezone.now())
        return Response(BidderShape(bidder).data, status=HTTPStatus.CREATED)


class AuctionWithdrawView(GenericAPIView[Any]):
    """Withdrawing the organisation's sealed bid, before the close."""

    serializer_class = BidShape
    scopes = WRITE

    @extend_schema(operation_id="auction_bid_withdraw", request=AuctionReasonShape)
    @idempotent()
    def post(self, request: Request, auction_id: str) -> Response:
        bid = envelopes.withdraw(
            auction_id,
            actor=policy_actor(request),
            reason=_said(AuctionReasonShape, request)["reason"],
            now=timezone.now(),
        )
        return Response(BidShape(bid).data)


class AuctionRevealView(GenericAPIView[Any]):
    """Revealing a bid of which only the commitment was placed."""

    serializer_class = BidShape
    scopes = WRITE

    @extend_schema(operation_id="auction_bid_reveal", request=RevealWishShape)
    @idempotent()
    def post(self, request: Request, auction_id: str) -> Response:
        bid = envelopes.reveal(
            auction_id,
            actor=policy_actor(request),
            now=timezone.now(),
            **_said(RevealWishShape, request),
        )
        return Response(BidShape(bid).data)


class AuctionCancelView(GenericAPIView[Any]):
    """Cancelling an auction of one's own before it opens."""

    serializer_class = AuctionShape

    @extend_schema(operation_id="auction_cancel", request=AuctionReasonShape)
    @idempotent()
    def post(self, request: Request, auction_id: str) -> Response:
        auction = moderation.cancel(
            auction_id,
            actor=policy_actor(request),
            reason=_said(AuctionReasonShape, request)["reason"],
            now=timezone.now(),
        )
        return Response(AuctionShape(_whole(auction)).data)


class AuctionAwardsView(Listing):
    """Who won what."""

    serializer_class = AwardShape
    pagination_class = KeysetPagination.ordered("pk")
    scopes = READ

    @extend_schema(operation_id="auction_awards", responses=AwardShape(many=True))
    def get(self, request: Request, auction_id: str) -> Response:
        auction = auction_seen_by(policy_actor(request), auction_id)
        return self.page_of(results.awards_of(auction))


class AuctionEvidenceView(GenericAPIView[Any]):
    """The evidence, byte for byte: `python -m pricing clear EVIDENCE` clears it again."""

    scopes = READ

    @extend_schema(operation_id="auction_evidence", responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, auction_id: str) -> HttpResponse:
        auction = auction_seen_by(policy_actor(request), auction_id)
        evidence = results.evidence_of(auction)
        return HttpResponse(
            bytes(evidence.document),
            content_type="application/json",
            headers={"ETag": f'"{evidence.digest}"'},
        )


def _auction_wish(said: dict[str, Any]) -> AuctionRequest:
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


def _whole(auction: Auction) -> Auction:
    return Auction.objects.select_related("organiser", "product").get(pk=auction.pk)


def _said(shape: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    wanted = shape(data=request.data)
    wanted.is_valid(raise_exception=True)
    return dict(wanted.validated_data)
