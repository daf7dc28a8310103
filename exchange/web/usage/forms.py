"""Forms of metered usage."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from exchange.core.fields import AmountField, CountField, DayField, MoneyForm, text_field
from exchange.core.lifecycle import REASON_CHARS_MAX
from exchange.metering.models import QUANTITY_MAX
from exchange.web.usage.rates import meter_name


class CapForm(MoneyForm):
    """What a period may cost before tax; empty is the first one again. `clean` adds `cap_minor` and
    `soft_minor`."""

    amount = AmountField(
        label=_("A period costs at most, before tax"),
        help_text=_(
            "When it is reached the data closes until the next period. Empty: the cap that the "
            "subscription began with."
        ),
        required=False,
    )

    soft = AmountField(
        label=_("Tell us when a period has cost, before tax"),
        help_text=_(
            "Nothing closes: those who buy hear of it at a half, at 80 % and at all of it."
        ),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        said["cap_minor"] = self._minor("amount")
        said["soft_minor"] = self._minor("soft")
        return said

    def _minor(self, name: str) -> int | None:
        read = self.cleaned_data.get(name)
        return None if read is None else read.minor


class ObjectionForm(forms.Form):
    """To what was counted on a day (UTC) the buyer objects, and what it accepts of it."""

    day = DayField(label=_("Day (UTC)"))
    meter = forms.ChoiceField(label=_("Meter"))
    accepted = CountField(
        label=_("You accept"),
        help_text=_("What you counted yourself; 0 where nothing was used."),
        least=0,
        most=QUANTITY_MAX,
    )
    reason = text_field(_("Reason"), chars_max=REASON_CHARS_MAX)

    def __init__(self, *args: Any, meters: Sequence[str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["meter"].choices = [(one, meter_name(one)) for one in meters]  # type: ignore[attr-defined]  # a choice field's own


class RefusalForm(forms.Form):
    """What the buyer accepts of a report that is held, and why not all of it."""

    accepted = CountField(
        label=_("You accept"),
        help_text=_("What you counted yourself; 0 where nothing was used."),
        least=0,
        most=QUANTITY_MAX,
    )
    reason = text_field(_("Reason"), chars_max=REASON_CHARS_MAX)


class QuantitiesForm(forms.Form):
    """How much of each meter is used in a period. `quantities` holds them once it is valid."""

    def __init__(self, *args: Any, meters: Sequence[str], **options: Any) -> None:
        super().__init__(*args, **options)
        for meter in meters:
            self.fields[meter] = CountField(label=meter_name(meter), least=0, most=QUANTITY_MAX)

    @property
    def quantities(self) -> dict[str, int]:
        return dict(self.cleaned_data)
