"""The REST API, version 1. A room's addresses are included with one line each."""

from django.urls import URLPattern, URLResolver, include, path

from exchange.api import accounts
from exchange.api.accounts import DocsView, SchemaView

app_name = "api"
_version_1: list[URLPattern | URLResolver] = [
    path("", accounts.RootView.as_view(), name="root"),
    path("schema", SchemaView.as_view(), name="schema"),
    path("docs", DocsView.as_view(), name="docs"),
    path("", include("exchange.api.accounts_urls")),
    path("", include("exchange.api.members_urls")),
    path("", include("exchange.api.audit_urls")),
    path("", include("exchange.api.ledger_urls")),
    path("", include("exchange.api.orders_urls")),
    path("", include("exchange.api.vault_urls")),
    path("", include("exchange.api.delivery_urls")),
    path("", include("exchange.api.catalogue_urls")),
    path("", include("exchange.api.payments_urls")),
    path("", include("exchange.api.selling_urls")),
    path("", include("exchange.api.auctions_urls")),
    path("", include("exchange.api.contracts_urls")),
    path("", include("exchange.api.asset_sales_urls")),
    path("", include("exchange.api.negotiation_urls")),
    path("", include("exchange.api.usage_urls")),
]
urlpatterns = [path("v1/", include(_version_1))]
