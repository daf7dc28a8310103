"""Subscriptions by use as their parties see them."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.metering.errors import UnknownSubscription
from exchange.metering.models import MeteredSubscription


def subscriptions_of(organisation_id: int) -> QuerySet[MeteredSubscription]:
    """What the organisation uses, and what is used of its products."""
    mine = Q(buyer_id=organisation_id) | Q(seller_id=organisation_id)
    rows = MeteredSubscription.objects.filter(mine)
    return rows.select_related("buyer", "seller", "offer__product")


def subscription_seen_by(actor: Actor, public_id: str) -> MeteredSubscription:
    """One of the actor's organisation's. Raises UnknownSubscription."""
    organisation_id = actor.organisation_id
    found = (
        None
        if organisation_id is None
        else subscriptions_of(organisation_id).filter(public_id=public_id).first()
    )
    if found is None:
        raise UnknownSubscription(_("There is no such subscription."))
    policy.require(actor, Permission.USAGE_SEE, Subject(organisation_id=organisation_id))
    return found
