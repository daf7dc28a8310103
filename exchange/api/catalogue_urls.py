"""Addresses of the catalogue."""

from django.urls import path

from exchange.api import catalogue

urlpatterns = [
    path("products", catalogue.ProductsView.as_view(), name="products"),
    path("products/<str:product_id>", catalogue.ProductView.as_view(), name="product"),
]
