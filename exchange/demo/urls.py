"""The exchange's addresses and the demo's own."""

from django.urls import include, path

from exchange.demo import views

# Django asks for the pages of errors where the addresses begin, and nowhere else.
from exchange.urls import handler400 as handler400
from exchange.urls import handler403 as handler403
from exchange.urls import handler404 as handler404
from exchange.urls import handler500 as handler500

urlpatterns = [
    path("demo/", include(([path("step-into/", views.step_into, name="step_into")], "demo"))),
    path("", include("exchange.urls")),
]

# Django asks for the pages of errors where the addresses begin, and nowhere else: as in exchange.urls.
