"""Addresses of files and uploads; included by `api.urls`."""

from django.urls import path

from exchange.api import uploads, vault

urlpatterns = [
    path("files", vault.FilesView.as_view(), name="files"),
    path("files/<str:file_id>", vault.FileView.as_view(), name="file"),
    path(
        "files/<str:file_id>/read_again", vault.FileReadAgainView.as_view(), name="file-read-again"
    ),
    path("uploads", uploads.UploadsView.as_view(), name="uploads"),
    path("uploads/<str:upload_id>", uploads.UploadView.as_view(), name="upload"),
]
