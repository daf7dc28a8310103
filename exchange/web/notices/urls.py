"""Addresses of the inbox."""

from django.urls import path

from exchange.web.notices import views

urlpatterns = [
    path("notices/", views.show, name="notices"),
    path("notices/read/", views.read_all, name="notices_read"),
    path("notices/preferences/", views.preferences, name="notices_preferences"),
    path("notices/<str:notice_id>/", views.open_notice, name="notice"),
]
