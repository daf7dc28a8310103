"""Links that open one table of one entitlement for a few minutes.

A link is signed and says all of itself, so that nothing is stored for one; what it opens is asked of
the database at every use.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _

from exchange.delivery.errors import LinkExpired, LinkUnknown
from exchange.delivery.lifecycle import Form

TOKEN_CHARS_MAX = 400
_signer = signing.Signer(salt="exchange.delivery.link")


@dataclass(frozen=True)
class Link:
    """What a link opens, and until when."""

    entitlement: str
    table: str
    form: Form
    expires_at: datetime


def new_link(*, entitlement: str, table: str, form: Form, now: datetime) -> Link:
    """A link from now on, for DELIVERY_LINK_SECONDS."""
    ends = now + timedelta(seconds=settings.DELIVERY_LINK_SECONDS)
    return Link(entitlement, table, form, expires_at=ends.replace(microsecond=0))


def sign(link: Link) -> str:
    """The link as one word that fits into an address."""
    return _signer.sign_object(
        [link.entitlement, link.table, link.form.value, int(link.expires_at.timestamp())]
    )


def read(token: str, *, now: datetime) -> Link:
    """What the word says. Raises LinkUnknown for one that is not ours, LinkExpired for an old one."""
    try:
        entitlement, table, form, ends = _signer.unsign_object(token[:TOKEN_CHARS_MAX])
        link = Link(entitlement, table, Form(form), datetime.fromtimestamp(ends, tz=UTC))
    except (signing.BadSignature, ValueError) as error:
        raise LinkUnknown(_("This download link is not one of ours.")) from error
    if link.expires_at <= now:
        raise LinkExpired(
            _("This download link has expired. Make a new one on the page of the purchase."),
            expired_at=link.expires_at.isoformat(),
        )
    return link
