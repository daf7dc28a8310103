"""Addresses of paying, the wallet, earnings, payouts and invoices."""

from django.urls import path

from exchange.web.payments import (
    views,
    views_cards,
    views_departments,
    views_distributions,
    views_earnings,
    views_money,
    views_tax,
    views_top_ups,
)

urlpatterns = [
    path("orders/<str:order_id>/pay/", views.pay, name="order_pay"),
    path("payments/<str:payment_id>/", views.show, name="payment"),
    path("payments/<str:payment_id>/card/", views.go_to_card, name="payment_card"),
    path("payments/<str:payment_id>/back/", views.come_back, name="payment_back"),
    path("payments/<str:payment_id>/test-card/", views.show_test_card, name="test_card"),
    path("sell/earnings/", views_earnings.show, name="earnings"),
    path("sell/earnings/held/", views_earnings.show_held, name="earnings_held"),
    path("sell/earnings.csv", views_earnings.download, name="earnings_csv"),
    path("sell/departments/", views_departments.show, name="departments"),
    path("sell/departments.csv", views_departments.download, name="departments_csv"),
    path("sell/distributions/", views_distributions.show_all, name="distributions"),
    path(
        "sell/distributions/<str:distribution_id>/", views_distributions.show, name="distribution"
    ),
    path(
        "sell/distributions/<str:distribution_id>/sales.csv",
        views_distributions.download,
        name="distribution_csv",
    ),
    path(
        "sell/distributions/<str:distribution_id>/send/",
        views_distributions.send,
        name="distribution_send",
    ),
    path(
        "sell/distributions/<str:distribution_id>/agree/",
        views_distributions.agree,
        name="distribution_agree",
    ),
    path(
        "sell/distributions/<str:distribution_id>/object/",
        views_distributions.object_to,
        name="distribution_object",
    ),
    path("sell/payouts/", views_earnings.show_payouts, name="payouts"),
    path("sell/statements/", views_earnings.show_statements, name="statements"),
    path("sell/tax/", views_tax.show, name="tax"),
    path("sell/tax.csv", views_tax.download, name="tax_csv"),
    path("sell/payouts/account/", views_earnings.give_account, name="payout_account"),
    path(
        "sell/payouts/account/back/",
        views_earnings.come_back_from_account,
        name="payout_account_back",
    ),
    path("invoices/", views_money.show_invoices, name="invoices"),
    path("webhooks/payments", views.hear, name="payment_messages"),
    path("wallet/", views_money.show_wallet, name="wallet"),
    path("wallet/withdraw/", views_money.withdraw, name="wallet_withdraw"),
    path("wallet/cards/", views_cards.show, name="saved_cards"),
    path("wallet/cards/add/", views_cards.add, name="saved_card_add"),
    path("wallet/cards/<str:card_id>/back/", views_cards.come_back, name="saved_card_back"),
    path(
        "wallet/cards/<str:card_id>/default/", views_cards.make_default, name="saved_card_default"
    ),
    path("wallet/cards/<str:card_id>/remove/", views_cards.remove, name="saved_card_remove"),
    path("wallet/top-up/", views_top_ups.ask, name="wallet_top_up"),
    path("wallet/top-ups/<str:top_up_id>/card/", views_top_ups.go_to_card, name="top_up_card"),
    path("wallet/top-ups/<str:top_up_id>/back/", views_top_ups.come_back, name="top_up_back"),
    path(
        "wallet/top-ups/<str:top_up_id>/send-back/",
        views_top_ups.send_back,
        name="top_up_send_back",
    ),
]
