"""Pages of the exchange."""

from django.urls import path

from exchange.web import members_urls
from exchange.web.views import guide, health, home, log

app_name = "web"
urlpatterns = [
    path("", home.show, name="home"),
    path("help/", guide.show, name="help"),
    path("log/", log.show, name="log"),
    path("log/verify/", log.explain_verifying, name="log_verify"),
    path("log/verify.py", log.download_verifier, name="log_verifier"),
    path("log/entries/<int:index>/", log.show_entry, name="log_entry"),
    path("log/entries/<int:index>/proof.json", log.download_proof, name="log_proof"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    *members_urls.urlpatterns,
]
