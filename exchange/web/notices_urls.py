"""Pages of the inbox; included by `web.urls`."""

from django.urls import path

from exchange.web.views import notices

urlpatterns = [
    path("notices/", notices.show, name="notices"),
    path("notices/read/", notices.read_all, name="notices_read"),
    path("notices/preferences/", notices.preferences, name="notices_preferences"),
    path("notices/<str:notice_id>/", notices.open_notice, name="notice"),
]
