"""The API's fields for amounts, days and moments: read as `core.inputs` reads them everywhere else."""

import re
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from exchange.core.calendar import is_provisional, published_years
from exchange.core.inputs import AMOUNT_MINOR_MAX, JSON_EXACT_MAX, read_day, read_moment
from exchange.core.refusals import Invalid

WHOLE = re.compile(r"[0-9]{1,19}")


class WholeField(serializers.IntegerField):
    """A whole number: a JSON number without a point, or a string of digits alone. The framework's own
    field also reads `1_000` and takes the point out of `1.000`."""

    default_error_messages = {"invalid": _("Give a whole number, as 12350.")}

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int and not (isinstance(data, str) and WHOLE.fullmatch(data)):
            self.fail("invalid")
        return int(data)


class MinorField(WholeField):
    """Whole minor units, from 0 (or `min_value`) to the largest amount that is accepted anywhere.

    Both ways: a JSON number, or a string of digits. Answers give a string where a number is beyond
    2^53 - 1, since many readers of JSON would lose its last digits.
    """

    default_error_messages = {
        "invalid": _("Give whole minor units of the currency, as 12350 for 123.50 CNY.")
    }

    def __init__(self, **options: Any) -> None:
        if not options.get("read_only"):
            options.setdefault("min_value", 0)
            options.setdefault("max_value", AMOUNT_MINOR_MAX)
        super().__init__(**options)

    def to_representation(self, value: Any) -> Any:
        minor = int(value)
        return minor if abs(minor) <= JSON_EXACT_MAX else str(minor)


@extend_schema_field(bool)
class ProvisionalField(serializers.Field[bool, Any, bool, Any]):
    """Whether the deadline in that column was reckoned into a year whose holidays are not published
    yet: it may become later, never earlier."""

    def __init__(self, column: str = "due_at") -> None:
        super().__init__(read_only=True)
        self.column = column

    def get_attribute(self, instance: Any) -> Any:
        return instance

    def to_representation(self, value: Any) -> bool:
        root = self.root  # of the whole answer: a list asks once
        if not hasattr(root, "published_years"):
            root.published_years = published_years()  # type: ignore[attr-defined]  # kept for this answer
        return is_provisional(
            getattr(value, self.column),
            published=root.published_years,  # type: ignore[attr-defined]  # as above
        )


class DayField(serializers.DateField):
    """A day, as `2026-12-31`."""

    def to_internal_value(self, value: Any) -> date:
        try:
            return read_day(value if isinstance(value, str) else "")
        except Invalid as refusal:
            raise serializers.ValidationError(str(refusal.message), code=refusal.code) from refusal


class MomentField(serializers.DateTimeField):
    """A day and a time, as `2026-12-31T23:59:00+08:00`; without an offset, the exchange's own time."""

    def to_internal_value(self, value: Any) -> datetime:
        try:
            return read_moment(value if isinstance(value, str) else "")
        except Invalid as refusal:
            raise serializers.ValidationError(str(refusal.message), code=refusal.code) from refusal
