"""Addresses of negotiations."""

from django.urls import path

from exchange.web.negotiation import views

urlpatterns = [
    path("negotiations/", views.show_all, name="negotiations"),
    path("negotiations/<str:negotiation_id>/", views.show, name="negotiation"),
    path(
        "negotiations/<str:negotiation_id>/<slug:name>/",
        views.act,
        name="negotiation_act",
    ),
    path("offers/<str:offer_id>/request/", views.request_offer, name="request_offer"),
    path("products/<str:product_id>/quote/", views.ask, name="ask_quote"),
    path(
        "sell/<str:product_id>/private-offer/",
        views.offer_privately,
        name="sell_private_offer",
    ),
]
