"""Pages of sellers: their products and the publish wizard; included by `web.urls`."""

from django.urls import path

from exchange.web.views import (
    sell,
    sell_acts,
    sell_check,
    sell_data,
    sell_details,
    sell_offers,
    sell_revisions,
    sell_simulate,
    sell_use,
)

urlpatterns = [
    path("sell/", sell.show_all, name="sell"),
    path("sell/new/", sell.begin, name="sell_new"),
    path("sell/<str:product_id>/", sell.show, name="sell_product"),
    path("sell/<str:product_id>/acts/<slug:name>/", sell_acts.act, name="sell_act"),
    path("sell/<str:product_id>/data/", sell_data.show, name="sell_data"),
    path("sell/<str:product_id>/data/use/", sell_data.use_file, name="sell_use_file"),
    path("sell/<str:product_id>/dictionary/", sell_data.dictionary, name="sell_dictionary"),
    path("sell/<str:product_id>/about/", sell_details.about, name="sell_about"),
    path("sell/<str:product_id>/licence/", sell_details.licence, name="sell_licence"),
    path("sell/<str:product_id>/offers/", sell_offers.show, name="sell_offers"),
    path("sell/<str:product_id>/offers/by-use/", sell_use.show, name="sell_use"),
    path(
        "sell/<str:product_id>/offers/<str:offer_id>/withdraw/",
        sell_offers.withdraw,
        name="sell_offer_withdraw",
    ),
    path("sell/<str:product_id>/simulate/", sell_simulate.show, name="sell_simulate"),
    path("sell/<str:product_id>/check/", sell_check.show, name="sell_check"),
    path("sell/<str:product_id>/publish/", sell_revisions.publish, name="sell_publish"),
    path(
        "sell/<str:product_id>/revisions/<str:revision_id>/revoke/",
        sell_revisions.revoke,
        name="sell_revoke",
    ),
]
