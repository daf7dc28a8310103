"""Printed papers, and the public page that verifies a certificate; included by `web.urls`."""

from django.urls import path

from exchange.web.views import papers, verification

urlpatterns = [
    path("orders/<str:order_id>/papers/<slug:kind>.<slug:form>", papers.show, name="paper"),
    path("papers/<str:number>.<slug:form>", papers.show_numbered, name="numbered_paper"),
    path("verify/", verification.ask, name="verify"),
    path("verify/<str:number>/", verification.show, name="verify_certificate"),
]
