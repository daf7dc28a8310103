"""Reading back what binds before it counts: a form with an amount is shown once more, the amount in words
of its currency, and is sent again with `confirmed`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from exchange.core.formatting import day_shown, money_in_words
from exchange.web.pages import render_page
from pricing.money import Money

CONFIRMED = "confirmed"
KEPT_CHARS_MAX = 200
EMPTY: tuple[object, ...] = (None, "", False, [])


@dataclass(frozen=True)
class ReviewPage:
    """What is about to be sent. `kept` are fields beside the form that go along."""

    title: str
    lines: tuple[str, ...]
    form: forms.Form
    kept: tuple[tuple[str, str], ...]
    button: str
    back_url: str


def is_to_be_reviewed(request: HttpRequest, form: forms.Form) -> bool:
    """Whether the valid form names an amount and its sender has not yet read it back."""
    amounts = (value for value in form.cleaned_data.values() if isinstance(value, Money))
    return CONFIRMED not in request.POST and any(amounts)


def review(
    request: HttpRequest,
    form: forms.Form,
    *,
    title: str,
    button: str | Promise,
    back_url: str,
    keep: tuple[str, ...] = (),
) -> HttpResponse:
    """The page that reads the form back and sends it to the same address."""
    page = ReviewPage(
        title=title,
        lines=tuple(_lines(form)),
        form=form,
        kept=tuple((name, request.POST.get(name, "")[:KEPT_CHARS_MAX]) for name in keep),
        button=str(button),
        back_url=back_url,
    )
    return render_page(request, "forms/review.html", page)


def _lines(form: forms.Form) -> Iterator[str]:
    """Amounts first, then what else was said."""
    said = [(name, form.cleaned_data.get(name)) for name in form.fields]
    for name, value in sorted(said, key=lambda row: not isinstance(row[1], Money)):
        if value in EMPTY or isinstance(form.fields[name].widget, forms.HiddenInput):
            continue
        yield _("%(label)s: %(amount)s") % {
            "label": form.fields[name].label or name,
            "amount": _shown(form.fields[name], value),
        }


def _shown(field: forms.Field, value: Any) -> str:
    if isinstance(value, Money):
        return money_in_words(value)
    if isinstance(field, forms.MultipleChoiceField):
        return "; ".join(str(label) for code, label in field.choices if code in value)  # type: ignore[union-attr,misc]  # pairs
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]  # pairs
    return day_shown(value) if hasattr(value, "isoformat") else str(value)
