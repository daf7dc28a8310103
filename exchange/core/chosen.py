"""Forms in which a field stands for some choices of another field only.

The page shows such a field once its choice is made (`forms/field.html` and `assay.js`); without scripts all
are shown, each with what it is for. Here alone is decided what one that does not stand is worth: nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _

ANYTHING = "*"
NOTHING = ("", None, False)
NO_FIGURE = "0., "


@dataclass(frozen=True)
class When:
    """The choices of another field for which a field stands; ANYTHING is whatever is filled in there."""

    field: str
    among: tuple[str, ...]

    def holds(self, chosen: str) -> bool:
        return bool(chosen.strip()) if ANYTHING in self.among else chosen in self.among


class ChoosingForm(forms.Form):
    """A form whose `stands_when` says of fields for which choices they stand, its parents' among them.

    A field that stands is as it is declared: required, unless it says otherwise. One that does not is
    valid when it is left out, or as the form began; what is typed there all the same is refused at it.
    """

    stands_when: ClassVar[Mapping[str, When]] = {}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.whens: dict[str, When] = {}
        for parent in reversed(type(self).__mro__):
            self.whens |= vars(parent).get("stands_when", {})
        for name in self.whens.keys() & self.fields.keys():
            # A browser would ask for what is not shown; whether it is needed is said here.
            self.fields[name].widget.use_required_attribute = lambda _initial: False

    def stands(self, name: str) -> bool:
        """Whether the field counts, as the form was sent."""
        when = self.whens.get(name)
        if when is None:
            return True
        return self.stands(when.field) and when.holds(str(self[when.field].data or ""))

    def address_of(self, name: str) -> str:
        """The same as the page reads it: `kind=one_off subscription`."""
        when = self.whens[name]
        return f"{self.add_prefix(when.field)}={' '.join(when.among)}"

    def choices_for(self, name: str) -> str:
        """In words, for which choices the field stands."""
        when = self.whens[name]
        chooser = self.fields[when.field]
        if ANYTHING in when.among:
            return str(self[when.field].label)
        return ", ".join(_labels(getattr(chooser, "choices", ()), when.among))

    def _clean_fields(self) -> None:
        """Read what stands, and set the rest aside."""
        declared = self.fields
        aside = [name for name in self.whens if name in declared and not self.stands(name)]
        self.fields = {name: field for name, field in declared.items() if name not in aside}
        super()._clean_fields()  # type: ignore[misc]  # the stubs leave it out
        self.fields = declared
        for name in aside:
            self.cleaned_data[name] = self.fields[name].to_python(None)
            if self._is_said(name):
                self.add_error(name, forms.ValidationError(self._refused(name), code="not_chosen"))

    def _is_said(self, name: str) -> bool:
        """Whether something stands there that did not come with the form. A zero says nothing."""
        sent = self[name].data
        if self.get_initial_for_field(self.fields[name], name) or sent in NOTHING:
            return False
        return bool(sent.strip(NO_FIGURE)) if isinstance(sent, str) else bool(sent)

    def _refused(self, name: str) -> str:
        return _("This is only for: %(choices)s. Leave it out.") % {
            "choices": self.choices_for(name)
        }


def _labels(choices: Any, among: tuple[str, ...]) -> Iterator[str]:
    for code, label in choices:
        if str(code) in among:
            yield str(label)


def only_for(name: str, *among: str) -> When:
    """The field stands for these choices of the field `name`."""
    return When(name, tuple(map(str, among)))
