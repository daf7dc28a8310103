"""Holes that were mended, put back one at a time: each the line that closed it, taken out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import pytest

from exchange.asset_sales import preparing
from exchange.auctions import access
from exchange.audit import public
from exchange.catalog import disclosure
from exchange.catalog.lifecycle import Delivery
from exchange.delivery import fetching
from exchange.members import actors, identity, policy, standing
from exchange.members.actors import Actor, Subject
from exchange.members.conflicts import ConflictOfInterest
from exchange.metering import intake
from exchange.negotiation import deciding
from exchange.web import middleware
from pricing.money import Money
from tests.attack.refills import REFILL
from tests.attack.steps_readers import COLUMN, LOG, READ

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


def _keys_of_nobody(patch: pytest.MonkeyPatch) -> None:
    """H5: who made a key is forgotten where it acts, and not missed where somebody is bound."""
    made = actors.actor_from_key
    patch.setattr(actors, "actor_from_key", lambda **said: replace(made(**said), user_id=None))
    patch.setattr(deciding, "bound_person", lambda actor: actor.user_id)


def _whole_tables_for_every_answer(patch: pytest.MonkeyPatch) -> None:
    """H6: each answer is billed as the whole table, whatever was sent."""

    def bill(fetch: fetching.Fetch, _sent_bytes: int, *, now: datetime) -> Money:
        whole = {"rows": fetch.covered.table.rows or 0}
        order = fetch.entitlement.order
        billed: Money = intake.count_delivery(order, quantities=whole, at=fetch.now, now=now)
        return billed

    patch.setattr(fetching, "_bill", bill)


def _flags_are_not_read(patch: pytest.MonkeyPatch) -> None:
    """H7: a column that the reading missed is shown, whatever its seller says."""
    patch.setattr(disclosure, "_verdicts", lambda *_asked: {})


def _owners_without_a_second_factor(patch: pytest.MonkeyPatch) -> None:
    """M4: a second factor is asked of roles alone, not of those who give them."""
    patch.setattr(actors, "MANAGERS", ())


def _answers_for_every_cache(patch: pytest.MonkeyPatch) -> None:
    """M5: nothing is said to caches."""
    answer = middleware.PrivateAnswerMiddleware
    patch.setattr(answer, "__call__", lambda self, request: self.get_response(request))


def _auctions_for_everybody(patch: pytest.MonkeyPatch) -> None:
    """M6: an announced auction is read by whoever signed in."""
    patch.setattr(access, "_reads_all", lambda _actor: True)


def _moments_in_the_log(patch: pytest.MonkeyPatch) -> None:
    """M7: the public log shows when a record was written, to the microsecond."""
    coarse = public.entry_of
    patch.setattr(
        public, "entry_of",
        lambda leaf: replace(coarse(leaf), at=leaf.record.at.replace(microsecond=123_456)),
    )  # fmt: skip


def _bar(
    patch: pytest.MonkeyPatch, name: ConflictOfInterest, holds: Callable[[Actor, Subject], bool]
) -> None:
    sentence = policy._BARS[name][1]
    patch.setitem(policy._BARS, name, (holds, sentence))


# Holes that no actor who plays can see, and the test that fails where one is put back: without limits of
# the reader, without a limit of bodies, without the heads outside, with clearing in one transaction.
HELD_ELSEWHERE: Mapping[str, str] = {
    "H1: a file ends the worker that reads it":
        "tests/vault/test_strangers_files.py::test_a_reading_ends_at_its_processor_time",
    "M1: a body of any size is taken":
        "tests/web/test_bodies.py::test_what_declares_too_much_is_refused_before_a_byte_is_read",
    "M2: the newest records are cut off with triggers off":
        "tests/audit/test_witness.py::test_a_tail_cut_off_with_every_trigger_off_is_found",
    "M8: clearing holds the auction's lock":
        "tests/races/test_clearing_races.py::test_no_lock_is_held_while_winners_are_computed",
}  # fmt: skip
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
        "files-of-every-delivery", _files_of_every_delivery, "only files leave as bytes", (REFILL,),
    ),
    Mutant(
        "operators-of-two-houses", _conflicts_of_houses_alone, "house", (REFILL,),
    ),
    Mutant(
        "dealers-for-both-sides", _dealers_for_both_sides, "a house of theirs",
        ("accounts.join", "auctions.scheduling.schedule", "auctions.bidding.place"), seed=2,
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
        "keys-of-nobody", _keys_of_nobody, "somebody with a name accepts for the buyer",
        ("negotiation.deciding.hold",),
    ),
    Mutant(
        "tables-billed-for-a-byte", _whole_tables_for_every_answer,
        "a use of a table is billed once", ("delivery.fetching._bill",),
    ),
    Mutant(
        "flags-that-nobody-reads", _flags_are_not_read, "a column that is held back", (COLUMN,),
    ),
    Mutant(
        "owners-without-a-factor", _owners_without_a_second_factor,
        "who makes a key has a second factor", ("accounts.api_keys.create_key",),
    ),
    Mutant(
        "answers-that-caches-keep", _answers_for_every_cache, "a private answer may be kept",
        (READ,),
    ),
    Mutant(
        "auctions-for-everybody", _auctions_for_everybody, "read by who does not take part",
        (READ,),
    ),
    Mutant(
        "moments-in-the-log", _moments_in_the_log, "the public log tells the moment", (LOG,),
    ),
    Mutant(
        "limits-lifted-by-one", _one_person_for_two, "two people lift a limit",
        ("orders.limits.set_limit", "orders.limits.lift_limit"),
    ),
)  # fmt: skip
