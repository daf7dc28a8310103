"""Addresses of auctions."""

from django.urls import path

from exchange.api import auctions

urlpatterns = [
    path("auctions", auctions.AuctionsView.as_view(), name="auctions"),
    path("auctions/<str:auction_id>", auctions.AuctionView.as_view(), name="auction"),
    path("auctions/<str:auction_id>/bids", auctions.AuctionBidsView.as_view(), name="auction-bids"),
    path(
        "auctions/<str:auction_id>/register",
        auctions.AuctionRegisterView.as_view(),
        name="auction-register",
    ),
    path(
        "auctions/<str:auction_id>/withdraw",
        auctions.AuctionWithdrawView.as_view(),
        name="auction-withdraw",
    ),
    path(
        "auctions/<str:auction_id>/reveal",
        auctions.AuctionRevealView.as_view(),
        name="auction-reveal",
    ),
    path(
        "auctions/<str:auction_id>/cancel",
        auctions.AuctionCancelView.as_view(),
        name="auction-cancel",
    ),
    path(
        "auctions/<str:auction_id>/awards",
        auctions.AuctionAwardsView.as_view(),
        name="auction-awards",
    ),
    path(
        "auctions/<str:auction_id>/evidence",
        auctions.AuctionEvidenceView.as_view(),
        name="auction-evidence",
    ),
]
