"""How the own organisation is known at the exchange, what it asked to change, and what became of it."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from accounts.organisations import Profile
from exchange.core import clock
from exchange.core.lifecycle import REASON_CHARS_MAX
from exchange.members import identity, policy
from exchange.members.actors import Subject
from exchange.members.lifecycle import RequestState
from exchange.members.models import IdentityRequest
from exchange.members.permissions import Permission
from exchange.web.accounts.forms import OrganisationForm
from exchange.web.pages import render_page
from exchange.web.submissions import blaming, sent, status_of
from exchange.web.views import acting, form_view, post_view

SHOWN_MAX = 20
TONES = {
    RequestState.OPEN: "warn",
    RequestState.APPROVED: "good",
    RequestState.DECLINED: "bad",
    RequestState.WITHDRAWN: "neutral",
}


class IdentityForm(OrganisationForm):
    """How the organisation shall be known, and why."""

    reason = forms.CharField(
        label=gettext_lazy("Why it changes"),
        help_text=gettext_lazy("Hand in the document that shows it on the page of your admission."),
        max_length=REASON_CHARS_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def profile(self) -> Profile:
        said = {name: value for name, value in self.cleaned_data.items() if name != "reason"}
        return Profile(**said)


@dataclass(frozen=True)
class Asked:
    """One request, with what differs."""

    request: IdentityRequest
    tone: str
    differences: tuple[identity.Difference, ...]
    may_withdraw: bool


@dataclass(frozen=True)
class IdentityPage:
    organisation: Organisation
    form: IdentityForm | None
    asked: tuple[Asked, ...]
    obstacle: str


@form_view
def show(request: HttpRequest) -> HttpResponse:
    """What the exchange knows the organisation as; leaders ask for a change here."""
    actor, mine = acting(request, Permission.ADMISSION_SEE)
    organisation = Organisation.objects.get(pk=mine)
    may = policy.allowed(actor, Permission.IDENTITY_ASK, Subject(organisation_id=mine))
    form = IdentityForm(sent(request), initial=_as_it_is(organisation))
    if form.is_valid():
        with blaming(form):
            identity.ask(
                profile=form.profile(),
                reason=form.cleaned_data["reason"],
                actor=actor,
                now=clock.now(),
            )
            messages.success(request, _("The exchange looks at it and tells you."))
            return redirect("web:identity")
    rows = list(identity.requests_of(mine)[:SHOWN_MAX])
    waits = any(row.state == RequestState.OPEN for row in rows)
    page = IdentityPage(
        organisation=organisation,
        form=form if may and (form.is_bound or not waits) else None,
        asked=tuple(_asked(row, may_ask=bool(may)) for row in rows),
        obstacle="" if may else may.reason,
    )
    return render_page(request, "members/identity.html", page, status=status_of(form))


@post_view
def withdraw(request: HttpRequest, request_id: str) -> HttpResponse:
    """Take a request back."""
    actor, _mine = acting(request, Permission.ADMISSION_SEE)
    identity.withdraw(request_id, actor=actor, now=clock.now())
    return redirect("web:identity")


def _asked(row: IdentityRequest, *, may_ask: bool) -> Asked:
    state = RequestState(row.state)
    return Asked(
        row, TONES[state], identity.differences_of(row), may_ask and state is RequestState.OPEN
    )


def _as_it_is(organisation: Organisation) -> dict[str, Any]:
    return {
        "name": organisation.name,
        "kind": organisation.kind,
        "country": organisation.country,
        "credit_code": organisation.credit_code or "",
        "sme": organisation.sme,
    }
