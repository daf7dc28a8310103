"""Addresses of the books."""

from django.urls import path

from exchange.web.books import views

urlpatterns = [
    path("books/", views.show, name="books"),
    path("books/journal.csv", views.download_journal, name="journal"),
    path("books/<str:account_id>/", views.show_statement, name="statement"),
    path("books/<str:account_id>/statement.csv", views.download_statement, name="statement_csv"),
]
