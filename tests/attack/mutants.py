"""Holes that were mended, put back one at a time: each the line that closed it, taken out."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from exchange.asset_sales import preparing
from exchange.catalog import disclosure
from exchange.catalog.lifecycle import Delivery
from exchange.members import identity, policy, standing
from exchange.members.actors import Actor, Subject
from exchange.members.conflicts import ConflictOfInterest

PutBack = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Mutant:
    """`favour` names the steps that come more often, so that few rounds suffice."""

    name: str
    put_back: PutBack
    finds: (
        str  # of the invariant that it breaks, or of the fault with which the database refuses it
    )
    favour: tuple[str, ...] = ()
    seed: int = 1
    rounds: int = 800


def _unasked_standing(patch: pytest.MonkeyPatch) -> None:
    """H2: nobody asks how the parties of a deal stand."""
    patch.setattr(standing, "_check", lambda *_asked: None)


def _conflicts_of_anybody(patch: pytest.MonkeyPatch) -> None:
    """Whoever oversees a sale declares a conflict in it."""
    patch.setattr(preparing, "_check_own_people", lambda *_asked: None)


def _files_of_every_delivery(patch: pytest.MonkeyPatch) -> None:
    """C1: what is worked with in the trusted space is sold and fetched as a file."""
    patch.setattr(disclosure, "_NEEDS_TRUSTED_SPACE", frozenset[Delivery]())
    grades = (disclosure.SOLD,) * len(disclosure._GRADES)
    patch.setitem(disclosure._MAY_LEAVE, Delivery.SANDBOX, grades)


def _conflicts_of_houses_alone(patch: pytest.MonkeyPatch) -> None:
    """C2: whose matter it is, is asked of the house acted for, not of the person."""

    def own_house(actor: Actor, subject: Subject) -> bool:
        return subject.organisation_id == actor.organisation_id

    def other_side(actor: Actor, subject: Subject) -> bool:
        return actor.organisation_id in subject.other_side

    _bar(patch, ConflictOfInterest.OWN_ORGANISATION, own_house)
    _bar(patch, ConflictOfInterest.OTHER_SIDE, other_side)


def _dealers_for_both_sides(patch: pytest.MonkeyPatch) -> None:
    """H4: nor is who deals for both sides."""
    _conflicts_of_houses_alone(patch)
    _bar(patch, ConflictOfInterest.BOTH_SIDES, lambda *_asked: False)


def _identity_is_free(patch: pytest.MonkeyPatch) -> None:
    """H3: a member renames itself."""
    patch.setattr(identity, "is_fixed", lambda _organisation_id: False)


def _second_person_is_the_first(patch: pytest.MonkeyPatch) -> None:
    """C2, H5: who proposed something approves it."""
    _bar(patch, ConflictOfInterest.OWN_MAKING, lambda *_asked: False)


def _one_person_for_two(patch: pytest.MonkeyPatch) -> None:
    """M3, C2: what takes two people is done by one."""
    checks = tuple(check for check in policy.CHECKS if check is not policy._seconded)
    patch.setattr(policy, "CHECKS", checks)


def _bar(
    patch: pytest.MonkeyPatch, name: ConflictOfInterest, holds: Callable[[Actor, Subject], bool]
) -> None:
    sentence = policy._BARS[name][1]
    patch.setitem(policy._BARS, name, (holds, sentence))


MUTANTS = (
    Mutant(
        "standing-of-the-other-side", _unasked_standing, "both parties",
        ("journeys.checkout.checkout", "members.admission.restrict"),
    ),
    Mutant(
        "conflicts-of-overseers", _conflicts_of_anybody, "only people of the house declare",
        ("asset_sales.preparing.declare_conflict",),
    ),
    Mutant(
        "files-of-every-delivery", _files_of_every_delivery, "only files leave as bytes",
        ("journeys.checkout.checkout", "delivery.fetching._count", "payments.collection.apply"),
    ),
    Mutant(
        "operators-of-two-houses", _conflicts_of_houses_alone, "house",
        (
            "accounts.join", "orders.performance.object_to", "journeys.disputes.rule_on",
            "journeys.disputes.approve", "catalog.review.suspend",
        ),
    ),
    Mutant(
        "dealers-for-both-sides", _dealers_for_both_sides, "a house of theirs",
        ("accounts.join", "auctions.scheduling.schedule", "auctions.bidding.place"),
    ),
    Mutant(
        "members-rename-themselves", _identity_is_free, "a member is renamed",
        ("accounts.change_profile",),
    ),
    Mutant(
        "approval-by-who-asked", _second_person_is_the_first, "decided_by_another",
        ("journeys.disputes.rule_on", "journeys.disputes.approve", "members.approvals.approve"),
    ),
    Mutant(
        "limits-lifted-by-one", _one_person_for_two, "two people lift a limit",
        ("orders.limits.set_limit", "orders.limits.lift_limit"),
    ),
)  # fmt: skip
