"""Addresses of payments, earnings, payouts and papers."""

from django.urls import path

from exchange.api import settlement

urlpatterns = [
    path("payments", settlement.PaymentsView.as_view(), name="payments"),
    path("payments/<str:payment_id>", settlement.PaymentView.as_view(), name="payment"),
    path("earnings", settlement.EarningsView.as_view(), name="earnings"),
    path("payouts", settlement.PayoutsView.as_view(), name="payouts"),
    path("papers", settlement.PapersView.as_view(), name="papers"),
    path("papers/<str:number>", settlement.PaperView.as_view(), name="paper"),
]
