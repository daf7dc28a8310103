"""Addresses of buying and of orders; included by `web.urls`."""

from django.urls import path

from exchange.web.views import orders, orders_acting, orders_checkout, partners

urlpatterns = [
    path("offers/<str:offer_id>/buy/", orders_checkout.buy, name="checkout"),
    path("buying-limit/", orders_checkout.limit, name="buying_limit"),
    path("partners/", partners.show_all, name="partners"),
    path("partners/<str:tier_id>/end/", partners.end, name="partner_end"),
    path("orders/", orders.show_all, name="orders"),
    path("orders/<str:order_id>/", orders.show, name="order"),
    path("orders/<str:order_id>/version", orders.version, name="order_version"),
    path("orders/<str:order_id>/terms.json", orders.download_terms, name="order_terms"),
    path("orders/<str:order_id>/confirm/", orders_acting.confirm, name="order_confirm"),
    path("orders/<str:order_id>/decline/", orders_acting.decline, name="order_decline"),
    path("orders/<str:order_id>/cancel/", orders_acting.cancel, name="order_cancel"),
    path("orders/<str:order_id>/accept/", orders_acting.accept, name="order_accept"),
    path("orders/<str:order_id>/object/", orders_acting.object_to, name="order_object"),
    path("orders/<str:order_id>/message/", orders_acting.write, name="order_message"),
    path("orders/<str:order_id>/renewal/", orders_acting.set_renewal, name="order_renewal"),
]
