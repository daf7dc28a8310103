"""Addresses of state-asset sales."""

from django.urls import URLPattern, path

from exchange.api import asset_sales as views

HERE = "announcements/<str:announcement_id>"

urlpatterns: list[URLPattern] = [
    path("announcements", views.AnnouncementsView.as_view(), name="announcements"),
    path(HERE, views.AnnouncementView.as_view(), name="announcement"),
    path(f"{HERE}/register", views.RegisterView.as_view(), name="announcement-register"),
    path(f"{HERE}/bids", views.RoundBidView.as_view(), name="announcement-bid"),
    path("asset-sales", views.AssetSalesView.as_view(), name="asset_sales"),
    path("asset-sales/<str:asset_sale_id>", views.AssetSaleView.as_view(), name="asset_sale"),
]
