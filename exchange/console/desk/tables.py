"""Lists of the desk: the rows of one organisation, addressed by their public ids, also as CSV."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import quote
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, reverse
from django.utils.functional import lazy
from django.utils.safestring import SafeString
from unfold.admin import checkbox

from exchange.console.access import actor_of
from exchange.console.marks import Text, column
from exchange.console.sorting import SortableList
from exchange.console.tables import PAGE_ROWS, ReadOnlyTable
from exchange.members.actors import organisation_of

Cell = Callable[[Any], object]
# The box above the list's own, in the reader's language.
choose_all = lazy(checkbox.render, SafeString)


class ListOfOwn(SortableList):
    """A list whose rows are addressed by their public ids."""

    def url_for_result(self, result: Any) -> str:
        address: str = self.model_admin.address(result)
        return address


class DeskTable(ReadOnlyTable):
    """A list of what belongs to the organisation acted for, and a page for each row. `owner` leads to
    the organisation, `csv` names the columns of the file and what stands in them."""

    owner = "seller"
    csv: Mapping[str, Cell] = {}
    list_disable_select_all = True
    list_before_template = "console/desk/list_note.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        mine = organisation_of(actor_of(request))
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.filter(**{f"{self.owner}_id": mine})

    def get_object(
        self,
        request: HttpRequest,
        object_id: str,
        from_field: str | None = None,  # noqa: ARG002 - Django's signature
    ) -> Model:
        """The row of that public id. Raises Http404 where the organisation has none."""
        row: Model | None = self.get_queryset(request).filter(public_id=object_id).first()
        if row is None:
            raise Http404
        return row

    def address(self, row: Any = None) -> str:
        """The path of the row's page, or of the list."""
        if row is None:
            return super().address()
        return reverse(f"{self.admin_site.name}:{self._route()}_change", args=[row.public_id])

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        # Django takes what stands in the address for quoted by its own rule, which public ids are not.
        answer: HttpResponse = super().change_view(
            request, quote(object_id), form_url, extra_context
        )
        return answer

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        answer: HttpResponse = super().changelist_view(
            request, {"ways": self.ways(request), **(extra_context or {})}
        )
        return answer

    def ways(self, request: HttpRequest) -> list[tuple[Text, str]]:  # noqa: ARG002 - for tables that ask
        """Links above the list, with their words."""
        return []

    def get_changelist(self, _request: HttpRequest, **_options: Any) -> type[ListOfOwn]:
        return ListOfOwn

    @column(choose_all("action_toggle_all", "1"))
    def action_checkbox(self, row: Any) -> str:
        shown: str = checkbox.render(ACTION_CHECKBOX_NAME, row.public_id)
        return shown

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """What the act answers for the rows that were chosen, at most a page of them; None, and the list
        again, where there is no such act for the reader or no such row."""
        offered = self.get_actions(request).get(request.POST.get("action", ""))
        ids = request.POST.getlist(ACTION_CHECKBOX_NAME)[:PAGE_ROWS]
        rows = list(queryset.filter(public_id__in=ids))
        if offered is None or not rows:
            return None
        answer: HttpResponse | None = offered[0](self, request, rows)
        return answer

    def csv_rows(self, _request: HttpRequest, rows: Sequence[Any]) -> Iterator[Iterable[object]]:
        """What `csv` names: amounts and ids as other programs read them."""
        yield self.csv
        for row in rows:
            yield [cell(row) for cell in self.csv.values()]


class RowsOfPages(DeskTable):
    """A list whose rows lead to their pages on the site; the desk has none of its own for them."""

    # The name of the page's address.
    page_name = ""

    def page_of(self, row: Any) -> str:
        return reverse(self.page_name, args=[row.public_id])

    def address(self, row: Any = None) -> str:
        return super().address() if row is None else self.page_of(row)

    def get_urls(self) -> list[URLPattern]:
        return [url for url in super().get_urls() if url.name != f"{self._route()}_change"]
