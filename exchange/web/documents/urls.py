"""Addresses of documents, and of the page that verifies a certificate."""

from django.urls import path

from exchange.web.documents import views, views_verify

urlpatterns = [
    path(
        "orders/<str:order_id>/documents/<slug:kind>.<slug:form>",
        views.show,
        name="order_document",
    ),
    path("documents/<str:number>.<slug:form>", views.show_numbered, name="numbered_document"),
    path("verify/", views_verify.ask, name="verify"),
    path("verify/<str:number>/", views_verify.show, name="verify_certificate"),
]
