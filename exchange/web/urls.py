"""Pages of the exchange."""

from django.urls import path

from exchange.web.views import health, home

app_name = "web"
urlpatterns = [
    path("", home.show, name="home"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
]
