"""Pages of finding and judging; included by `web.urls`."""

from django.urls import path

from exchange.web.views import (
    catalogue,
    catalogue_compare,
    catalogue_demands,
    catalogue_product,
    catalogue_reviews,
    catalogue_watching,
)

urlpatterns = [
    path("catalogue/", catalogue.show, name="catalogue"),
    path("products/<str:product_id>/", catalogue_product.show, name="product"),
    path(
        "products/<str:product_id>/samples/<str:table_id>.csv",
        catalogue_product.download_sample,
        name="product_sample",
    ),
    path("products/<str:product_id>/watch/", catalogue_watching.watch, name="product_watch"),
    path("products/<str:product_id>/reviews/", catalogue_reviews.write, name="product_review"),
    path("reviews/<str:review_id>/reply/", catalogue_reviews.reply, name="review_reply"),
    path("compare/", catalogue_compare.show, name="compare"),
    path("watchlist/", catalogue_watching.show, name="watchlist"),
    path("searches/", catalogue_watching.save_search, name="search_save"),
    path(
        "searches/<str:search_id>/delete/", catalogue_watching.delete_search, name="search_delete"
    ),
    path("demands/", catalogue_demands.show_all, name="demands"),
    path("demands/new/", catalogue_demands.post, name="demand_new"),
    path("demands/<str:demand_id>/", catalogue_demands.show, name="demand"),
    path("demands/<str:demand_id>/answer/", catalogue_demands.answer, name="demand_answer"),
    path("demands/<str:demand_id>/close/", catalogue_demands.close, name="demand_close"),
]
