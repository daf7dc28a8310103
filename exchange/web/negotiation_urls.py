"""Pages of negotiation."""

from django.urls import URLPattern, path

from exchange.web.views import negotiations, offer_requests

urlpatterns: list[URLPattern] = [
    path("negotiations/", negotiations.show_all, name="negotiations"),
    path("negotiations/<str:negotiation_id>/", negotiations.show, name="negotiation"),
    path(
        "negotiations/<str:negotiation_id>/<slug:name>/",
        negotiations.act,
        name="negotiation_act",
    ),
    path("offers/<str:offer_id>/request/", offer_requests.ask, name="request_offer"),
    path("products/<str:product_id>/quote/", negotiations.ask, name="ask_quote"),
    path(
        "sell/<str:product_id>/private-offer/",
        negotiations.offer_privately,
        name="sell_private_offer",
    ),
]
