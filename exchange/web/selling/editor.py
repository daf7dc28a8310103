"""The pages that edit a product, from the first word to its submission and to its next revision, as tabs of
the sellers' desk.

They are the views of the wizard in another layout: the same forms, use cases and permissions.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from exchange.web.selling import views, views_details, views_flags, views_offers
from exchange.web.selling.places import desk_of

ROUTES: tuple[tuple[str, Callable[..., HttpResponseBase], str], ...] = (
    ("products/new/", views.begin, "sell_new"),
    ("products/<str:product_id>/details/", views_details.about, "sell_about"),
    ("products/<str:product_id>/files/", views_details.show, "sell_data"),
    ("products/<str:product_id>/files/use/", views_details.use_file, "sell_use_file"),
    ("products/<str:product_id>/files/answer/", views_details.answer_file, "sell_answer_file"),
    ("products/<str:product_id>/dictionary/", views_details.dictionary, "sell_dictionary"),
    ("products/<str:product_id>/prices/", views_offers.show, "sell_offers"),
    ("products/<str:product_id>/prices/by-use/", views_offers.show_metered, "sell_use"),
    ("products/<str:product_id>/prices/try/", views_offers.show_simulator, "sell_simulate"),
    (
        "products/<str:product_id>/prices/<str:offer_id>/withdraw/",
        views_offers.withdraw,
        "sell_offer_withdraw",
    ),
    ("products/<str:product_id>/licence/", views_details.licence, "sell_licence"),
    ("products/<str:product_id>/documents/", views_details.documents, "sell_documents"),
    ("products/<str:product_id>/check/", views_details.show_check, "sell_check"),
    ("products/<str:product_id>/publish/", views.publish, "sell_publish"),
    ("products/<str:product_id>/personal/", views_flags.show, "sell_personal"),
)


class Site(Protocol):
    """An admin site that takes pages."""

    def page(self, route: str, view: Callable[..., HttpResponseBase], *, name: str) -> None: ...

    def each_context(self, request: HttpRequest) -> dict[str, Any]: ...


def stand_in(site: Site) -> None:
    """Let the site have the pages, behind its own door."""
    place = desk_of(site.each_context)
    for route, view, name in ROUTES:
        site.page(route, partial(view, place=place), name=name)
