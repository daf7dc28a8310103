"""One act on the rows that are chosen in a list: a page that names them and asks, then one call for each."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from accounts.refusals import AccountRefusal
from exchange.console.access import actor_of
from exchange.console.acts import EmptyForm, themed
from exchange.console.marks import Text
from exchange.console.sites import Site
from exchange.core import clock
from exchange.core.refusals import Refusal
from exchange.members import policy

CONFIRMED = "confirmed"


def perform_on_chosen(
    request: HttpRequest,
    rows: Sequence[Model],
    *,
    site: Site,
    perform: Callable[..., object],
    title: Text,
    sentence: Text,
    form: Callable[..., forms.Form] = EmptyForm,
    chosen_by: str = "public_id",
) -> HttpResponse:
    """Name the rows and ask (the list knows them by `chosen_by`); once confirmed, make the call on each and go back to the list, which says how
    many were done and why each of the others was not.

    Every call stands for itself: what one row refuses changes nothing for the others. Raises NotAllowed to
    who only reads.
    """
    policy.require(actor_of(request), site.changes)
    is_confirmed = CONFIRMED in request.POST
    filled = form(request.POST if is_confirmed else None)
    if is_confirmed and filled.is_valid():
        _perform(request, rows, perform, filled.cleaned_data, title)
        return HttpResponseRedirect(request.get_full_path())
    return TemplateResponse(
        request,
        "console/act.html",
        {
            **site.each_context(request),
            "title": title,
            "sentence": sentence,
            "button": title,
            "form": themed(filled),
            "back": request.get_full_path(),
            "chosen": rows,
            "sent_again": [
                ("action", request.POST.get("action", "")),
                (CONFIRMED, "1"),
                *((ACTION_CHECKBOX_NAME, getattr(row, chosen_by)) for row in rows),
            ],
        },
        status=422 if filled.errors else 200,
    )


def _perform(
    request: HttpRequest,
    rows: Sequence[Model],
    perform: Callable[..., object],
    given: dict[str, Any],
    title: Text,
) -> None:
    refused: list[str] = []
    for row in rows:
        try:
            perform(row, actor=actor_of(request), now=clock.now(), **given)
        except (Refusal, AccountRefusal) as refusal:
            refused.append(f"{row}: {refusal}")
    done = len(rows) - len(refused)
    told = _("%(act)s: done and recorded for %(done)d of %(all)d.") % {
        "act": title,
        "done": done,
        "all": len(rows),
    }
    messages.add_message(request, messages.WARNING if refused else messages.SUCCESS, told)
    for sentence in refused:
        messages.error(request, sentence)
