"""Numbered papers as their parties and supervisors see them."""

from django.utils.translation import gettext as _

from exchange.core.refusals import NotFound
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.payments.models import Paper


def paper_of_order(order_ref: str, *, kind: str) -> Paper | None:
    """The newest paper of a kind about an order; whether it may be seen is the caller's to ask."""
    papers = Paper.objects.filter(order_ref=order_ref, kind=kind)
    return papers.select_related("issuer", "receiver", "corrects").order_by("-id").first()


def paper_seen_by(actor: Actor, number: str) -> Paper:
    """The paper for people of its issuer or its receiver, or a supervisor. Raises NotFound."""
    paper = (
        Paper.objects.filter(number=number).select_related("issuer", "receiver", "corrects").first()
    )
    if paper is None:
        raise NotFound(_("There is no such paper."))
    own = actor.organisation_id == paper.issuer_id
    side = paper.issuer_id if own else paper.receiver_id
    policy.require(actor, Permission.PAPER_SEE, Subject(organisation_id=side))
    return paper
