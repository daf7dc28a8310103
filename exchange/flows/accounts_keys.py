"""API keys: made and revoked with a record in the log. What a scope opens is listed here."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.actions import api_keys
from accounts.actions.api_keys import NewKey
from accounts.models import ApiKey, User
from accounts.queries.authority import actor_of
from exchange.audit.actions import log

SCOPES: Mapping[str, str | Promise] = {
    "organisation:read": _("Read the organisation, its members and its invitations"),
    "organisation:write": _("Invite members and take invitations back"),
    "members:read": _("Read the admission to the exchange and the roles held there"),
    "ledger:read": _("Read the ledger accounts and their statements"),
    "orders:read": _("Read the orders of the organisation, as buyer and as seller"),
    "orders:write": _("Make and answer offers, schedule auctions and bid in them"),
    "usage:read": _("Read what was metered and billed, as buyer and as seller"),
    "usage:write": _("Report what was used of the organisation's products"),
    "payments:read": _("Read the payments, payouts, invoices and statements of the organisation"),
    "log:read": _("Read the organisation's own records in the transparency log"),
    "catalog:read": _("Read the organisation's own products, also those not listed"),
    "catalog:write": _("Draft, offer, submit and withdraw products"),
    "vault:read": _("Read the stored files and what was found in them"),
    "vault:write": _("Upload files and remove them"),
    "delivery:read": _("List what was bought and download it"),
}


@transaction.atomic
def create_key(
    *,
    organisation_id: int,
    name: str,
    scopes: Iterable[str],
    valid_days: int,
    maker: User,
    now: datetime,
) -> NewKey:
    """Make a key. Only people make keys: a key that makes keys would outlive its own end."""
    created = api_keys.create_key(
        organisation_id=organisation_id,
        name=name,
        scopes=scopes,
        known_scopes=SCOPES,
        valid_days=valid_days,
        maker=maker,
        actor=actor_of(maker),
        now=now,
    )
    _record("created", created.key, actor_of(maker), now)
    return created


@transaction.atomic
def revoke_key(*, organisation_id: int, key_id: str, actor: str, now: datetime) -> ApiKey:
    """End a key at once. Ending it again changes nothing and records nothing."""
    key, ended = api_keys.revoke_key(
        organisation_id=organisation_id, key_id=key_id, actor=actor, now=now
    )
    if ended:
        _record("revoked", key, actor, now)
    return key


def _record(step: str, key: ApiKey, actor: str, now: datetime) -> None:
    log.record(
        event=f"accounts.api_key.{step}",
        actor=actor,
        subject=f"organisation:{key.organisation.public_id}",
        facts={
            "key": key.public_id,
            "scopes": list(key.scopes),
            "expires_at": key.expires_at.isoformat(),
        },
        at=now,
    )
