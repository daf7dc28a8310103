"""Pages of auctions."""

from django.urls import path

from exchange.web.views import auction_bidding, auction_scheduling, auctions

urlpatterns = [
    path("auctions/", auctions.show_all, name="auctions"),
    path("auctions/procure/", auction_scheduling.procure, name="procure"),
    path("auctions/<str:auction_id>/", auctions.show, name="auction"),
    path("auctions/<str:auction_id>/version", auctions.version, name="auction_version"),
    path("auctions/<str:auction_id>/bid/", auction_bidding.bid, name="auction_bid"),
    path("auctions/<str:auction_id>/register/", auction_bidding.register, name="auction_register"),
    path("auctions/<str:auction_id>/withdraw/", auction_bidding.withdraw, name="auction_withdraw"),
    path(
        "auctions/<str:auction_id>/receipt/",
        auction_bidding.download_receipt,
        name="auction_receipt",
    ),
    path(
        "auctions/<str:auction_id>/evidence.json",
        auctions.download_evidence,
        name="auction_evidence",
    ),
    path("auctions/<str:auction_id>/acts/<slug:name>/", auctions.act, name="auction_act"),
    path("sell/<str:product_id>/auction/", auction_scheduling.choose, name="sell_auction"),
    path(
        "sell/<str:product_id>/auction/<slug:kind>/",
        auction_scheduling.schedule,
        name="sell_auction_new",
    ),
]
