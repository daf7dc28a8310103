"""Where each door begins."""

from django.urls import include, path

from exchange.console.desk.urls import desk
from exchange.console.urls import console
from exchange.web.selling import editor

editor.stand_in(desk)

urlpatterns = [
    path("", include("exchange.web.urls")),
    path("accounts/", include("allauth.urls")),
    path("api/", include("exchange.api.urls")),
    path("log/", include("exchange.api.audit_public_urls")),
    path("console/", console.urls),
    path("desk/", desk.urls),
    path("i18n/", include("django.conf.urls.i18n")),
]

handler400 = "exchange.web.errors.bad_request"
handler403 = "exchange.web.errors.forbidden"
handler500 = "exchange.web.errors.failed"
handler404 = "exchange.web.errors.not_found"
