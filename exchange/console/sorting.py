"""Lists in the order of a column: of days, moments and amounts, where there are not too many rows to sort."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.views.main import ORDER_VAR
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model, QuerySet
from django.http import HttpRequest
from unfold.views import ChangeList

from exchange.core.fields import MinorUnitsField

# A sort of more would read a table of any size at each click.
SORTED_ROWS_MAX = 10_000


class SortableList(ChangeList):  # type: ignore[misc]  # the theme ships no types
    """A list that is sorted as its table declares, or by columns that the reader chose.

    `is_too_long_to_sort` where the filtered and searched rows are too many: they stay as declared then.
    Amounts are sorted within each currency.
    """

    is_too_long_to_sort = False

    def get_queryset(self, request: HttpRequest, *args: Any, **options: Any) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset(request, *args, **options)
        if ORDER_VAR not in self.params or not _is_longer(found):
            return found
        self.is_too_long_to_sort = True
        for asked in (
            self.params,
            self.filter_params,
        ):  # so that no link of the page goes on with it
            asked.pop(ORDER_VAR, None)
        declared: QuerySet[Any] = super().get_queryset(request, *args, **options)
        return declared

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        ordering: list[Any] = super().get_ordering(request, queryset)
        is_amount = isinstance(field_of(self.model, ordering[0]), MinorUnitsField)
        has_currency = field_of(self.model, "currency") is not None
        if ORDER_VAR in self.params and is_amount and has_currency:
            return ["currency", *ordering]
        return ordering


def sortable(model: type[Model], columns: Iterable[Any], table: object) -> list[Any]:
    """Those of the columns that stand for a field of the model by which it can be sorted."""

    def field_behind(column: Any) -> object:
        shown = getattr(table, column, None) if isinstance(column, str) else column
        return field_of(model, getattr(shown, "admin_order_field", None))

    return [one for one in columns if field_behind(one) is not None]


def field_of(model: type[Model], name: object) -> "Field[Any, Any] | None":
    """The model's own field of that name, with or without the sign of an order; None for all else."""
    if not isinstance(name, str):
        return None
    try:
        field = model._meta.get_field(name.removeprefix("-"))
    except FieldDoesNotExist:
        return None
    return field if isinstance(field, Field) else None


def _is_longer(rows: QuerySet[Any]) -> bool:
    return rows.order_by().values("pk")[SORTED_ROWS_MAX : SORTED_ROWS_MAX + 1].exists()
