"""API keys: made, shown once, revoked."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts import api_keys
from accounts.api_keys import KeyUnknown
from accounts.authority import MANAGERS, actor_of
from accounts.models import ApiKey, Membership, Organisation
from exchange.members.permissions import SCOPES
from exchange.web.accounts.forms import ApiKeyForm
from exchange.web.accounts.views import membership_in, person_of
from exchange.web.pages import render_page
from exchange.web.submissions import blaming, sent, status_of
from exchange.web.views import form_view, get_view

KEYS_SHOWN_MAX = 200


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
        keys=tuple(_row(key, timezone.now()) for key in shown),
        may_manage=membership.role in MANAGERS,
    )
    return render_page(request, "accounts/api_keys.html", page)


@never_cache
@form_view
def create(request: HttpRequest, organisation_id: str) -> HttpResponse:
    """Make a key. The answer to the form shows the secret, and no other page ever does."""
    membership = membership_in(request, organisation_id)
    form = ApiKeyForm(sent(request))
    if form.is_valid():
        with blaming(form):
            made = api_keys.create_key(
                organisation_id=membership.organisation_id,
                known_scopes=SCOPES,
                maker=person_of(request),
                now=timezone.now(),
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
def revoke(request: HttpRequest, organisation_id: str, key_id: str) -> HttpResponse:
    """Say what revoking means, then do it."""
    membership = membership_in(request, organisation_id)
    if request.method == "POST":
        api_keys.revoke_key(
            organisation_id=membership.organisation_id,
            key_id=key_id,
            actor=actor_of(person_of(request)),
            now=timezone.now(),
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


def _row(key: ApiKey, now: datetime) -> tuple[ApiKey, str, bool]:
    is_usable = key.usable_at(now)
    if key.revoked_at is not None:
        return key, _("Revoked"), is_usable
    return key, _("Usable") if is_usable else _("Expired"), is_usable
