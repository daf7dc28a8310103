"""The form field that names an organisation: by its name, its credit code or its id.

One match is taken. Where a name is not whole, those who may be meant are listed to choose from; the choice
counts for the text that they were listed for.
"""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.countries import country_names
from accounts.models import NAME_CHARS_MAX, Organisation
from exchange.members import names


class OrganisationInput(forms.TextInput):
    """A line of text, below it who was taken by it or who may be meant."""

    template_name = "forms/organisation.html"

    def __init__(self, attrs: Mapping[str, Any] | None = None) -> None:
        super().__init__({"autocomplete": "off", **(attrs or {})})
        self.named = names.Named(one=None)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        text = super().value_from_datadict(data, files, name)
        chosen = data.get(f"{name}-chosen")
        return chosen if chosen and data.get(f"{name}-listed") == text else text

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        one, candidates = self.named.one, self.named.candidates
        context["taken"] = () if one is None else _shown(one)
        context["candidates"] = [(row.public_id, *_shown(row)) for row in candidates]
        return context


class OrganisationField(forms.CharField):
    """An organisation; None where it is left empty."""

    widget = OrganisationInput

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", NAME_CHARS_MAX)
        options.setdefault("help_text", _("Its name, its credit code or its id."))
        super().__init__(**options)

    def clean(self, value: Any) -> Any:
        """The Organisation that the text names."""
        text = super().clean(value)
        if not text:
            return None
        named = names.find(text)
        cast("OrganisationInput", self.widget).named = named
        if named.one is not None:
            return named.one
        raise forms.ValidationError(_sentence(named), code="organisation_not_named")


def _sentence(named: names.Named) -> Any:
    if named.is_cut:
        return _("Very many fit. Choose one of the first, or write more of the name.")
    if named.candidates:
        return _("Choose the one that you mean, or write its whole name.")
    return _(
        "No member has this name. Write a name, or the beginning of its words, a unified social credit code, or"
        " an id such as org_…, which stands on the seller's page and on the page of one's own organisation."
    )


def _shown(row: Organisation) -> tuple[str, str, str]:
    """Name, place and id."""
    return row.name, str(country_names().get(row.country, row.country)), row.public_id
