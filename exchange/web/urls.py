"""Pages of the exchange."""

from exchange.web import (
    asset_sales_urls,
    auctions_urls,
    contracts_urls,
    documents_urls,
    negotiation_urls,
    orders_urls,
    payments_urls,
    purchases_urls,
    usage_urls,
    wallet_urls,
)
from exchange.web.accounts import urls as accounts
from exchange.web.books import urls as books
from exchange.web.catalogue import urls as catalogue
from exchange.web.log import urls as log
from exchange.web.members import urls as members
from exchange.web.notices import urls as notices
from exchange.web.product import urls as product
from exchange.web.selling import urls as selling
from exchange.web.site import urls as site

app_name = "web"
urlpatterns = [
    *site.urlpatterns,
    *books.urlpatterns,
    *log.urlpatterns,
    *accounts.urlpatterns,
    *catalogue.urlpatterns,
    *product.urlpatterns,
    *members.urlpatterns,
    *notices.urlpatterns,
    *orders_urls.urlpatterns,
    *documents_urls.urlpatterns,
    *selling.urlpatterns,
    *purchases_urls.urlpatterns,
    *payments_urls.urlpatterns,
    *auctions_urls.urlpatterns,
    *contracts_urls.urlpatterns,
    *asset_sales_urls.urlpatterns,
    *negotiation_urls.urlpatterns,
    *usage_urls.urlpatterns,
    *wallet_urls.urlpatterns,
]
