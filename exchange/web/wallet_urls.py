"""Pages of the wallet."""

from django.urls import URLPattern, path

from exchange.web.views import wallet

urlpatterns: list[URLPattern] = [
    path("wallet/", wallet.show, name="wallet"),
    path("wallet/withdraw/", wallet.withdraw, name="wallet_withdraw"),
]
