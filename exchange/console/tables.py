"""Tables that are read in the console and written elsewhere."""

from collections.abc import Callable, Sequence
from functools import update_wrapper
from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.db.models import Model
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path
from unfold import paginator as theme
from unfold.admin import ModelAdmin, TabularInline

from exchange.console.access import may_change, may_open
from exchange.console.actors import learn
from exchange.console.fields import Reading, actors_in, reading

PAGE_ROWS = 50
PAGES_MAX = 200


class InfinitePaginator(theme.InfinitePaginator):  # type: ignore[misc]  # the theme ships no types
    """Pages without counting the table, and no further than PAGES_MAX: later rows are found by search.

    The theme knows by this very name that there is no count to show.
    """

    @property
    def count(self) -> int:
        return int(self.per_page) * PAGES_MAX


class ReadOnly:
    """Nothing is added, changed or deleted through the tables of the console."""

    model: type[Model]
    fields: Sequence[str] = ()

    def get_fields(self, *_args: Any) -> Sequence[Reading | str]:
        return [reading(self.model, name, linked=True) for name in self.fields]

    def get_readonly_fields(self, *_args: Any) -> Sequence[Reading | str]:
        return self.get_fields()

    def has_add_permission(self, *_args: Any) -> bool:
        return False

    def has_change_permission(self, *_args: Any) -> bool:
        return False

    def has_delete_permission(self, *_args: Any) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, *_args: Any) -> bool:
        return may_open(request)


class ReadOnlyTable(ReadOnly, ModelAdmin):  # type: ignore[misc]  # the theme ships no types
    """A list and a page for each row. What changes a row is a named action with a page of its own.

    Lists are never counted; they are sorted as declared, since a click on any column would sort a
    table of any size.
    """

    actions = None
    paginator = InfinitePaginator
    show_full_result_count = False
    list_per_page = PAGE_ROWS
    sortable_by: Sequence[str] = ()
    list_filter_sheet = True
    view_on_site = False
    compressed_fields = True

    def get_list_display(self, _request: HttpRequest) -> Sequence[Reading | str]:
        return [reading(self.model, name, linked=False) for name in self.list_display]

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """With the names of all who stand in its rows, asked for at once."""
        found: ChangeList = super().get_changelist_instance(request)
        learn(actors_in(found.result_list, self.list_display))
        return found

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_open(request)

    def has_act_permission(self, request: HttpRequest, _row: object = None) -> bool:
        """For `permissions=["act"]` of an action: operators only."""
        return may_change(request)

    def get_urls(self) -> list[URLPattern]:
        """The list, the row and the named actions; no form to add, delete or import exists."""
        unwanted = {f"{self._route()}_{step}" for step in ("add", "history", "delete")}
        urls = [url for url in super().get_urls() if getattr(url, "name", None) not in unwanted]
        return [url for url in urls if getattr(url, "name", None)]  # not the legacy redirect

    def page(self, route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
        """A URL of one more page about this table, behind the console's door."""
        guarded = self.admin_site.admin_view(view)
        return path(route, update_wrapper(guarded, view), name=f"{self._route()}_{name}")

    def _route(self) -> str:
        meta = self.model._meta
        return f"{meta.app_label}_{meta.model_name}"


class ReadOnlyRows(ReadOnly, TabularInline):  # type: ignore[misc]  # the theme ships no types
    """Rows that belong to the row shown; at most `per_page` at a time."""

    extra = 0
    max_num = 0
    can_delete = False
    per_page = 20
    show_change_link = False
    tab = False
    hide_title = True
