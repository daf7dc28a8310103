"""The form of a download link."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from exchange.core.fields import AmountField, MoneyForm


class LinkForm(MoneyForm):
    """What a link opens, and, where use is metered in `currency`, what may be spent through it:
    `clean` adds `spend_max_minor`."""

    file = forms.ChoiceField(label=_("File"))
    spend_max = AmountField(
        label=_("Through the link may be spent at most, before tax"),
        help_text=_("Leave it empty for one use of the file. A use that costs more is refused."),
        required=False,
        least_minor=0,
    )

    def __init__(
        self, *args: Any, files: Sequence[tuple[str, str]], currency: str, **options: Any
    ) -> None:
        super().__init__(*args, currency=currency, **options)
        self.fields["file"].choices = files  # type: ignore[attr-defined]  # a choice field's own
        if not currency:
            del self.fields["spend_max"]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        read = said.get("spend_max")
        said["spend_max_minor"] = None if read is None else read.minor
        return said
