"""Pages of stored files; included by `web.urls`."""

from django.urls import path

from exchange.web.views import files

urlpatterns = [
    path("sell/files/", files.show_all, name="files"),
    path("sell/files/<str:file_id>/", files.show, name="file"),
    path("sell/files/<str:file_id>/progress.json", files.progress, name="file_progress"),
    path("sell/files/<str:file_id>/read-again/", files.read_again, name="file_read_again"),
    path("sell/files/<str:file_id>/remove/", files.remove, name="file_remove"),
    path("sell/uploads/<str:upload_id>/abandon/", files.abandon, name="upload_abandon"),
]
