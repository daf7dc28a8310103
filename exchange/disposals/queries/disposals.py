"""Disposals as those see them who may know of them."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from exchange.core.refusals import NotFound
from exchange.disposals.models import Announcement, Bidder, Disposal, Valuation
from exchange.disposals.states import IN_PREPARATION, TENDED, DisposalState, Standing
from exchange.members import policy
from exchange.members.policy import Act, Actor, Subject


def subject_of(disposal: Disposal, *, makers: Iterable[int] = ()) -> Subject:
    """The disposal as policy knows things: the seller's; who prepared it may not decide on it."""
    return Subject(
        organisation_id=disposal.seller_id,
        made_by=frozenset({disposal.prepared_by_id, *makers}),
        conflicted=frozenset(disposal.conflicts.values_list("user_id", flat=True)),
    )


def disposal_seen_by(actor: Actor, public_id: str) -> Disposal:
    """The disposal as its seller and overseers see it. Raises NotFound to all others."""
    found = _rows().filter(public_id=public_id).first()
    if found is None:
        raise NotFound(_("There is no such disposal."))
    policy.permit(actor, Act.DISPOSAL_SEE, subject_of(found))
    return found


def disposals_of(organisation_id: int) -> QuerySet[Disposal]:
    """What an organisation disposes of, newest first."""
    return _rows().filter(seller_id=organisation_id).order_by("-pk")


def announced() -> QuerySet[Announcement]:
    """The last round of each disposal that was announced: what everybody may read. Newest first."""
    return (
        Announcement.objects.select_related(
            "disposal__seller", "disposal__product", "disposal__winner", "valuation"
        )
        .exclude(disposal__state__in=sorted(IN_PREPARATION))
        .order_by("-pk")
    )


def announcement_named(public_id: str) -> Announcement:
    """An announcement by its public id. Raises NotFound."""
    found = announced().filter(public_id=public_id).first()
    if found is None:
        raise NotFound(_("There is no such announcement."))
    return found


def round_of(disposal: Disposal) -> Announcement:
    """The round that runs, or ran last. Raises NotFound before the first announcement."""
    found = disposal.announcements.filter(number=disposal.round).first()
    if found is None:
        raise NotFound(_("There is no such announcement."))
    return found


def valuation_of(disposal: Disposal) -> Valuation | None:
    """The valuation that counts: the last."""
    return disposal.valuations.order_by("-number").first()


def qualified(announcement: Announcement) -> list[Bidder]:
    """Bidders who may buy, by number."""
    rows = announcement.bidders.filter(standing=Standing.QUALIFIED)
    return list(rows.select_related("organisation").order_by("number"))


def due(*, now: datetime, limit: int) -> list[str]:
    """Disposals for which the clock may have something to do, by public id."""
    waits = Q(state__in=[DisposalState.CONTRACTED, DisposalState.PAID, DisposalState.CERTIFIED])
    waits |= Q(due_at__lte=now)
    waits |= Q(
        state__in=[DisposalState.VALUED, DisposalState.FILED, DisposalState.NO_BUYER], due_at=None
    )
    rows = Disposal.objects.filter(waits, state__in=sorted(TENDED)).order_by("due_at", "pk")
    return list(rows.values_list("public_id", flat=True)[:limit])


def _rows() -> QuerySet[Disposal]:
    return Disposal.objects.select_related("seller", "product", "winner", "prepared_by")
