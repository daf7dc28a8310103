"""What an operator fills in about a listing: points that are confirmed, reasons from templates."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from exchange.catalog.flags import column_states
from exchange.catalog.lifecycle import ListingState, ListingTransition, Party
from exchange.catalog.listing import Said
from exchange.catalog.models import Product
from exchange.catalog.reasons import CHECKLISTS, REASONS, reasons_for
from exchange.console.marks import Text
from exchange.core.fields import ReasonForm, text_field
from exchange.core.lifecycle import REASON_CHARS_MAX

# What comes next in the review: its step, the button, and the sentence above its checklist.
STAGES: Mapping[ListingState, tuple[ListingTransition, Text, Text]] = {
    ListingState.SUBMITTED: (
        ListingTransition.TAKE_UP,
        _("Begin the review"),
        _("You begin the review; the seller sees it."),
    ),
    ListingState.COMPLIANCE_REVIEW: (
        ListingTransition.PASS_COMPLIANCE,
        _("Pass compliance"),
        _("Confirm that the product may be traded."),
    ),
    ListingState.QUALITY_REVIEW: (
        ListingTransition.PASS_QUALITY,
        _("Pass quality"),
        _("Confirm that it is what it says."),
    ),
    ListingState.PRICE_REVIEW: (
        ListingTransition.APPROVE,
        _("Approve and list"),
        _(
            "Confirm the price. The product is listed at once; a sensitive grade needs a second"
            " operator."
        ),
    ),
}


class ChecklistForm(forms.Form):
    """Every point of one stage, or of several. Without points there is nothing to fill in."""

    checklist = forms.MultipleChoiceField(
        label=_("Confirmed"),
        required=False,
    )

    def __init__(self, moves: Iterable[ListingTransition], *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        points = [point for move in moves for point in CHECKLISTS.get(move, ())]
        if not points:
            del self.fields["checklist"]
            return
        field = self.fields["checklist"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = [(point.code, point.sentence) for point in points]


class WholeReviewForm(forms.Form):
    """All stages at once: one tick for each, beside every point that it confirms."""

    stages = forms.MultipleChoiceField(label=_("Confirmed"), required=False)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        field = self.fields["stages"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = [
                (move.value, format_html_join("", "{}<br>", ((one.sentence,) for one in points)))
                for move, points in CHECKLISTS.items()
            ]

    def clean(self) -> dict[str, Any]:
        """Adds `checklist`, the points of the stages that are ticked."""
        ticked = self.cleaned_data.get("stages", ())
        points = [one.code for move in ticked for one in CHECKLISTS[ListingTransition(move)]]
        return {"checklist": points}


class ColumnForm(ReasonForm):
    """A column whose values are shown, and why they should not be."""

    column = forms.ChoiceField(label=_("Column"))
    field_order = ("column", "reason")

    def __init__(self, product: Product, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        column = self.fields["column"]
        if isinstance(column, forms.ChoiceField):
            column.choices = [
                (one.key, one.name) for one in column_states(product) if not one.is_hidden
            ]


class ListingReasonForm(forms.Form):
    """A reason from a template, in its words or in others."""

    reason_code = forms.ChoiceField(label=_("Reason"))
    reason = text_field(
        _("In your own words"),
        chars_max=REASON_CHARS_MAX,
        required=False,
        help_text=_("Left empty, the seller reads the sentence of the template."),
    )
    party = Party.OPERATOR

    def __init__(self, move: ListingTransition, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        code = self.fields["reason_code"]
        if isinstance(code, forms.ChoiceField):
            code.choices = [
                (one.code, f"{one.label}: {one.text}" if one.text else str(one.label))
                for one in reasons_for(move, self.party)
            ]


class SellersReasonForm(ListingReasonForm):
    """The same for a seller, who gives its reason to the exchange."""

    party = Party.SELLER

    def __init__(self, move: ListingTransition, *arguments: Any, **options: Any) -> None:
        super().__init__(move, *arguments, **options)
        self.fields["reason"].help_text = _(
            "Left empty, the exchange reads the sentence of the template."
        )


def said_of(said: dict[str, Any]) -> Said:
    """What the flow is told: own words, or those of the template."""
    code = said.get("reason_code", "")
    texts = {one.code: str(one.text) for one in REASONS}
    return Said(
        reason_code=code,
        reason=(said.get("reason") or texts.get(code, "")).strip(),
        checklist=tuple(said.get("checklist", ())),
    )
