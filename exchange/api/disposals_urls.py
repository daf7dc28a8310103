"""Addresses of disposals."""

from django.urls import URLPattern, path

from exchange.api import disposals as views

HERE = "announcements/<str:announcement_id>"

urlpatterns: list[URLPattern] = [
    path("announcements", views.AnnouncementsView.as_view(), name="announcements"),
    path(HERE, views.AnnouncementView.as_view(), name="announcement"),
    path(f"{HERE}/register", views.RegisterView.as_view(), name="announcement-register"),
    path(f"{HERE}/bids", views.RoundBidView.as_view(), name="announcement-bid"),
    path("disposals", views.DisposalsView.as_view(), name="disposals"),
    path("disposals/<str:disposal_id>", views.DisposalView.as_view(), name="disposal"),
]
