"""API keys: made, shown once, revoked."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts import api_keys
from accounts.api_keys import KeyUnknown
from accounts.authority import MANAGERS, actor_of
from accounts.models import ApiKey, Membership
from exchange.members.permissions import SCOPES
from exchange.web.accounts.forms import ApiKeyForm
from exchange.web.accounts.views import membership_in, person_of
from exchange.web.pages import render_page
from exchange.web.submissions import FORM_METHODS, blaming, sent, status_of

KEYS_SHOWN_MAX = 200


@dataclass(frozen=True)
class KeyRow:
    public_id: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_by: str
    expires_at: datetime
    last_used_at: datetime | None
    state: str
    is_usable: bool


@dataclass(frozen=True)
class KeysPage:
    public_id: str
    organisation: str
    keys: tuple[KeyRow, ...]
    may_manage: bool


@dataclass(frozen=True)
class KeyFormPage:
    form: ApiKeyForm
    public_id: str
    organisation: str


@dataclass(frozen=True)
class NewKeyPage:
    public_id: str
    name: str
    secret: str
    expires_at: datetime
    curl: str


@dataclass(frozen=True)
class RevokePage:
    public_id: str
    key: KeyRow


@login_required
@require_GET
def list_keys(request: HttpRequest, organisation_id: str) -> HttpResponse:
    """The organisation's keys, newest first."""
    membership = membership_in(request, organisation_id)
    rows = (
        ApiKey.objects.filter(organisation=membership.organisation)
        .select_related("created_by")
        .order_by("-pk")[:KEYS_SHOWN_MAX]
    )
    now = timezone.now()
    page = KeysPage(
        public_id=organisation_id,
        organisation=membership.organisation.name,
        keys=tuple(_row(key, now) for key in rows),
        may_manage=membership.role in MANAGERS,
    )
    return render_page(request, "accounts/api_keys.html", page)


@never_cache
@login_required
@require_http_methods(FORM_METHODS)
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
                name=made.key.name,
                secret=made.secret,
                expires_at=made.key.expires_at,
                curl=f'curl -H "Authorization: Bearer {made.secret}" '
                f"{settings.PUBLIC_URL}/api/v1/me",
            )
            return render_page(request, "accounts/api_key_made.html", page, status=201)
    form_page = KeyFormPage(
        form=form, public_id=organisation_id, organisation=membership.organisation.name
    )
    return render_page(request, "accounts/api_key_form.html", form_page, status=status_of(form))


@login_required
@require_http_methods(FORM_METHODS)
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
    page = RevokePage(public_id=organisation_id, key=_row(_key(membership, key_id), timezone.now()))
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


def _row(key: ApiKey, now: datetime) -> KeyRow:
    if key.revoked_at is not None:
        state = _("Revoked")
    elif not key.usable_at(now):
        state = _("Expired")
    else:
        state = _("Usable")
    return KeyRow(
        public_id=key.public_id,
        name=key.name,
        prefix=key.prefix,
        scopes=tuple(key.scopes),
        created_by=str(key.created_by),
        expires_at=key.expires_at,
        last_used_at=key.last_used_at,
        state=state,
        is_usable=key.usable_at(now),
    )
