"""The exchange's addresses, and those of records wherever the API includes them."""

from django.urls import include, path

from exchange.urls import urlpatterns as exchange_urls

urlpatterns = [
    path("api/v1/", include(("exchange.api.audit_urls", "audit_api"))),
    *exchange_urls,
]
