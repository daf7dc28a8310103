"""The kinds of disputes as one table: who opens one and for what, whether access rests, how it is drafted."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exchange.disputes.lifecycle import DisputeKind, Remedy
from exchange.orders.queries import Side

MONEY = (Remedy.REFUND, Remedy.PART)


@dataclass(frozen=True)
class KindRule:
    """One row: what each side may ask for, nothing where it does not open such a dispute.

    `pauses_access` closes the buyer's access until the dispute has ended. `draft` names the rule of
    `delivery.drafting` that speaks whatever the files say; without one the files are read. `needs` is what
    both sides are asked to show.
    """

    buyer: tuple[Remedy, ...]
    needs: Promise
    seller: tuple[Remedy, ...] = ()
    pauses_access: bool = False
    draft: str = ""

    def remedies(self, side: Side) -> tuple[Remedy, ...]:
        """What the side may ask for."""
        return {Side.BUYER: self.buyer, Side.SELLER: self.seller}.get(side, ())


KINDS: Mapping[DisputeKind, KindRule] = {
    DisputeKind.NOT_DELIVERED: KindRule(
        MONEY, needs=_("Which files or periods are missing, since when, and what was tried.")
    ),
    DisputeKind.NOT_AS_DESCRIBED: KindRule(
        MONEY, needs=_("Which part of the description, and which rows, columns and dates differ.")
    ),
    DisputeKind.BELOW_QUALITY: KindRule(
        MONEY, needs=_("Which figure of the quality report, and what was measured instead.")
    ),
    DisputeKind.RIGHTS_CHALLENGED: KindRule(
        MONEY,
        seller=(Remedy.REFUND,),
        pauses_access=True,
        draft="rights_challenged",
        needs=_("Who challenges which right, since when, and what was written about it."),
    ),
    DisputeKind.MISUSE: KindRule(
        (),
        seller=(Remedy.END_ACCESS,),
        pauses_access=True,
        draft="misuse",
        needs=_("Which permit or ban of the licence, and where the data was seen or used."),
    ),
    DisputeKind.WRONG_PRICE: KindRule(
        MONEY,
        draft="wrong_price",
        needs=_("Which figure of the order or the bill, and what it should be by the terms."),
    ),
}


def kinds_for(side: Side) -> tuple[DisputeKind, ...]:
    """What the side may open a dispute about."""
    return tuple(kind for kind, rule in KINDS.items() if rule.remedies(side))


def remedies_for(side: Side) -> tuple[Remedy, ...]:
    """What the side may ask for in any of them, in the order of the choices."""
    offered = {remedy for rule in KINDS.values() for remedy in rule.remedies(side)}
    return tuple(remedy for remedy in Remedy if remedy in offered)
