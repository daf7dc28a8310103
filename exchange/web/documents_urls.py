"""Printed documents, and the public page that verifies a certificate; included by `web.urls`."""

from django.urls import path

from exchange.web.views import documents, verification

urlpatterns = [
    path(
        "orders/<str:order_id>/documents/<slug:kind>.<slug:form>",
        documents.show,
        name="order_document",
    ),
    path("documents/<str:number>.<slug:form>", documents.show_numbered, name="numbered_document"),
    path("verify/", verification.ask, name="verify"),
    path("verify/<str:number>/", verification.show, name="verify_certificate"),
]
