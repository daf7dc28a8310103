"""What every form page of the publish wizard does: save, by button or by itself, and say so."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from exchange.core.refusals import Refusal

AUTOSAVE = "X-Autosave"
Form = TypeVar("Form", bound=forms.Form)


def save_form(
    request: HttpRequest, form: Form, save: Callable[[Form], object], *, next_url: str
) -> HttpResponse | None:
    """Save what was posted and go on; None when the form has to be shown again with its errors.

    A page that saves by itself is answered with a line of JSON instead.
    """
    by_itself = AUTOSAVE in request.headers
    if form.is_valid():
        try:
            save(form)
        except Refusal as refusal:
            blame(form, refusal)
        else:
            return saved() if by_itself else redirect(_goal(request, next_url))
    if by_itself:
        return JsonResponse({"errors": _errors(form)}, status=422)
    return None


def saved() -> JsonResponse:
    """What the page that saved by itself shows."""
    now = formats.time_format(timezone.localtime(timezone.now()), "H:i:s")
    return JsonResponse({"saved": _("Saved at %(time)s") % {"time": now}})


def blame(form: forms.Form, refusal: Refusal) -> None:
    """Show the refusal at the field that it speaks of."""
    field = str(refusal.facts.get("field", ""))
    form.add_error(field if field in form.fields else None, refusal.message)


def _goal(request: HttpRequest, next_url: str) -> str:
    return next_url if "go_on" in request.POST else request.get_full_path()


def _errors(form: forms.Form) -> Mapping[str, str]:
    return {field: str(errors[0]) for field, errors in form.errors.items()}
