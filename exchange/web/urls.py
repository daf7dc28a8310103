"""Pages of the exchange."""

from exchange.web import (
    asset_sales_urls,
    auctions_urls,
    catalogue_urls,
    contracts_urls,
    documents_urls,
    files_urls,
    negotiation_urls,
    orders_urls,
    payments_urls,
    purchases_urls,
    sell_urls,
    usage_urls,
    wallet_urls,
)
from exchange.web.accounts import urls as accounts
from exchange.web.books import urls as books
from exchange.web.log import urls as log
from exchange.web.members import urls as members
from exchange.web.notices import urls as notices
from exchange.web.site import urls as site

app_name = "web"
urlpatterns = [
    *site.urlpatterns,
    *books.urlpatterns,
    *log.urlpatterns,
    *accounts.urlpatterns,
    *catalogue_urls.urlpatterns,
    *members.urlpatterns,
    *notices.urlpatterns,
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
