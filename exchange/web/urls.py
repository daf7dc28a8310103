"""Pages of the exchange."""

from django.urls import path

from exchange.web import (
    accounts_urls,
    asset_sales_urls,
    auctions_urls,
    catalogue_urls,
    contracts_urls,
    documents_urls,
    files_urls,
    members_urls,
    negotiation_urls,
    notices_urls,
    orders_urls,
    payments_urls,
    purchases_urls,
    sell_urls,
    usage_urls,
    wallet_urls,
)
from exchange.web.views import books, guide, health, home, log, problems

app_name = "web"
urlpatterns = [
    path("", home.show, name="home"),
    path("books/", books.show, name="books"),
    path("books/<str:account_id>/", books.show_statement, name="statement"),
    path("books/<str:account_id>/statement.csv", books.download_statement, name="statement_csv"),
    path("help/", guide.show, name="help"),
    path("problems/", problems.show_all, name="problems"),
    path("problems/<slug:code>", problems.show, name="problem"),
    path("log/", log.show, name="log"),
    path("log/verify/", log.explain_verifying, name="log_verify"),
    path("log/verify.py", log.download_verifier, name="log_verifier"),
    path("log/verify_receipt.py", log.download_receipt_verifier, name="log_receipt_verifier"),
    path("log/entries/<int:index>/", log.show_entry, name="log_entry"),
    path("log/entries/<int:index>/proof.json", log.download_proof, name="log_proof"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    *accounts_urls.urlpatterns,
    *catalogue_urls.urlpatterns,
    *members_urls.urlpatterns,
    *notices_urls.urlpatterns,
    *orders_urls.urlpatterns,
    *documents_urls.urlpatterns,
    *files_urls.urlpatterns,
    *purchases_urls.urlpatterns,
    *payments_urls.urlpatterns,
    *sell_urls.urlpatterns,
    *auctions_urls.urlpatterns,
    *contracts_urls.urlpatterns,
    *asset_sales_urls.urlpatterns,
    *negotiation_urls.urlpatterns,
    *usage_urls.urlpatterns,
    *wallet_urls.urlpatterns,
]
