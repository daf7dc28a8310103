"""Addresses of usage."""

from django.urls import path

from exchange.api import usage, usage_receipts

urlpatterns = [
    path("usage", usage.UsageView.as_view(), name="usage"),
    path("usage/subscriptions", usage.SubscriptionsView.as_view(), name="usage-subscriptions"),
    path(
        "usage/subscriptions/<str:subscription_id>/bills",
        usage.BillsView.as_view(),
        name="usage-bills",
    ),
    path(
        "usage/subscriptions/<str:subscription_id>/receipts",
        usage_receipts.ReceiptsView.as_view(),
        name="usage-receipts",
    ),
    path(
        "usage/subscriptions/<str:subscription_id>/receipts/<day:day>",
        usage_receipts.ReceiptView.as_view(),
        name="usage-receipt",
    ),
    path(
        "usage/subscriptions/<str:subscription_id>/receipts/<day:day>/events",
        usage_receipts.ReceiptEventsView.as_view(),
        name="usage-receipt-events",
    ),
    path(
        "usage/subscriptions/<str:subscription_id>/cap", usage.CapView.as_view(), name="usage-cap"
    ),
    path(
        "usage/subscriptions/<str:subscription_id>/end", usage.EndView.as_view(), name="usage-end"
    ),
]
