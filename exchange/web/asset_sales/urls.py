"""Addresses of asset sales and of their announcements."""

from django.urls import path

from exchange.web.asset_sales import views, views_announcements

urlpatterns = [
    path("asset-sales/", views.show_all, name="asset_sales"),
    path("asset-sales/<str:asset_sale_id>/", views.show, name="asset_sale"),
    path(
        "asset-sales/<str:asset_sale_id>/conflict/",
        views.declare_conflict,
        name="asset_sale_conflict",
    ),
    path(
        "asset-sales/<str:asset_sale_id>/documents/<str:document_id>/",
        views.download,
        name="asset_sale_document",
    ),
    path("asset-sales/<str:asset_sale_id>/act/<slug:name>/", views.act, name="asset_sale_act"),
    path("announcements/", views_announcements.show_all, name="announcements"),
    path("announcements/<str:announcement_id>/", views_announcements.show, name="announcement"),
    path(
        "announcements/<str:announcement_id>/register/",
        views_announcements.register,
        name="announcement_register",
    ),
    path(
        "announcements/<str:announcement_id>/bid/", views_announcements.bid, name="announcement_bid"
    ),
    path(
        "announcements/<str:announcement_id>/documents/<slug:kind>.<slug:form>",
        views_announcements.document,
        name="announcement_document",
    ),
]
