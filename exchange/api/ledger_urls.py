"""Addresses of the books."""

from django.urls import path

from exchange.api import ledger

urlpatterns = [
    path("ledger/accounts", ledger.LedgerAccountsView.as_view(), name="ledger-accounts"),
    path(
        "ledger/accounts/<str:account_id>/statement",
        ledger.StatementView.as_view(),
        name="ledger-statement",
    ),
    path(
        "ledger/accounts/<str:account_id>/statement.csv",
        ledger.StatementCsvView.as_view(),
        name="ledger-statement-csv",
    ),
]
