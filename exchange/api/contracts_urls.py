"""Addresses of contracts."""

from django.urls import URLPattern, path

from exchange.api import contracts as views

HERE = "contracts/<str:contract_id>"

urlpatterns: list[URLPattern] = [
    path("contracts", views.ContractsView.as_view(), name="contracts"),
    path(HERE, views.ContractView.as_view(), name="contract"),
    path(f"{HERE}/document", views.ContractDocumentView.as_view(), name="contract-document"),
    path(f"{HERE}/policy", views.ContractPolicyView.as_view(), name="contract-policy"),
]
