"""Pages of what was bought and the counter where it is fetched; included by `web.urls`."""

from django.urls import path

from exchange.web.views import downloads, purchases

urlpatterns = [
    path("purchases/", purchases.show_all, name="purchases"),
    path("purchases/<str:entitlement_id>/", purchases.show, name="entitlement"),
    path(
        "purchases/<str:entitlement_id>/<str:table_id>/<str:form>/",
        purchases.fetch,
        name="purchase_fetch",
    ),
    path("d/<str:token>", downloads.send, name="download"),
]
