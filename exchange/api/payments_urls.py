"""Addresses of payments, earnings, payouts and documents."""

from django.urls import path

from exchange.api import payments

urlpatterns = [
    path("payments", payments.PaymentsView.as_view(), name="payments"),
    path("payments/<str:payment_id>", payments.PaymentView.as_view(), name="payment"),
    path("earnings", payments.EarningsView.as_view(), name="earnings"),
    path("payouts", payments.PayoutsView.as_view(), name="payouts"),
    path("documents", payments.DocumentsView.as_view(), name="documents"),
    path("documents/<str:number>", payments.DocumentView.as_view(), name="document"),
]
