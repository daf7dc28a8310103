"""Fields that stand for some choices of another field only."""

from typing import Any

import pytest
from django import forms

from exchange.core.chosen import ANYTHING, ChoosingForm, only_for
from exchange.core.fields import CountField


class PlanForm(ChoosingForm):
    stands_when = {
        "price": only_for("kind", "once", "monthly"),
        "currency": only_for("kind", "once", "monthly"),
        "ticked": only_for("kind", "once"),
    }
    kind = forms.ChoiceField(
        choices=[("free", "Free"), ("once", "One payment"), ("monthly", "Subscription")]
    )
    price = forms.CharField()
    currency = forms.ChoiceField(choices=[("CNY", "CNY"), ("EUR", "EUR")], initial="CNY")
    ticked = forms.BooleanField(required=False)


class FrameForm(PlanForm):
    """Adds to what its parent says."""

    stands_when = {
        "calls": only_for("kind", "once"),
        "days": only_for("calls", ANYTHING),
    }
    calls = CountField(required=False)
    days = CountField()


def errors(form: forms.Form) -> dict[str, list[str]]:
    return {name: [str(one) for one in listed] for name, listed in form.errors.items()}


def test_what_stands_is_required_and_what_does_not_is_not() -> None:
    assert errors(PlanForm({"kind": "once", "currency": "CNY"})) == {
        "price": ["This field is required."]
    }
    form = PlanForm({"kind": "free"})
    assert form.is_valid()
    assert form.cleaned_data == {"kind": "free", "price": "", "currency": "", "ticked": False}
    assert list(form.fields) == ["kind", "price", "currency", "ticked"]


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"price": "5"}, "price", "One payment, Subscription"),
        ({"ticked": "on"}, "ticked", "One payment"),
    ],
)
def test_what_is_said_of_another_choice_is_refused_at_its_field(
    said: dict[str, Any], field: str, words: str
) -> None:
    form = PlanForm({"kind": "free", **said})
    assert errors(form) == {field: [f"This is only for: {words}. Leave it out."]}
    assert form.fields["price"].required


def test_what_came_with_the_form_and_a_zero_are_no_answer() -> None:
    assert PlanForm({"kind": "free", "currency": "EUR", "price": "0.00"}).is_valid()
    kept = PlanForm({"kind": "free", "price": "5"}, initial={"price": "5"})
    assert kept.is_valid()
    assert kept.cleaned_data["price"] == ""


def test_a_field_may_hang_on_one_that_is_filled_in_and_parents_count() -> None:
    once = {"kind": "once", "price": "5", "currency": "CNY"}
    assert FrameForm(once).is_valid()
    assert errors(FrameForm({**once, "calls": "3"})) == {"days": ["This field is required."]}
    assert FrameForm({**once, "calls": "3", "days": "30"}).is_valid()
    assert errors(FrameForm({**once, "days": "30"})) == {
        "days": ["This is only for: Calls. Leave it out."]
    }
    assert set(errors(FrameForm({"kind": "free", "calls": "3", "days": "30"}))) == {"calls", "days"}


def test_the_page_reads_for_what_a_field_stands_and_no_browser_asks_for_it() -> None:
    form = FrameForm(prefix="p")
    assert form.address_of("price") == "p-kind=once monthly"
    assert form.address_of("days") == "p-calls=*"
    assert "required" not in str(form["price"])
