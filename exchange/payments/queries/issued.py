"""Numbered documents as their parties and supervisors see them."""

from django.utils.translation import gettext as _

from exchange.core.refusals import NotFound
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.payments.models import Document


def document_of_order(order_ref: str, *, kind: str) -> Document | None:
    """The newest document of a kind about an order; whether it may be seen is the caller's to ask."""
    documents = Document.objects.filter(order_ref=order_ref, kind=kind)
    return documents.select_related("issuer", "receiver", "corrects").order_by("-id").first()


def document_seen_by(actor: Actor, number: str) -> Document:
    """The document for people of its issuer or its receiver, or a supervisor. Raises NotFound."""
    document = (
        Document.objects.filter(number=number)
        .select_related("issuer", "receiver", "corrects")
        .first()
    )
    if document is None:
        raise NotFound(_("There is no such document."))
    own = actor.organisation_id == document.issuer_id
    side = document.issuer_id if own else document.receiver_id
    policy.require(actor, Permission.PAYMENT_DOCUMENT_SEE, Subject(organisation_id=side))
    return document
