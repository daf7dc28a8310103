"""Pages of payments, earnings, payouts and invoices, and the door for the provider's messages."""

from django.urls import path

from exchange.web.views import earnings, payments, test_card

urlpatterns = [
    path("payments/<str:payment_id>/", payments.show, name="payment"),
    path("payments/<str:payment_id>/card/", payments.go_to_card, name="payment_card"),
    path("payments/<str:payment_id>/back/", payments.come_back, name="payment_back"),
    path("payments/<str:payment_id>/test-card/", test_card.show, name="test_card"),
    path("sell/earnings/", earnings.show, name="earnings"),
    path("sell/earnings.csv", earnings.download, name="earnings_csv"),
    path("sell/payouts/", earnings.show_payouts, name="payouts"),
    path("sell/payouts/account/", earnings.give_account, name="payout_account"),
    path("invoices/", earnings.show_invoices, name="invoices"),
    path("webhooks/payments", payments.hear, name="payment_messages"),
]
