"""The exchange's addresses and the demo's own."""

from django.urls import include, path

from exchange.demo import views

# Django asks for the pages of errors where the addresses begin, and nowhere else.
from exchange.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [
    path("demo/", include(([path("step-into/", views.step_into, name="step_into")], "demo"))),
    path("", include("exchange.urls")),
]
