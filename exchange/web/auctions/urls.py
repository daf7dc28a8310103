"""Addresses of auctions."""

from django.urls import path

from exchange.web.auctions import views, views_bidding, views_scheduling

urlpatterns = [
    path("auctions/", views.show_all, name="auctions"),
    path("auctions/procure/", views_scheduling.procure, name="procure"),
    path("auctions/<str:auction_id>/", views.show, name="auction"),
    path("auctions/<str:auction_id>/version", views.version, name="auction_version"),
    path("auctions/<str:auction_id>/bid/", views_bidding.bid, name="auction_bid"),
    path("auctions/<str:auction_id>/register/", views_bidding.register, name="auction_register"),
    path("auctions/<str:auction_id>/withdraw/", views_bidding.withdraw, name="auction_withdraw"),
    path(
        "auctions/<str:auction_id>/receipt/",
        views_bidding.download_receipt,
        name="auction_receipt",
    ),
    path(
        "auctions/<str:auction_id>/evidence.json",
        views.download_evidence,
        name="auction_evidence",
    ),
    path("auctions/<str:auction_id>/acts/<slug:name>/", views.act, name="auction_act"),
    path("sell/<str:product_id>/auction/", views_scheduling.choose, name="sell_auction"),
    path(
        "sell/<str:product_id>/auction/<slug:kind>/",
        views_scheduling.schedule,
        name="sell_auction_new",
    ),
]
