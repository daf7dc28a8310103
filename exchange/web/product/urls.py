"""Addresses of one product."""

from django.urls import path

from exchange.web.product import views

urlpatterns = [
    path("products/<str:product_id>/", views.show, name="product"),
    path(
        "products/<str:product_id>/samples/<str:table_id>.csv",
        views.download_sample,
        name="product_sample",
    ),
    path("products/<str:product_id>/reviews/", views.write, name="product_review"),
    path("reviews/<str:review_id>/reply/", views.reply, name="review_reply"),
]
