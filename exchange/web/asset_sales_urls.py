"""Pages of state-asset sales: the seller's, and the announcements that everybody reads."""

from django.urls import URLPattern, path

from exchange.web.views import announcements, asset_sales

urlpatterns: list[URLPattern] = [
    path("asset-sales/", asset_sales.show_all, name="asset_sales"),
    path("asset-sales/<str:asset_sale_id>/", asset_sales.show, name="asset_sale"),
    path(
        "asset-sales/<str:asset_sale_id>/conflict/",
        asset_sales.declare_conflict,
        name="asset_sale_conflict",
    ),
    path(
        "asset-sales/<str:asset_sale_id>/documents/<str:document_id>/",
        asset_sales.download,
        name="asset_sale_document",
    ),
    path(
        "asset-sales/<str:asset_sale_id>/act/<slug:name>/", asset_sales.act, name="asset_sale_act"
    ),
    path("announcements/", announcements.show_all, name="announcements"),
    path("announcements/<str:announcement_id>/", announcements.show, name="announcement"),
    path(
        "announcements/<str:announcement_id>/register/",
        announcements.register,
        name="announcement_register",
    ),
    path("announcements/<str:announcement_id>/bid/", announcements.bid, name="announcement_bid"),
    path(
        "announcements/<str:announcement_id>/documents/<slug:kind>.<slug:form>",
        announcements.document,
        name="announcement_document",
    ),
]
