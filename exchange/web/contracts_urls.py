"""Pages of contracts."""

from django.urls import URLPattern, path

from exchange.web.views import contracts

urlpatterns: list[URLPattern] = [
    path("contracts/", contracts.show_all, name="contracts"),
    path("contracts/<str:contract_id>/", contracts.show, name="contract"),
    path("contracts/<str:contract_id>/call-off/", contracts.call_off, name="contract_call_off"),
    path("contracts/<str:contract_id>/sign/", contracts.sign, name="contract_sign"),
    path(
        "contracts/<str:contract_id>/download.<slug:form>",
        contracts.download,
        name="contract_download",
    ),
]
