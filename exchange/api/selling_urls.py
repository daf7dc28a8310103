"""Addresses of sellers' products; included by `api.urls`."""

from django.urls import path

from exchange.api import selling

urlpatterns = [
    path("selling/products", selling.OwnProductsView.as_view(), name="own-products"),
    path("selling/products/<str:product_id>", selling.OwnProductView.as_view(), name="own-product"),
    path(
        "selling/products/<str:product_id>/submit",
        selling.SubmissionView.as_view(),
        name="own-product-submit",
    ),
    path(
        "selling/products/<str:product_id>/delist",
        selling.DelistingView.as_view(),
        name="own-product-delist",
    ),
    path(
        "selling/products/<str:product_id>/offers",
        selling.OwnOffersView.as_view(),
        name="own-offers",
    ),
    path(
        "selling/offers/<str:offer_id>/withdraw",
        selling.OfferWithdrawalView.as_view(),
        name="own-offer-withdraw",
    ),
    path(
        "selling/products/<str:product_id>/revisions",
        selling.OwnRevisionsView.as_view(),
        name="own-revisions",
    ),
    path(
        "selling/products/<str:product_id>/dictionary",
        selling.DictionaryView.as_view(),
        name="own-dictionary",
    ),
    path(
        "selling/products/<str:product_id>/publish",
        selling.PublicationView.as_view(),
        name="own-revision-publish",
    ),
    path(
        "selling/revisions/<str:revision_id>/revoke",
        selling.RevocationView.as_view(),
        name="own-revision-revoke",
    ),
]
