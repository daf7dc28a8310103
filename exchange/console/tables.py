"""Tables that are read in an admin site and written elsewhere."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce, update_wrapper
from html import unescape
from operator import or_
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Case, Count, Model, Q, QuerySet, Sum, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.urls import URLPattern, path, reverse
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from unfold import paginator as theme
from unfold.admin import ModelAdmin, TabularInline

from accounts.models import Organisation
from exchange.audit.models import Record
from exchange.console.access import actor_of
from exchange.console.actors import learn
from exchange.console.acts import EmptyForm, perform_on_post, sent
from exchange.console.fields import Reading, actors_in, leads_to_member, name_of, reading, titled
from exchange.console.marks import Text, column
from exchange.console.saved_views import bar_of
from exchange.console.sites import Site
from exchange.console.sorting import SortableList, sortable
from exchange.core import clock
from exchange.core.downloads import Download, csv_line
from exchange.core.formatting import money_shown
from exchange.core.lifecycle import Lifecycle, lifecycles
from pricing.money import Money

PAGE_ROWS = 50
# What the list of the log is asked with for one row of another table.
ABOUT = "about"
CSV_ROWS_MAX = 10_000
SUMMED_ROWS_MAX = 10_000
PAGES_MAX = 200


def first(**having: object) -> Case:
    """For `ordering`: the rows that have this before all others."""
    return Case(When(**having, then=0), default=1)


class MemberFilter(admin.SimpleListFilter):
    """The rows of one member, named by its public id. It is set by the links of the member's page, and shown so
    that it can be taken away."""

    title = _("member")
    parameter_name = "member"

    def __init__(
        self,
        request: HttpRequest,
        params: dict[str, Any],
        model: type[Model],
        model_admin: "ReadOnlyTable",
    ) -> None:
        self.table = model_admin
        self.organisation: Organisation | None = None
        super().__init__(request, params, model, model_admin)

    @classmethod
    def narrow(
        cls, table: "ReadOnlyTable", rows: QuerySet[Any], organisation: Organisation
    ) -> QuerySet[Any]:
        """Those of the table's rows that are the member's."""
        return table.of_member(rows, organisation)

    def lookups(self, _request: HttpRequest, _table: Any) -> list[tuple[str, str]]:
        named = self.value()
        if not named:
            return []
        self.organisation = Organisation.objects.filter(public_id=named).first()
        return [(named, self.organisation.name if self.organisation else named)]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        if self.organisation is None:
            return queryset.none()
        return self.narrow(self.table, queryset, self.organisation)


class DayFilter(admin.DateFieldListFilter):
    """By when something was: today, in the past week, month or year. Called as the column is."""

    def __init__(self, field: "models.Field[Any, Any]", *arguments: Any, **more: Any) -> None:
        super().__init__(field, *arguments, **more)
        self.title = str(name_of(field))


class InfinitePaginator(theme.InfinitePaginator):  # type: ignore[misc]  # the theme ships no types
    """Pages without counting the table, and no further than PAGES_MAX: later rows are found by search.

    The theme knows by this very name that there is no count to show.
    """

    @property
    def count(self) -> int:
        return int(self.per_page) * PAGES_MAX


@dataclass(frozen=True)
class Totals:
    """What the rows of a list of money come to: so many of them, and the sum of each currency. Of more than
    SUMMED_ROWS_MAX rows there is none."""

    count: int
    sums: Sequence[str]
    is_too_long: bool


class ReadOnly:
    """Nothing is added, changed or deleted through these tables."""

    model: type[Model]
    admin_site: Site
    fields: Sequence[str] = ()

    def get_fields(self, *_args: Any) -> Sequence[Reading | str]:
        return [reading(self.model, name, site=self.admin_site.name) for name in self.fields]

    def get_readonly_fields(self, *_args: Any) -> Sequence[Reading | str]:
        return self.get_fields()

    def has_add_permission(self, *_args: Any) -> bool:
        return False

    def has_change_permission(self, *_args: Any) -> bool:
        return False

    def has_delete_permission(self, *_args: Any) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, *_args: Any) -> bool:
        return self.admin_site.has_permission(request)


class ReadOnlyTable(ReadOnly, ModelAdmin):  # type: ignore[misc]  # the theme ships no types
    """A list and a page for each row. What changes a row is a named action with a page of its own.

    Lists are never counted; they are sorted as declared, or by days and amounts as far as there are not too
    many rows.
    """

    actions: Sequence[str] | None = None
    paginator = InfinitePaginator
    show_full_result_count = False
    list_per_page = PAGE_ROWS
    list_filter_sheet = True
    view_on_site = False
    compressed_fields = True
    change_list_template = "console/list.html"
    change_form_outer_after_template = "console/chain.html"
    # Ways to the members whose row it is: on whichever side they stand.
    member_fields: Sequence[str] = ()
    list_after_template = "console/list_after.html"
    # Of a list of money: the column of minor units whose sums stand under it.
    summed = ""
    # What a list without rows says: where rows come from, and what to do.
    when_empty: Text = _("Rows appear here when members act. There is nothing to do.")

    def get_list_display(self, _request: HttpRequest) -> Sequence[Reading | str]:
        """The declared columns. A member's name leads to its page, where the site has one."""
        site = self.admin_site.name if self.admin_site.is_registered(Organisation) else ""
        return [reading(self.model, name, members_at=site) for name in self.list_display]

    def get_list_display_links(
        self, _request: HttpRequest, list_display: Sequence[Reading | str]
    ) -> Sequence[Reading | str]:
        """The first column that does not lead to a member leads to the row."""
        return [name for name in list_display if not leads_to_member(name)][:1]

    def get_changelist(self, _request: HttpRequest, **_options: Any) -> type[SortableList]:
        return SortableList

    def get_sortable_by(self, request: HttpRequest) -> Sequence[Reading | str]:
        return sortable(self.model, self.get_list_display(request), self)

    def of_member(self, rows: QuerySet[Any], organisation: Organisation) -> QuerySet[Any]:
        """Those of the rows that are the member's."""
        return rows.filter(reduce(or_, (Q(**{way: organisation}) for way in self.member_fields)))

    def title_of(self, row: Any) -> str:
        """What a row's page is called."""
        return titled(row)

    def beside(self, _request: HttpRequest, _row: Any) -> dict[str, Any]:
        """What the templates around a row's page show besides its fields."""
        return {}

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        *args: Any,
        obj: Model | None = None,
        **options: Any,
    ) -> HttpResponse:
        beside = self.beside(request, obj) if obj is not None else {}
        titled = {"subtitle": self.title_of(obj)} if obj is not None else {}
        shown = {**context, **titled, "log_url": self._log_of(obj), **beside}
        answer: HttpResponse = super().render_change_form(request, shown, *args, obj=obj, **options)
        return answer

    def _log_of(self, row: Any) -> str:
        """Where the log speaks of the row; nothing where its kind is not followed, or the site has no log."""
        is_followed = any(one.model is self.model for one in lifecycles())
        if not is_followed or not self.admin_site.is_registered(Record):
            return ""
        public_id = getattr(row, "public_id", "")
        records = reverse(f"{self.admin_site.name}:audit_record_changelist")
        return f"{records}?{ABOUT}={public_id}" if public_id else ""

    def get_list_filter(self, _request: HttpRequest) -> Sequence[Any]:
        """Those that are declared, one for each moment or day among the columns, and that of a member."""
        fields = {field.name: field for field in self.model._meta.fields}
        days = [
            (name, DayFilter)
            for name in self.list_display
            if isinstance(fields.get(name), models.DateField) and name != self.date_hierarchy
        ]
        of_members = (MemberFilter,) if self.member_fields else ()
        return (*self.list_filter, *days, *of_members)

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """With the names of all who stand in its rows, asked for at once."""
        found: ChangeList = super().get_changelist_instance(request)
        found.title = capfirst(str(found.opts.verbose_name_plural))
        learn(actors_in(found.result_list, self.list_display))
        if self.summed:
            found.totals = partial(self.totals, found.queryset)  # type: ignore[attr-defined]  # for the template
        return found

    def totals(self, rows: QuerySet[Any]) -> Totals:
        """What all filtered rows come to, by currency: one statement over at most SUMMED_ROWS_MAX of them."""
        some = rows.order_by().values("pk")[: SUMMED_ROWS_MAX + 1]
        by_currency = (
            self.model._default_manager.filter(pk__in=some)
            .values_list("currency")
            .annotate(rows=Count("pk"), minor=Sum(self.summed))
            .order_by("currency")
        )
        found = list(by_currency)
        count = sum(rows for _currency, rows, _minor in found)
        sums = [money_shown(Money(int(minor), currency)) for currency, _rows, minor in found]
        return Totals(count, sums, is_too_long=count > SUMMED_ROWS_MAX)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, with the views of it that the reader keeps."""
        bar = bar_of(request, self.admin_site, self.model._meta.label_lower, address=self.address())
        extra = {"views": bar, **(extra_context or {})}
        answer: HttpResponse = super().changelist_view(request, extra)
        return answer

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_act_permission(self, request: HttpRequest, _row: object = None) -> bool:
        """For `permissions=["act"]` of an action: those who change something in this site."""
        return self.admin_site.may_change(request)

    def row(self, request: HttpRequest, row_id: str) -> Any:
        """The row, or Http404."""
        row = self.get_object(request, row_id)
        if row is None:
            raise Http404
        return row

    def address(self, row: Model | None = None) -> str:
        """The path of the row's page, or of the list."""
        if row is None:
            return reverse(f"{self.admin_site.name}:{self._route()}_changelist")
        return reverse(f"{self.admin_site.name}:{self._route()}_change", args=[row.pk])

    def perform(
        self,
        request: HttpRequest,
        row_id: str,
        use_case: Callable[..., object],
        form: Callable[[QueryDict | None], forms.Form] = EmptyForm,
        **words: Any,
    ) -> HttpResponse:
        """A page that makes one call on the row, with what its form gives. `words` are those of
        `perform_on_post`."""
        row = self.row(request, row_id)
        use_case = partial(use_case, row.public_id)
        given = {"back": self.address(row), "about": self.title_of(row), **words}
        return self.perform_on_list(request, use_case, form, **given)

    def perform_on_list(
        self,
        request: HttpRequest,
        use_case: Callable[..., object],
        form: Callable[[QueryDict | None], forms.Form] = EmptyForm,
        **words: Any,
    ) -> HttpResponse:
        """The same for a call that concerns no row; it leads back to the list."""
        return perform_on_post(
            request,
            form=form(sent(request)),
            perform=lambda given: use_case(actor=actor_of(request), now=clock.now(), **given),
            site=self.admin_site,
            **{"back": self.address(), **words},
        )

    def get_urls(self) -> list[URLPattern]:
        """The list, also as a file, the row and the named actions; no form to add, delete or import exists."""
        unwanted = {f"{self._route()}_{step}" for step in ("add", "history", "delete")}
        urls = [url for url in super().get_urls() if getattr(url, "name", None) not in unwanted]
        named = [url for url in urls if getattr(url, "name", None)]  # not the legacy redirect
        return [self.page("table.csv", require_safe(self.download), "csv"), *named]

    def csv_address(self) -> str:
        """Where the list is had as a file."""
        return reverse(f"{self.admin_site.name}:{self._route()}_csv")

    def download(self, request: HttpRequest) -> Download:
        """The list as it is filtered and searched, at most CSV_ROWS_MAX rows of it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            found = self.get_changelist_instance(request).queryset[:CSV_ROWS_MAX]
        except IncorrectLookupParameters:
            raise Http404 from None
        lines = [csv_line(cells) for cells in self.csv_rows(request, list(found))]
        name = f"{self.model._meta.model_name}s.csv"
        return Download(iter(lines), name=name, content_type="text/csv; charset=utf-8")

    def csv_rows(self, request: HttpRequest, rows: Sequence[Any]) -> Iterator[Iterable[object]]:
        """The names of the columns, then those of each row, as the list shows them."""
        columns = self.get_list_display(request)
        learn(actors_in(rows, self.list_display))
        yield [str(label_for_field(one, self.model, self)) for one in columns]
        for row in rows:
            yield [_cell(self, one, row) for one in columns]

    def page(self, route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
        """A URL of one more page about this table, behind the site's door."""
        guarded = self.admin_site.admin_view(view)
        return path(route, update_wrapper(guarded, view), name=f"{self._route()}_{name}")

    def _route(self) -> str:
        meta = self.model._meta
        return f"{meta.app_label}_{meta.model_name}"


def _cell(table: ReadOnlyTable, name: Reading | str, row: Any) -> str:
    """What the list shows, as plain text; a state without its colour."""
    field, _attribute, value = lookup_field(name, row, table)
    if isinstance(value, tuple):
        value = value[1]
    if isinstance(value, bool):
        value = _("yes") if value else _("no")
    elif field is not None and field.choices:
        value = getattr(row, f"get_{field.name}_display")()
    if isinstance(
        value, SafeString
    ):  # marks are the table's own; what a person wrote is plain text
        return unescape(strip_tags(value))
    return "" if value is None else str(value)


class ReadOnlyRows(ReadOnly, TabularInline):  # type: ignore[misc]  # the theme ships no types
    """Rows that belong to the row shown; at most `per_page` at a time."""

    extra = 0
    max_num = 0
    can_delete = False
    per_page = 20
    show_change_link = False
    tab = False
    hide_title = True
    related: Sequence[str] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related(*self.related) if self.related else rows


Shown = Callable[[Any, Any], tuple[str, str]]
Asked = Callable[..., bool]


def state_column(
    labels: Mapping[str, str],
    *,
    field: str = "state",
    title: Text = _("state"),  # noqa: B008 - a lazy word is read when it is shown
) -> Shown:
    """A column that says where a row stands, in the colour of its state."""

    @column(title, labels=labels)
    def shown(_table: object, row: Model) -> tuple[str, str]:
        return getattr(row, field), getattr(row, f"get_{field}_display")()

    return shown


def money_column(
    title: Text = _("amount"),  # noqa: B008 - as above
    *,
    field: str = "amount",
) -> Callable[[Any, Any], str]:
    """A column with an amount of money and its currency."""

    @column(title, order=f"{field}_minor")
    def shown(_table: object, row: Model) -> str:
        return money_shown(getattr(row, field))

    return shown


def legal(lifecycle: Lifecycle[Any], *names: str) -> Asked:
    """For `permission=` of an act: operators, where a row's lifecycle has one of the transitions. The
    use case asks again."""

    def has_permission(table: ReadOnlyTable, request: HttpRequest, row_id: str = "") -> bool:
        row = lifecycle.model._default_manager.filter(pk=row_id).first()
        may = row is not None and any(lifecycle.may(row, name) for name in names)
        return may and table.has_act_permission(request)

    return has_permission


def where(**which: object) -> Asked:
    """For `permission=` of an act: operators, on rows of which this holds. The use case asks again."""

    def has_permission(table: ReadOnlyTable, request: HttpRequest, row_id: str = "") -> bool:
        here = table.model._default_manager.filter(pk=row_id, **which)
        return table.has_act_permission(request) and here.exists()

    return has_permission
