"""The page on which an operator confirms an act: a sentence, a form, one call."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from accounts.refusals import AccountRefusal
from exchange.console.access import actor_of
from exchange.core.refusals import Refusal
from exchange.members import policy
from exchange.members.permissions import Permission

REASON_CHARS_MAX = 500

Text = str | Promise
Form = TypeVar("Form", bound=forms.Form)


def text_input(**attributes: str) -> forms.Widget:
    widget: forms.Widget = UnfoldAdminTextInputWidget(attrs=attributes)
    return widget


def select() -> forms.Widget:
    widget: forms.Widget = UnfoldAdminSelectWidget()
    return widget


def textarea() -> forms.Widget:
    widget: forms.Widget = UnfoldAdminTextareaWidget(attrs={"rows": 3})
    return widget


def file_input() -> forms.Widget:
    """The theme's own: its script looks for what stands around it."""
    widget: forms.Widget = UnfoldAdminFileFieldWidget()
    return widget


class ReasonForm(forms.Form):
    """Every act needs a reason: the log keeps it."""

    reason = forms.CharField(
        label=_("Reason"), max_length=REASON_CHARS_MAX, widget=textarea(), strip=True
    )


def perform_on_post(
    request: HttpRequest,
    *,
    site: UnfoldAdminSite,
    form: Form,
    perform: Callable[[dict[str, Any]], object],
    title: Text,
    sentence: Text,
    button: Text,
    done: Text,
    back: str,
    context: dict[str, Any] | None = None,
) -> HttpResponse:
    """Show the form; on POST make the call and go back, or say beside the form why not.

    Raises NotAllowed to who only reads.
    """
    policy.require(actor_of(request), Permission.CONSOLE_CHANGE)
    if request.method == "POST" and form.is_valid():
        try:
            perform(form.cleaned_data)
        except (Refusal, AccountRefusal) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, str(done))
            return HttpResponseRedirect(back)
    return TemplateResponse(
        request,
        "console/act.html",
        {
            **site.each_context(request),
            "title": title,
            "sentence": sentence,
            "button": button,
            "form": form,
            "back": back,
            **(context or {}),
        },
        status=422 if form.errors else 200,
    )
