"""Addresses of a seller's products and files; files come first, for a product is any other word."""

from django.urls import path

from exchange.web.selling import (
    views,
    views_details,
    views_files,
    views_flags,
    views_offers,
    views_shares,
)

urlpatterns = [
    path("sell/files/", views_files.show_all, name="files"),
    path("sell/files/<str:file_id>/", views_files.show, name="file"),
    path("sell/files/<str:file_id>/progress.json", views_files.progress, name="file_progress"),
    path("sell/files/<str:file_id>/read-again/", views_files.read_again, name="file_read_again"),
    path("sell/files/<str:file_id>/answer/", views_files.answer, name="file_answer"),
    path("sell/files/<str:file_id>/stop/", views_files.stop_reading, name="file_stop"),
    path("sell/files/<str:file_id>/remove/", views_files.remove, name="file_remove"),
    path("sell/uploads/<str:upload_id>/abandon/", views_files.abandon, name="upload_abandon"),
    path("sell/shares/", views_shares.show_received, name="shares"),
    path("sell/shares/<str:sharing_id>/agree/", views_shares.agree, name="shares_agree"),
    path("sell/shares/<str:sharing_id>/decline/", views_shares.decline, name="shares_decline"),
    path("sell/", views.show_all, name="sell"),
    path("sell/new/", views.begin, name="sell_new"),
    path("sell/<str:product_id>/", views.show, name="sell_product"),
    path("sell/<str:product_id>/acts/<slug:name>/", views.act, name="sell_act"),
    path("sell/<str:product_id>/data/", views_details.show, name="sell_data"),
    path("sell/<str:product_id>/data/use/", views_details.use_file, name="sell_use_file"),
    path("sell/<str:product_id>/data/answer/", views_details.answer_file, name="sell_answer_file"),
    path("sell/<str:product_id>/dictionary/", views_details.dictionary, name="sell_dictionary"),
    path("sell/<str:product_id>/personal/", views_flags.show, name="sell_personal"),
    path("sell/<str:product_id>/shares/", views_shares.show, name="sell_shares"),
    path(
        "sell/<str:product_id>/shares/<str:sharing_id>/withdraw/",
        views_shares.withdraw,
        name="sell_shares_withdraw",
    ),
    path("sell/<str:product_id>/about/", views_details.about, name="sell_about"),
    path("sell/<str:product_id>/licence/", views_details.licence, name="sell_licence"),
    path("sell/<str:product_id>/offers/", views_offers.show, name="sell_offers"),
    path("sell/<str:product_id>/offers/by-use/", views_offers.show_metered, name="sell_use"),
    path(
        "sell/<str:product_id>/offers/<str:offer_id>/withdraw/",
        views_offers.withdraw,
        name="sell_offer_withdraw",
    ),
    path("sell/<str:product_id>/simulate/", views_offers.show_simulator, name="sell_simulate"),
    path("sell/<str:product_id>/check/", views_details.show_check, name="sell_check"),
    path("sell/<str:product_id>/publish/", views.publish, name="sell_publish"),
    path(
        "sell/<str:product_id>/revisions/<str:revision_id>/revoke/",
        views.revoke,
        name="sell_revoke",
    ),
]
