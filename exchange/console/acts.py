"""The page on which an act is confirmed: a sentence, a form, one call."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.forms.widgets import Input
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold import widgets as theme

from accounts.refusals import AccountRefusal
from exchange.console.access import actor_of
from exchange.console.sites import Site, console
from exchange.core.refusals import Refusal
from exchange.members import policy
from exchange.members.naming import OrganisationInput

Text = str | Promise
DONE = _("Done and recorded.")
ASKED = _("It is asked for, and done once a second person approves: see “Approvals”.")
# The theme's own widgets, for Django's: its style and its scripts look for what stands around them.
_THEME: dict[type[forms.Widget], type[forms.Widget]] = {
    forms.TextInput: theme.UnfoldAdminTextInputWidget,
    forms.NumberInput: theme.UnfoldAdminTextInputWidget,
    forms.DateInput: theme.UnfoldAdminTextInputWidget,
    forms.DateTimeInput: theme.UnfoldAdminTextInputWidget,
    forms.Textarea: theme.UnfoldAdminTextareaWidget,
    forms.Select: theme.UnfoldAdminSelectWidget,
    forms.SelectMultiple: theme.UnfoldAdminCheckboxSelectMultipleWidget,
    forms.ClearableFileInput: theme.UnfoldAdminFileFieldWidget,
}


class EmptyForm(forms.Form):
    """Nothing to fill in."""


def moment_input() -> forms.Widget:
    """A day and a time of day, in the browser's own way."""
    return forms.TextInput(attrs={"type": "datetime-local"})


def sent(request: HttpRequest) -> QueryDict | None:
    """What was sent with the form; None where nothing was, and the form is shown to be filled in."""
    return request.POST or None


def perform_on_post(
    request: HttpRequest,
    *,
    form: forms.Form,
    perform: Callable[[dict[str, Any]], object],
    title: Text,
    sentence: Text,
    back: str,
    about: Text = "",
    button: Text = "",
    done: Text = DONE,
    context: dict[str, Any] | None = None,
    preview: Callable[[Any], dict[str, Any] | None] | None = None,
    site: Site = console,
) -> HttpResponse:
    """Show the form; on POST make the call and go back, or say beside the form why not.

    `about` is what it is done to, where the title does not say so. `preview` gives what is shown first, with the form, before the call is made; None once it was. The
    button says what the title says unless it is named. Raises NotAllowed to who only reads.
    """
    policy.require(actor_of(request), site.changes)
    if request.method == "POST" and form.is_valid():
        try:
            shown = preview(form) if preview else None
            if shown is None:
                perform(form.cleaned_data)
        except (Refusal, AccountRefusal) as refusal:
            form.add_error(None, str(refusal))
        else:
            if shown is None:
                messages.success(request, str(done))
                return HttpResponseRedirect(back)
            context = {**(context or {}), **shown}
    return TemplateResponse(
        request,
        "console/act.html",
        {
            **site.each_context(request),
            "title": title,
            "about": "" if str(about) in str(title) else about,
            "sentence": sentence,
            "button": button or title,
            "form": themed(form),
            "back": back,
            **(context or {}),
        },
        status=422 if form.errors else 200,
    )


def themed(form: forms.Form) -> forms.Form:
    """The form with the theme's widgets."""
    for field in form.fields.values():
        if isinstance(field.widget, OrganisationInput):
            field.widget.attrs["class"] = " ".join(theme.INPUT_CLASSES)
        dress = _THEME.get(type(field.widget))
        if dress is None:
            continue
        kind = field.widget.input_type if isinstance(field.widget, Input) else None
        widget = dress(attrs=field.widget.attrs)
        widget.is_required = field.required
        if kind is not None:
            widget.input_type = kind  # type: ignore[attr-defined]  # the theme ships no types
        if isinstance(field, forms.ChoiceField):
            widget.choices = field.choices  # type: ignore[attr-defined]  # so does every select
        field.widget = widget
    return form
