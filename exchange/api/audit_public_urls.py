"""Addresses of the log for everybody. They are not versioned: printed documents and other logs name them."""

from django.urls import path

from exchange.api import audit

app_name = "log"
urlpatterns = [
    path("key", audit.KeyView.as_view(), name="key"),
    path("checkpoint", audit.CheckpointView.as_view(), name="checkpoint"),
    path("proof", audit.InclusionView.as_view(), name="proof"),
    path("consistency", audit.ConsistencyView.as_view(), name="consistency"),
    path("entries", audit.EntriesView.as_view(), name="entries"),
]
