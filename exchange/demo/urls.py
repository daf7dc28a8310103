"""The exchange's addresses and the demo's own."""

from django.urls import include, path

from exchange.demo import views
from exchange.urls import handler400, handler403, handler404

# Django asks for the pages of errors where the addresses begin, and nowhere else.
__all__ = ["handler400", "handler403", "handler404", "urlpatterns"]

urlpatterns = [
    path("demo/", include(([path("step-into/", views.step_into, name="step_into")], "demo"))),
    path("", include("exchange.urls")),
]
