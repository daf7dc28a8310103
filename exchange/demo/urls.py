"""The exchange's addresses and the demo's own."""

from django.urls import include, path

from exchange.demo import views

urlpatterns = [
    path("demo/", include(([path("step-into/", views.step_into, name="step_into")], "demo"))),
    path("", include("exchange.urls")),
]

# Django asks for the pages of errors where the addresses begin, and nowhere else: as in exchange.urls,
# which a test compares.
handler400 = "exchange.web.errors.bad_request"
handler403 = "exchange.web.errors.forbidden"
handler404 = "exchange.web.errors.not_found"
handler500 = "exchange.web.errors.failed"
