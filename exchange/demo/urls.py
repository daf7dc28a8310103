"""The exchange's addresses and the demo's own."""

from django.urls import include, path, re_path

from exchange.demo import views
from exchange.demo.mailbox import NAME

demo = [
    path("step-into/", views.step_into, name="step_into"),
    path("mail/", views.show_mailbox, name="mailbox"),
    re_path(rf"^mail/(?P<name>{NAME})/$", views.show_mail, name="mail"),
]
urlpatterns = [
    path("demo/", include((demo, "demo"))),
    path("", include("exchange.urls")),
]

# Django asks for the pages of errors where the addresses begin, and nowhere else: as in exchange.urls,
# which a test compares.
handler400 = "exchange.web.errors.bad_request"
handler403 = "exchange.web.errors.forbidden"
handler404 = "exchange.web.errors.not_found"
handler500 = "exchange.web.errors.failed"
