"""Addresses of what stands before every area."""

from django.urls import path

from exchange.web.site import home, legal, views

urlpatterns = [
    path("", home.show, name="home"),
    path("help/", views.show_help, name="help"),
    path("legal/<slug:name>/", legal.show, name="legal"),
    path("banners/<slug:banner_id>/close", views.close_banner, name="banner_close"),
    path("problems/", views.show_problems, name="problems"),
    path("problems/<slug:code>", views.show_problem, name="problem"),
    path("healthz", views.alive, name="healthz"),
    path("readyz", views.ready, name="readyz"),
]
