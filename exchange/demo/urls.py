"""The exchange's addresses and the demo's own."""

from django.urls import include, path

from exchange.demo import views

urlpatterns = [
    path("demo/", include(([path("step-into/", views.step_into, name="step_into")], "demo"))),
    path("", include("exchange.urls")),
]
