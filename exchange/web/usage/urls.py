"""Addresses of metered usage."""

from django.urls import path

from exchange.web.usage import cost, disputes, views

urlpatterns = [
    path("offers/<str:offer_id>/cost/", cost.show, name="usage_cost"),
    path("usage/", views.show_all, name="usage"),
    path("usage/costs.csv", views.download_costs, name="usage_costs"),
    path("usage/disputes/<str:dispute_id>/", disputes.show, name="usage_dispute"),
    path(
        "usage/disputes/<str:dispute_id>/confirm/",
        disputes.confirm,
        name="usage_dispute_confirm",
    ),
    path("usage/disputes/<str:dispute_id>/refuse/", disputes.refuse, name="usage_dispute_refuse"),
    path("usage/<str:subscription_id>/", views.show, name="usage_meter"),
    path("usage/<str:subscription_id>/version", views.version, name="usage_version"),
    path(
        "usage/<str:subscription_id>/receipts/<day:day>.json",
        views.download_receipt,
        name="usage_receipt",
    ),
    path(
        "usage/<str:subscription_id>/receipts/<day:day>.ndjson",
        views.download_events,
        name="usage_receipt_events",
    ),
    path("usage/<str:subscription_id>/cap/", views.set_cap, name="usage_cap"),
    path("usage/<str:subscription_id>/object/", views.object_to, name="usage_object"),
    path("usage/<str:subscription_id>/end/", views.end, name="usage_end"),
    path(
        "usage/<str:subscription_id>/bills/<int:number>.json",
        views.download_bill,
        name="usage_bill",
    ),
]
