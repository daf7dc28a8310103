"""Personal columns of a published product: hold one back, or ask to show it again."""

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.catalog import flags
from exchange.catalog.flags import ColumnState, column_states
from exchange.catalog.gates import Step
from exchange.catalog.models import Product
from exchange.catalog.queries import permitted
from exchange.core import clock
from exchange.core.fields import text_field
from exchange.core.lifecycle import REASON_CHARS_MAX
from exchange.members.actors import actor_of
from exchange.members.permissions import Permission
from exchange.web.selling.pages import Wizard, wizard_of
from exchange.web.selling.places import WIZARD, Place
from exchange.web.submissions import blaming, sent, unprocessable
from exchange.web.views import form_view

HOLD, SHOW = "hold", "show"


class FlagForm(forms.Form):
    """Which column, and why."""

    column = forms.ChoiceField(label=gettext_lazy("Column"))
    reason = text_field(gettext_lazy("Reason"), chars_max=REASON_CHARS_MAX, rows=2)

    def __init__(self, columns: list[tuple[str, str]], data: object = None, *, prefix: str) -> None:
        super().__init__(data, prefix=prefix)  # type: ignore[arg-type]  # a query's dictionary
        self.has_columns = bool(columns)
        field = self.fields["column"]
        if isinstance(field, forms.ChoiceField):
            field.choices = columns


@dataclass(frozen=True)
class FlagsPage:
    wizard: Wizard
    label: str
    columns: tuple[ColumnState, ...]
    hold: FlagForm | None
    show: FlagForm | None


@form_view
def show(request: HttpRequest, product_id: str, place: Place = WIZARD) -> HttpResponse:
    """Every column with whether values of it are shown, and the two forms."""
    actor = actor_of(request)
    product = permitted(actor, Permission.LISTING_END, product_id)
    posted = sent(request)
    acts = {HOLD: flags.flag_own_column, SHOW: flags.ask_lift}
    forms_of = _forms(product, posted)
    for name, act in acts.items():
        form = forms_of[name]
        if posted is None or name not in posted or not form.is_valid():
            continue
        with blaming(form, "column"):
            act(product_id, actor=actor, now=clock.now(), **form.cleaned_data)
            messages.success(request, _said(name))
            return redirect(place.url("personal", product_id))
    wizard, _listing = wizard_of(product, Step.DATA, at=clock.now(), place=place)
    page = FlagsPage(
        wizard=wizard,
        label=_("Personal columns"),
        columns=tuple(column_states(product)),
        hold=_unless_empty(forms_of[HOLD]),
        show=_unless_empty(forms_of[SHOW]),
    )
    status = max(unprocessable(form) for form in forms_of.values())
    return place.draw(request, "selling/personal.html", page, status=status)


def _forms(product: Product, posted: object) -> dict[str, FlagForm]:
    """Each form with what was sent to it alone."""
    states = column_states(product)
    choices = {
        HOLD: [(one.key, one.name) for one in states if not one.is_hidden],
        SHOW: [(one.key, one.name) for one in states if one.is_hidden and not one.is_asked],
    }
    return {
        name: FlagForm(
            columns,
            posted if posted is not None and name in posted else None,  # type: ignore[operator]  # as above
            prefix=name,
        )
        for name, columns in choices.items()
    }


def _unless_empty(form: FlagForm) -> FlagForm | None:
    return form if form.has_columns else None


def _said(name: str) -> str:
    if name == HOLD:
        return _("No value of the column is shown any more.")
    return _("The exchange looks at it. Until then no value of the column is shown.")
