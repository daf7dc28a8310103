"""Pages of use by the meter."""

from django.urls import URLPattern, path

from exchange.web.views import usage, usage_cost, usage_documents

urlpatterns: list[URLPattern] = [
    path("offers/<str:offer_id>/cost/", usage_cost.show, name="usage_cost"),
    path("usage/", usage.show_all, name="usage"),
    path("usage/<str:subscription_id>/", usage.show, name="usage_meter"),
    path("usage/<str:subscription_id>/version", usage.version, name="usage_version"),
    path(
        "usage/<str:subscription_id>/receipts/<day:day>.json",
        usage_documents.download_receipt,
        name="usage_receipt",
    ),
    path(
        "usage/<str:subscription_id>/receipts/<day:day>.ndjson",
        usage_documents.download_events,
        name="usage_receipt_events",
    ),
    path("usage/<str:subscription_id>/cap/", usage.set_cap, name="usage_cap"),
    path("usage/<str:subscription_id>/end/", usage.end, name="usage_end"),
    path(
        "usage/<str:subscription_id>/bills/<int:number>.json",
        usage_documents.download_bill,
        name="usage_bill",
    ),
]
