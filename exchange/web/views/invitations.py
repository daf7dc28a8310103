"""Inviting, taking an invitation back, and answering one."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.acting import act_for
from accounts.actions.invitations import find_invitation
from accounts.queries.authority import actor_of
from accounts.refusals import AccountRefusal
from exchange.flows import accounts_invitations as flow
from exchange.web.forms.accounts import InvitationForm, blame
from exchange.web.pages import render_page
from exchange.web.views.accounts import FORM_METHODS, membership_in, person_of, show_organisation


@dataclass(frozen=True)
class InvitationPage:
    token: str
    organisation: str
    role: str
    email: str
    expires_at: datetime
    is_open: bool
    is_for_reader: bool


@login_required
@require_POST
def invite(request: HttpRequest, organisation_id: str) -> HttpResponse:
    """Offer a role to an address."""
    membership = membership_in(request, organisation_id)
    form = InvitationForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            flow.invite(
                organisation_id=membership.organisation_id,
                language=get_language() or "",
                actor=actor_of(person_of(request)),
                now=timezone.now(),
                **form.cleaned_data,
            )
        except AccountRefusal as refusal:
            status = blame(form, refusal)
        else:
            messages.success(request, _("The invitation is on its way."))
            return redirect("web:organisation", organisation_id)
    return show_organisation(request, membership, form=form, status=status)


@login_required
@require_POST
def revoke(request: HttpRequest, organisation_id: str, invitation_id: str) -> HttpResponse:
    """Take an open invitation back."""
    membership = membership_in(request, organisation_id)
    flow.revoke(
        organisation_id=membership.organisation_id,
        invitation_id=invitation_id,
        actor=actor_of(person_of(request)),
        now=timezone.now(),
    )
    messages.success(request, _("The invitation is taken back."))
    return redirect("web:organisation", organisation_id)


@never_cache
@login_required
@require_http_methods(FORM_METHODS)
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Show an invitation; accept it or decline it."""
    person = person_of(request)
    if request.method == "POST" and request.POST.get("answer") == "decline":
        flow.decline(token=token, user=person, now=timezone.now())
        messages.success(request, _("You declined the invitation."))
        return redirect("web:organisations")
    if request.method == "POST":
        membership = flow.accept(token=token, user=person, now=timezone.now())
        act_for(request, membership.organisation)
        messages.success(request, _("You now act for this organisation."))
        return redirect("web:organisation", membership.organisation.public_id)
    invitation = find_invitation(token)
    page = InvitationPage(
        token=token,
        organisation=invitation.organisation.name,
        role=invitation.get_role_display(),
        email=invitation.email,
        expires_at=invitation.expires_at,
        is_open=not invitation.outcome and timezone.now() < invitation.expires_at,
        is_for_reader=invitation.email == person.email.lower(),
    )
    return render_page(request, "accounts/invitation.html", page)
