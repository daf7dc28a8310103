"""Where a document's record stands in the transparency log, for its seal."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from exchange.audit.errors import NotYetInTheLog
from exchange.audit.queries import heads, records
from exchange.orders.models import Certificate
from exchange.web.documents.layout import Line


def log_lines(record_id: str) -> list[Line]:
    """The record, its number in the log, its hash, and the signed root that covers it."""
    try:
        leaf = records.leaf_of(record_id)
    except NotYetInTheLog:
        return [Line(_("Log"), _("The record waits for its place in the log."))]
    head = heads.newest()
    lines = [
        Line(_("Log entry"), f"{leaf.index}"),
        Line(_("Hash of the record"), bytes(leaf.hash).hex()),
    ]
    if head is not None:
        sealed = _("%(size)d entries, root %(root)s") % {
            "size": head.tree_size,
            "root": bytes(head.root).hex(),
        }
        lines.append(Line(_("Signed head"), sealed))
    return lines


def verification_url(certificate: Certificate) -> str:
    """The public address that says whether the exchange issued a certificate with this hash."""
    here = reverse("web:verify_certificate", args=[certificate.number])
    return f"{settings.PUBLIC_URL}{here}?hash={certificate.document_hash.removeprefix('sha256:')}"
