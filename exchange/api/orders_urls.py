"""Addresses of buying and of orders; included by `api.urls`."""

from django.urls import path

from exchange.api import orders

urlpatterns = [
    path("offers/<str:offer_id>/terms", orders.TermsView.as_view(), name="offer-terms"),
    path("orders", orders.OrdersView.as_view(), name="orders"),
    path("orders/<str:order_id>", orders.OrderView.as_view(), name="order"),
    path("orders/<str:order_id>/confirm", orders.ConfirmView.as_view(), name="order-confirm"),
    path("orders/<str:order_id>/decline", orders.DeclineView.as_view(), name="order-decline"),
    path("orders/<str:order_id>/cancel", orders.CancelView.as_view(), name="order-cancel"),
    path("orders/<str:order_id>/accept", orders.AcceptView.as_view(), name="order-accept"),
    path("orders/<str:order_id>/object", orders.ObjectView.as_view(), name="order-object"),
    path("orders/<str:order_id>/renewal", orders.RenewalView.as_view(), name="order-renewal"),
    path("orders/<str:order_id>/messages", orders.MessagesView.as_view(), name="order-messages"),
]
