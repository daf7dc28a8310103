"""Addresses of what was bought; included by `api.urls`."""

from django.urls import path, re_path

from exchange.api import delivery
from exchange.delivery.lifecycle import Form

_FORMS = "|".join(Form.values)

urlpatterns = [
    path("entitlements", delivery.EntitlementsView.as_view(), name="entitlements"),
    path(
        "entitlements/<str:entitlement_id>", delivery.EntitlementView.as_view(), name="entitlement"
    ),
    path("entitlements/<str:entitlement_id>/links", delivery.LinksView.as_view(), name="links"),
    re_path(
        rf"^entitlements/(?P<entitlement_id>\w+)/tables/(?P<table_id>\w+)\.(?P<form>{_FORMS})$",
        delivery.ContentView.as_view(),
        name="table-content",
    ),
]
