"""Addresses of finding: the catalogue, comparing, watching, and requests for data."""

from django.urls import path

from exchange.web.catalogue import views, views_demands, views_sellers

urlpatterns = [
    path("catalogue/", views.show, name="catalogue"),
    path("sellers/<str:organisation_id>/", views_sellers.show, name="seller"),
    path("products/<str:product_id>/watch/", views.watch, name="product_watch"),
    path("compare/", views.compare, name="compare"),
    path("watchlist/", views.show_watchlist, name="watchlist"),
    path("searches/", views.save_search, name="search_save"),
    path("searches/<str:search_id>/delete/", views.delete_search, name="search_delete"),
    path("demands/", views_demands.show_all, name="demands"),
    path("demands/new/", views_demands.post, name="demand_new"),
    path("demands/<str:demand_id>/", views_demands.show, name="demand"),
    path("demands/<str:demand_id>/answer/", views_demands.answer, name="demand_answer"),
    path("demands/<str:demand_id>/close/", views_demands.close, name="demand_close"),
]
