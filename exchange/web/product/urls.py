"""Addresses of one product."""

from django.urls import path

from exchange.web.product import views, views_questions

urlpatterns = [
    path("products/<str:product_id>/", views.show, name="product"),
    path(
        "products/<str:product_id>/samples/<str:table_id>.csv",
        views.download_sample,
        name="product_sample",
    ),
    path("products/<str:product_id>/reviews/", views.write, name="product_review"),
    path("products/<str:product_id>/questions/", views_questions.show, name="questions"),
    path("products/<str:product_id>/questions/new/", views_questions.ask, name="question_ask"),
    path("questions/<str:question_id>/", views_questions.show_one, name="question"),
    path("reviews/<str:review_id>/reply/", views.reply, name="review_reply"),
]
