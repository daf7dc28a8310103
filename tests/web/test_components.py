"""The guide's examples are rendered as written."""

import re
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template
from django.test import RequestFactory
from django_cotton.compiler_regex import CottonCompiler

from pricing.money import Money
from tests.web.buyers import closed_up

GUIDE = (settings.BASE_DIR / "templates/components/README.md").read_text()
EXAMPLES = re.findall(r"```html\n(.*?)```", GUIDE, re.DOTALL)
COMPONENTS = {
    str(path.relative_to(settings.BASE_DIR / "templates/components").with_suffix(""))
    .replace("/", ".")
    .replace("_", "-")
    for path in (settings.BASE_DIR / "templates/components").rglob("*.html")
}


class InvitationForm(forms.Form):
    name = forms.CharField(label="Name", help_text="As on the card.")
    role = forms.ChoiceField(label="Role", choices=[("a", "Owner")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="I agree")
    note = forms.CharField(label="Note", required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False)


def draw(source: str, **values: object) -> str:
    request = RequestFactory().get("/")
    context = Context({"request": request, "csrf_token": "token-of-the-test", **values})
    return Template(CottonCompiler().process(source)).render(context)


def example(name: str, **values: object) -> str:
    return draw(next(text for text in EXAMPLES if f"<c-{name}" in text), **values)


@pytest.mark.parametrize("source", EXAMPLES)
def test_every_example_of_the_guide_is_drawn_without_a_component_left(source: str) -> None:
    drawn = draw(
        source,
        form=InvitationForm(),
        moment=datetime(2026, 11, 22, 13, 0, tzinfo=UTC),
        steps=[{"label": "Apply", "state": "done"}, {"label": "Verify", "state": "now"}],
        price=Money(-123450, "CNY"),
    )
    assert "<c-" not in drawn
    assert "{{" not in drawn
    assert "style=" not in drawn
    assert "<script" not in drawn


def test_every_component_has_an_example() -> None:
    shown = set(re.findall(r"<c-([a-z.\-]+)", "".join(EXAMPLES))) - {"slot"}
    assert shown == COMPONENTS


def test_a_refused_field_names_its_help_and_its_error_for_screen_readers() -> None:
    drawn = draw("{{ form }}", form=InvitationForm({"note": "x"}))
    assert 'aria-describedby="id_name_helptext id_name_error"' in drawn
    assert '<div class="field-help" id="id_name_helptext">As on the card.</div>' in drawn
    assert (
        '<div class="field-errors" id="id_name_error"><p>This field is required.</p>'
        in closed_up(drawn)
    )
    assert 'aria-invalid="true"' in drawn


def test_an_optional_field_says_so_and_a_required_one_does_not() -> None:
    drawn = draw("{{ form }}", form=InvitationForm())
    assert '<label for="id_note">Note<span class="optional">(optional)</span></label>' in closed_up(
        drawn
    )
    assert '<label for="id_name">Name</label>' in closed_up(drawn)


def test_a_group_of_radio_buttons_has_a_legend_and_a_box_has_its_label_after_it() -> None:
    drawn = draw("{{ form }}", form=InvitationForm())
    assert "<legend>Role</legend>" in closed_up(drawn)
    assert re.search(r'<label for="id_agreed"><input type="checkbox"[^>]*><span>I agree', drawn)


def test_a_forms_own_error_stands_above_its_fields() -> None:
    form = InvitationForm({})
    form.add_error(None, "The invitation has expired.")
    drawn = draw("{{ form }}", form=form)
    assert drawn.index("The invitation has expired.") < drawn.index('class="fields"')


def test_what_a_user_typed_is_escaped_in_every_slot_and_attribute() -> None:
    hostile = SimpleNamespace(name='"><script>alert(1)</script>')
    drawn = draw(
        '<c-card title="{{ who.name }}">{{ who.name }}</c-card>'
        '<c-copy value="{{ who.name }}" /><c-empty title="{{ who.name }}" />'
        '<c-timeline.event title="{{ who.name }}" by="{{ who.name }}" />',
        who=hostile,
    )
    assert "<script>" not in drawn
    assert 'data-copy=""' not in drawn


def test_a_negative_amount_is_marked_by_sign_as_well_as_by_colour() -> None:
    assert '<span class="money negative">-CN¥1,234.50</span>' in example(
        "money", price=Money(-123450, "CNY")
    )
