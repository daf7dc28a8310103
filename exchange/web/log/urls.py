"""Addresses of the transparency log."""

from django.urls import path

from exchange.web.log import views

urlpatterns = [
    path("log/", views.show, name="log"),
    path("log/verify/", views.explain_verifying, name="log_verify"),
    path("log/verify.py", views.download_verifier, name="log_verifier"),
    path("log/verify_receipt.py", views.download_receipt_verifier, name="log_receipt_verifier"),
    path("log/entries/<int:index>/", views.show_entry, name="log_entry"),
    path("log/entries/<int:index>/proof.json", views.download_proof, name="log_proof"),
]
