"""Addresses of records, for those whom they concern; within the versioned API."""

from django.urls import path

from exchange.api import audit

urlpatterns = [
    path("log/records", audit.RecordsView.as_view(), name="log_records"),
    path("log/records/<str:record_id>", audit.RecordView.as_view(), name="log_record"),
    path("log/records/<str:record_id>/bundle", audit.BundleView.as_view(), name="log_bundle"),
]
