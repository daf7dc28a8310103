"""What is refused stands at the form; lists keep their tab."""

import pytest
from django import forms
from django.db.models import TextChoices

from exchange.core.refusals import Invalid, NotAllowed, NotFound, Refusal
from exchange.web.pages import KeyPage
from exchange.web.panels import Stage, progress, tabs_of
from exchange.web.submissions import Problem, blaming, noting, status_of, unprocessable


class PriceForm(forms.Form):
    price = forms.CharField()


class Taken(Refusal):
    code = "taken"


class Step(TextChoices):
    BEGUN = "begun", "Begun"
    HELD = "held", "Held up"
    DONE = "done", "Done"


def refuse(refusal: Refusal) -> None:
    """Raise it, as a use case would."""
    raise refusal


def sent_form() -> PriceForm:
    form = PriceForm({"price": "1"})
    assert form.is_valid()
    return form


def test_a_refusal_stands_at_the_field_that_it_names_before_the_one_that_the_view_names() -> None:
    form = sent_form()
    with blaming(form, "name"):
        refuse(Invalid("Too low.", field="price"))
    assert form.errors == {"price": ["Too low."]}


@pytest.mark.parametrize(
    ("field", "errors"), [("price", {"price": ["Taken."]}), (None, {"__all__": ["Taken."]})]
)
def test_a_refusal_that_names_no_field_stands_where_the_view_says(
    field: str | None, errors: dict[str, list[str]]
) -> None:
    form = sent_form()
    with blaming(form, field):
        refuse(Taken("Taken."))
    assert form.errors == errors
    assert status_of(form) == int(Taken.http_status)
    assert unprocessable(form) == 422


def test_a_form_without_errors_is_answered_with_200() -> None:
    form = sent_form()
    with blaming(form):
        pass
    assert (status_of(form), unprocessable(form)) == (200, 200)


def test_refusals_with_a_page_of_their_own_are_raised_on() -> None:
    form = sent_form()
    with pytest.raises(NotFound), blaming(form, raising=(NotAllowed, NotFound)):
        raise NotFound("There is no such thing.")
    assert form.errors == {}


def test_a_refusal_without_a_form_is_noted_with_its_status() -> None:
    problem = Problem()
    with noting(problem):
        raise NotFound("There is no such thing.")
    assert problem == Problem("There is no such thing.", 404)
    with pytest.raises(NotFound), noting(Problem(), raising=(NotFound,)):
        raise NotFound("There is no such thing.")


def test_a_page_shown_as_something_else_keeps_its_ways() -> None:
    page = KeyPage((1, 2), "/list/", "/list/?before=2")
    assert page.shown_as(str) == KeyPage(("1", "2"), "/list/", "/list/?before=2")


def test_tabs_name_the_one_that_is_shown() -> None:
    open_tab, ended = tabs_of("/list/", {"open": "Open", "ended": "Ended"}, chosen="ended")
    assert (open_tab.url, open_tab.is_current) == ("/list/?show=open", False)
    assert (ended.url, ended.is_current) == ("/list/?show=ended", True)


def test_a_stage_is_called_by_the_state_that_was_reached_in_it() -> None:
    road = ((Step.BEGUN, Step.HELD), (Step.DONE,))
    assert progress(road, Step.HELD) == (Stage("Held up", "now"), Stage("Done", "next"))
    assert progress(road, Step.DONE) == (Stage("Begun", "done"), Stage("Done", "done"))
