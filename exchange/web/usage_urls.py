"""Pages of use by the meter."""

from django.urls import URLPattern, path

from exchange.web.views import usage, usage_cost

urlpatterns: list[URLPattern] = [
    path("offers/<str:offer_id>/cost/", usage_cost.show, name="usage_cost"),
    path("usage/", usage.show_all, name="usage"),
    path("usage/<str:subscription_id>/", usage.show, name="usage_meter"),
    path("usage/<str:subscription_id>/version", usage.version, name="usage_version"),
    path("usage/<str:subscription_id>/cap/", usage.set_cap, name="usage_cap"),
    path("usage/<str:subscription_id>/end/", usage.end, name="usage_end"),
    path(
        "usage/<str:subscription_id>/bills/<int:number>.json",
        usage.download_bill,
        name="usage_bill",
    ),
]
