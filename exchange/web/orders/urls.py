"""Addresses of buying and of orders."""

from django.urls import path

from exchange.web.orders import comparison, views, views_checkout, views_refund

urlpatterns = [
    path("offers/<str:offer_id>/buy/", views_checkout.buy, name="checkout"),
    path("buying-limit/", views_checkout.limit, name="buying_limit"),
    path("buying-limit/<str:request_id>/", views_checkout.decide_limit, name="decide_limit"),
    path("discount-tiers/", views.discounts, name="discount_tiers"),
    path("discount-tiers/<str:tier_id>/end/", views.end_discount, name="discount_tier_end"),
    path("ruling-rules/", comparison.show_rules, name="ruling_rules"),
    path("orders/", views.show_all, name="orders"),
    path("orders/<str:order_id>/", views.show, name="order"),
    path("orders/<str:order_id>/version", views.version, name="order_version"),
    path("orders/<str:order_id>/terms.json", views.download_terms, name="order_terms"),
    path("orders/<str:order_id>/confirm/", views.confirm, name="order_confirm"),
    path("orders/<str:order_id>/decline/", views.decline, name="order_decline"),
    path("orders/<str:order_id>/cancel/", views.cancel, name="order_cancel"),
    path("orders/<str:order_id>/accept/", views.accept, name="order_accept"),
    path("orders/<str:order_id>/object/", views.object_to, name="order_object"),
    path("orders/<str:order_id>/refund/", views_refund.refund, name="order_refund"),
    path("orders/<str:order_id>/message/", views.write, name="order_message"),
    path("orders/<str:order_id>/case.zip", views.download_case_file, name="order_case_file"),
    path("orders/<str:order_id>/comparison/", comparison.show, name="order_comparison"),
    path("orders/<str:order_id>/comparison/ask/", comparison.ask, name="order_comparison_ask"),
    path("orders/<str:order_id>/renewal/", views.set_renewal, name="order_renewal"),
]
