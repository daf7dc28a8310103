"""Addresses of negotiation."""

from django.urls import URLPattern, path

from exchange.api import negotiations as views

HERE = "negotiations/<str:negotiation_id>"

urlpatterns: list[URLPattern] = [
    path("negotiations", views.NegotiationsView.as_view(), name="negotiations"),
    path(HERE, views.NegotiationView.as_view(), name="negotiation"),
    path(f"{HERE}/proposals", views.ProposalsView.as_view(), name="negotiation-proposals"),
    path(f"{HERE}/counter", views.CounterView.as_view(), name="negotiation-counter"),
    path(f"{HERE}/accept", views.AcceptView.as_view(), name="negotiation-accept"),
    path(f"{HERE}/decline", views.DeclineView.as_view(), name="negotiation-decline"),
    path(f"{HERE}/withdraw", views.WithdrawView.as_view(), name="negotiation-withdraw"),
]
