"""Addresses of what was bought, and where it is fetched."""

from django.urls import path

from exchange.web.purchases import views

urlpatterns = [
    path("purchases/", views.show_all, name="purchases"),
    path("purchases/<str:entitlement_id>/", views.show, name="entitlement"),
    path(
        "purchases/<str:entitlement_id>/<str:table_id>/<str:form>/",
        views.fetch,
        name="purchase_fetch",
    ),
    path("purchases/<str:entitlement_id>/links", views.make_link, name="purchase_link"),
    path(
        "purchases/<str:entitlement_id>/links/<str:link_id>/end",
        views.end_link,
        name="purchase_link_end",
    ),
    path("d/<str:token>", views.send, name="download"),
]
