"""Links that open one table of one entitlement for a few minutes, without a sign-in.

A link is a row with an owner and a cap; what is handed out is its signed name. What it opens, who owns
it and what is left of its cap are asked of the database at every use, so that taking it back, the end
of its owner's membership or key, and a suspension work at once.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.db.models import Count, F, QuerySet
from django.utils.translation import gettext as _

from accounts.models import ApiKey
from exchange.audit import log
from exchange.core.refusals import NotFound
from exchange.core.use_case import use_case
from exchange.delivery.errors import LinkCapReached, LinkEnded, LinkExpired, LinkUnknown
from exchange.delivery.lifecycle import Form
from exchange.delivery.models import DownloadLink, Entitlement, LinkHolder
from exchange.members import policy
from exchange.members.actors import Actor, Subject, actor_from, actor_from_key
from exchange.members.permissions import Permission
from exchange.vault.models import DataTable
from pricing.money import Money

TOKEN_CHARS_MAX = 400
LINKS_SHOWN_MAX = 50
KEPT = timedelta(days=7)
PURGED_MAX = 2_000
_signer = signing.Signer(salt="exchange.delivery.link")


def make(
    entitlement: Entitlement,
    *,
    table: DataTable,
    form: Form,
    spend_max_minor: int | None,
    actor: Actor,
    now: datetime,
) -> DownloadLink:
    """A link from now on, for DELIVERY_LINK_SECONDS, owned by who makes it."""
    ends = now + timedelta(seconds=settings.DELIVERY_LINK_SECONDS)
    return DownloadLink.objects.create(
        entitlement=entitlement,
        table=table,
        form=form,
        **_owned_by(actor),
        spend_max_minor=spend_max_minor,
        created_at=now,
        expires_at=ends.replace(microsecond=0),
    )


def known(
    entitlement: Entitlement, *, table: DataTable, form: Form, actor: Actor, now: datetime
) -> DownloadLink | None:
    """The actor's newest link without a cap to the same that is good for half its time yet."""
    half = timedelta(seconds=settings.DELIVERY_LINK_SECONDS) / 2
    rows = DownloadLink.objects.filter(entitlement=entitlement, table=table, form=form)
    good = rows.filter(spend_max_minor=None, ended_at=None, expires_at__gt=now + half)
    return good.filter(**_owned_by(actor)).order_by("-pk").first()


def _owned_by(actor: Actor) -> dict[str, Any]:
    key = ApiKey.objects.filter(public_id=actor.name.removeprefix("key:")).first()
    return {"made_by_id": actor.user_id if key is None else None, "key": key}


def sign(link: DownloadLink) -> str:
    """The link's name as one word that fits into an address."""
    return str(_signer.sign(link.public_id))


def read(token: str, *, now: datetime) -> DownloadLink:
    """The link of a word. Raises LinkUnknown for one that is not ours, LinkExpired for an old one, and
    LinkEnded where it was taken back or its owner may not fetch any more."""
    try:
        public_id = _signer.unsign(token[:TOKEN_CHARS_MAX])
    except signing.BadSignature as error:
        raise _unknown() from error
    whole = (
        "entitlement__order", "entitlement__organisation", "entitlement__product", "table",
        "made_by", "key__created_by",
    )  # fmt: skip
    link = DownloadLink.objects.select_related(*whole).filter(public_id=public_id).first()
    if link is None:
        raise _unknown()
    if link.expires_at <= now:
        raise LinkExpired(
            _("This download link has expired. Make a new one on the page of the purchase."),
            expired_at=link.expires_at.isoformat(),
        )
    if link.ended_at is not None or not _is_owner_entitled(link, now):
        raise LinkEnded(
            _("This download link was taken back, or who made it may not fetch this any more.")
        )
    return link


def live_links(entitlement: Entitlement, *, now: datetime) -> QuerySet[DownloadLink]:
    """Links that are still good, newest first, each with `holders_count`: from how many addresses
    each was used."""
    rows = DownloadLink.objects.filter(entitlement=entitlement, ended_at=None, expires_at__gt=now)
    rows = rows.select_related("table", "made_by", "key", "entitlement__order")
    return rows.annotate(holders_count=Count("holders")).order_by("-pk")[:LINKS_SHOWN_MAX]


def _own(link_id: str, *, actor: Actor, **_other: object) -> Subject:
    rows = DownloadLink.objects.filter(
        public_id=link_id, entitlement__organisation=actor.organisation_id
    )
    if actor.organisation_id is None or not rows.exists():
        raise NotFound(_("There is no such link."))
    return Subject(organisation_id=actor.organisation_id)


@use_case(Permission.ROWS_SEE, about=_own)
def end(link_id: str, *, actor: Actor, now: datetime) -> DownloadLink:
    """Take a link back, at once and for everybody who has it. Again it changes nothing."""
    link = DownloadLink.objects.select_for_update(of=("self",)).get(public_id=link_id)
    if link.ended_at is None:
        link.ended_at = now
        link.save(update_fields=["ended_at"])
        log.record(
            event="delivery.link.ended",
            actor=actor.name,
            subject=f"link:{link.public_id}",
            facts={"entitlement": link.entitlement.public_id},
            at=now,
        )
    return link


def purge(*, now: datetime) -> int:
    """Forget links that expired some days ago, with who used them; return how many."""
    old = DownloadLink.objects.filter(expires_at__lt=now - KEPT).order_by("pk")
    keys = list(old.values_list("pk", flat=True)[:PURGED_MAX])
    DownloadLink.objects.filter(pk__in=keys).delete()
    return len(keys)


def check_cap(link: DownloadLink, cost: Money) -> None:
    """Raise LinkCapReached where what a request may cost is more than is left of the cap."""
    if link.spend_max_minor is None or link.spent_minor + cost.minor <= link.spend_max_minor:
        return
    left = Money(max(link.spend_max_minor - link.spent_minor, 0), cost.currency)
    raise LinkCapReached(
        _("This use costs %(cost)s; the link may spend %(left)s. Its owner can make another.")
        % {"cost": cost, "left": left},
        cost_minor=cost.minor,
        left_minor=left.minor,
        currency=cost.currency,
    )


def note_use(link: DownloadLink, *, address: str, now: datetime) -> None:
    """Count a request, and who makes it if it comes from an address that was not seen yet. Of the
    address a hash is kept that says nothing beside this link."""
    DownloadLink.objects.filter(pk=link.pk).update(requests=F("requests") + 1)
    digest = hashlib.sha256(f"{settings.SECRET_KEY}:{link.public_id}:{address}".encode())
    LinkHolder.objects.bulk_create(
        [LinkHolder(link=link, address_hash=digest.hexdigest(), first_at=now)],
        ignore_conflicts=True,
    )


def note_sent(link: DownloadLink, *, sent_bytes: int, spent: Money | None) -> None:
    """Add what went out through the link, and what it cost."""
    DownloadLink.objects.filter(pk=link.pk).update(
        bytes_sent=F("bytes_sent") + sent_bytes,
        spent_minor=F("spent_minor") + (0 if spent is None else spent.minor),
    )


def _is_owner_entitled(link: DownloadLink, now: datetime) -> bool:
    """Whether who made the link may fetch for the organisation now, with what a session would need."""
    organisation_id, key, person = link.entitlement.organisation_id, link.key, link.made_by
    if key is not None:
        if not key.usable_at(now) or not key.created_by.is_active:
            return False
        owner = actor_from_key(
            key_id=key.public_id,
            maker_id=key.created_by_id,
            organisation_id=key.organisation_id,
            scopes=frozenset(key.scopes),
            at=now,
        )
    elif person is not None:
        owner = actor_from(user=person, organisation_id=organisation_id, second_factor=True, at=now)
    else:
        return False
    subject = Subject(organisation_id=organisation_id)
    return policy.allowed(owner, Permission.ROWS_SEE, subject).allowed


def _unknown() -> LinkUnknown:
    return LinkUnknown(_("This download link is not one of ours."))
