"""Pages of the exchange."""

from exchange.web.accounts import urls as accounts
from exchange.web.asset_sales import urls as asset_sales
from exchange.web.auctions import urls as auctions
from exchange.web.books import urls as books
from exchange.web.catalogue import urls as catalogue
from exchange.web.contracts import urls as contracts
from exchange.web.disputes import urls as disputes
from exchange.web.documents import urls as documents
from exchange.web.log import urls as log
from exchange.web.members import urls as members
from exchange.web.negotiation import urls as negotiation
from exchange.web.notices import urls as notices
from exchange.web.orders import urls as orders
from exchange.web.payments import urls as payments
from exchange.web.product import urls as product
from exchange.web.purchases import urls as purchases
from exchange.web.selling import urls as selling
from exchange.web.site import urls as site
from exchange.web.usage import urls as usage

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
    *orders.urlpatterns,
    *disputes.urlpatterns,
    *documents.urlpatterns,
    *purchases.urlpatterns,
    *payments.urlpatterns,
    *auctions.urlpatterns,
    *contracts.urlpatterns,
    *asset_sales.urlpatterns,
    *negotiation.urlpatterns,
    *usage.urlpatterns,
    *selling.urlpatterns,  # last: /sell/…/ is any product
]
