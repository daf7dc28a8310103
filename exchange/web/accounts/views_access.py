"""Who may act for an organisation: invitations, its members and their roles, and API keys."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts import api_keys, invitations, memberships
from accounts.api_keys import KeyUnknown
from accounts.authority import MANAGERS, actor_of
from accounts.invitations import find_invitation
from accounts.memberships import NoSuchMember
from accounts.models import ApiKey, Invitation, Membership, Organisation
from accounts.sign_in import act_for
from exchange.core import clock
from exchange.members.permissions import SCOPE_BUY, SCOPES
from exchange.web.accounts.forms import ApiKeyForm, InvitationForm, RoleForm
from exchange.web.accounts.views import membership_in, person_of, show_organisation
from exchange.web.pages import render_page
from exchange.web.submissions import blaming, sent, status_of
from exchange.web.views import form_view, get_view, post_view

KEYS_SHOWN_MAX = 200


@dataclass(frozen=True)
class InvitationPage:
    invitation: Invitation
    is_open: bool
    is_for_reader: bool


@post_view
def invite(request: HttpRequest, organisation_id: str) -> HttpResponse:
    """Offer a role to an address."""
    membership = membership_in(request, organisation_id)
    form = InvitationForm(request.POST)
    if form.is_valid():
        with blaming(form):
            invitations.invite(
                organisation_id=membership.organisation_id,
                language=get_language() or "",
                actor=actor_of(person_of(request)),
                now=clock.now(),
                **form.cleaned_data,
            )
            messages.success(request, _("The invitation is on its way."))
            return redirect("web:organisation", organisation_id)
    return show_organisation(request, membership, form=form)


@post_view
def revoke_invitation(
    request: HttpRequest, organisation_id: str, invitation_id: str
) -> HttpResponse:
    """Take an open invitation back."""
    membership = membership_in(request, organisation_id)
    invitations.revoke(
        organisation_id=membership.organisation_id,
        invitation_id=invitation_id,
        actor=actor_of(person_of(request)),
        now=clock.now(),
    )
    messages.success(request, _("The invitation is taken back."))
    return redirect("web:organisation", organisation_id)


@never_cache
@form_view
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Show an invitation; accept it or decline it."""
    person = person_of(request)
    if request.method == "POST" and request.POST.get("answer") == "decline":
        invitations.decline(token=token, user=person, now=clock.now())
        messages.success(request, _("You declined the invitation."))
        return redirect("web:organisations")
    if request.method == "POST":
        membership = invitations.accept(token=token, user=person, now=clock.now())
        act_for(request, membership.organisation)
        messages.success(request, _("You now act for this organisation."))
        return redirect("web:organisation", membership.organisation.public_id)
    invitation = find_invitation(token)
    page = InvitationPage(
        invitation=invitation,
        is_open=not invitation.outcome and clock.now() < invitation.expires_at,
        is_for_reader=invitation.email == person.email.lower(),
    )
    return render_page(request, "accounts/invitation.html", page)


@dataclass(frozen=True)
class RolePage:
    form: RoleForm
    member: Membership


@dataclass(frozen=True)
class RemovePage:
    member: Membership
    is_me: bool
    key_count: int


def _member(here: Membership, member_id: str) -> Membership:
    found = (
        Membership.objects.filter(organisation=here.organisation, user__public_id=member_id)
        .select_related("user", "organisation")
        .first()
    )
    if found is None:
        raise NoSuchMember(_("This person is not a member of the organisation."))
    return found


@form_view
def change_role(request: HttpRequest, organisation_id: str, member_id: str) -> HttpResponse:
    """Give a member another role."""
    here = membership_in(request, organisation_id)
    member = _member(here, member_id)
    form = RoleForm(sent(request), initial={"role": member.role})
    if form.is_valid():
        with blaming(form):
            memberships.change_role(
                organisation_id=here.organisation_id,
                user_id=member.user_id,
                role=form.cleaned_data["role"],
                actor=actor_of(person_of(request)),
                now=clock.now(),
            )
            messages.success(request, _("The role is changed."))
            return redirect("web:organisation", organisation_id)
    page = RolePage(form=form, member=member)
    return render_page(request, "accounts/member_role.html", page, status=status_of(form))


@form_view
def remove(request: HttpRequest, organisation_id: str, member_id: str) -> HttpResponse:
    """Say what removal means, then do it; or leave oneself."""
    here = membership_in(request, organisation_id)
    member = _member(here, member_id)
    is_me = member.user_id == request.user.pk
    if request.method == "POST":
        memberships.remove_member(
            organisation_id=here.organisation_id,
            user_id=member.user_id,
            actor=actor_of(person_of(request)),
            now=clock.now(),
        )
        if is_me:
            messages.success(request, _("You no longer act for this organisation."))
            return redirect("web:organisations")
        messages.success(request, _("The member is removed."))
        return redirect("web:organisation", organisation_id)
    keys = ApiKey.objects.filter(
        organisation=here.organisation, created_by=member.user, revoked_at=None
    )
    page = RemovePage(member=member, is_me=is_me, key_count=keys.count())
    return render_page(request, "accounts/member_remove.html", page)


@dataclass(frozen=True)
class KeysPage:
    """The keys, each with its state in words and whether it can be used."""

    organisation: Organisation
    keys: tuple[tuple[ApiKey, str, bool], ...]
    may_manage: bool


@dataclass(frozen=True)
class KeyFormPage:
    form: ApiKeyForm
    organisation: Organisation


@dataclass(frozen=True)
class NewKeyPage:
    public_id: str
    key: ApiKey
    secret: str
    curl: str


@dataclass(frozen=True)
class RevokePage:
    public_id: str
    key: ApiKey


@get_view
def list_keys(request: HttpRequest, organisation_id: str) -> HttpResponse:
    """The organisation's keys, newest first."""
    membership = membership_in(request, organisation_id)
    rows = ApiKey.objects.filter(organisation=membership.organisation).order_by("-pk")
    shown = rows.select_related("created_by")[:KEYS_SHOWN_MAX]
    page = KeysPage(
        organisation=membership.organisation,
        keys=tuple(_key_row(key, clock.now()) for key in shown),
        may_manage=membership.role in MANAGERS,
    )
    return render_page(request, "accounts/api_keys.html", page)


@never_cache
@form_view
def create_key(request: HttpRequest, organisation_id: str) -> HttpResponse:
    """Make a key. The answer to the form shows the secret, and no other page ever does."""
    membership = membership_in(request, organisation_id)
    form = ApiKeyForm(sent(request))
    if form.is_valid():
        with blaming(form):
            made = api_keys.create_key(
                organisation_id=membership.organisation_id,
                known_scopes=SCOPES,
                buying_scope=SCOPE_BUY,
                maker=person_of(request),
                now=clock.now(),
                **form.cleaned_data,
            )
            page = NewKeyPage(
                public_id=organisation_id,
                key=made.key,
                secret=made.secret,
                curl=f'curl -H "Authorization: Bearer {made.secret}" '
                f"{settings.PUBLIC_URL}/api/v1/me",
            )
            return render_page(request, "accounts/api_key_made.html", page, status=201)
    form_page = KeyFormPage(form=form, organisation=membership.organisation)
    return render_page(request, "accounts/api_key_form.html", form_page, status=status_of(form))


@form_view
def revoke_key(request: HttpRequest, organisation_id: str, key_id: str) -> HttpResponse:
    """Say what revoking means, then do it."""
    membership = membership_in(request, organisation_id)
    if request.method == "POST":
        api_keys.revoke_key(
            organisation_id=membership.organisation_id,
            key_id=key_id,
            actor=actor_of(person_of(request)),
            now=clock.now(),
        )
        messages.success(request, _("The key is revoked."))
        return redirect("web:api_keys", organisation_id)
    page = RevokePage(public_id=organisation_id, key=_key(membership, key_id))
    return render_page(request, "accounts/api_key_revoke.html", page)


def _key(membership: Membership, key_id: str) -> ApiKey:
    key = (
        ApiKey.objects.filter(organisation=membership.organisation, public_id=key_id)
        .select_related("created_by")
        .first()
    )
    if key is None:
        raise KeyUnknown(_("There is no such key."))
    return key


def _key_row(key: ApiKey, now: datetime) -> tuple[ApiKey, str, bool]:
    is_usable = key.usable_at(now)
    if key.revoked_at is not None:
        return key, _("Revoked"), is_usable
    return key, _("Usable") if is_usable else _("Expired"), is_usable
