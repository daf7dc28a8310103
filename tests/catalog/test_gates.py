"""Rules that a listing is asked about: those that concern it, and no others."""

import pytest

from exchange.catalog.facts import listing_of
from exchange.catalog.gates import GATES, answers, check_gates, score_of
from exchange.catalog.lifecycle import ListingTransition, ProductKind
from tests.factories.catalog import DAY, Stall

SOME = {"data_ready", "parts_listed", "address_given", "questions_answered"}


@pytest.mark.parametrize(
    ("kind", "delivery", "asked"),
    [
        (ProductKind.DATASET, "file", {"data_ready"}),
        (ProductKind.DATASET, "external", {"address_given"}),
        (ProductKind.API, "api", {"address_given"}),
        (ProductKind.SERVICE, "service", set()),
        (ProductKind.BUNDLE, "service", {"parts_listed"}),
    ],
)
def test_rules_are_asked_of_what_they_concern(
    stall: Stall, kind: ProductKind, delivery: str, asked: set[str]
) -> None:
    product = stall.draft(kind, delivery=delivery)
    given = {one.gate.code: one for one in answers(listing_of(product, at=DAY))}
    assert SOME & set(given) == asked
    assert not any(given[code].is_open for code in asked)
    assert len(given) == len(GATES) - len(SOME) + len(asked)


def test_a_step_keeps_the_answers_of_the_rules_that_concern_it_by_their_codes(stall: Stall) -> None:
    product = stall.complete()
    listing = listing_of(product, at=DAY)
    kept = check_gates(listing, ListingTransition.SUBMIT)
    assert {"gate": "data_ready", "open": True} in kept
    assert SOME & {one["gate"] for one in kept} == {"data_ready"}
    assert score_of(answers(listing)) < 100
