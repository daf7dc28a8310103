"""Addresses of contracts."""

from django.urls import path

from exchange.web.contracts import views

urlpatterns = [
    path("contracts/", views.show_all, name="contracts"),
    path("contracts/<str:contract_id>/", views.show, name="contract"),
    path("contracts/<str:contract_id>/call-off/", views.call_off, name="contract_call_off"),
    path("contracts/<str:contract_id>/sign/", views.sign, name="contract_sign"),
    path(
        "contracts/<str:contract_id>/download.<slug:form>",
        views.download,
        name="contract_download",
    ),
]
