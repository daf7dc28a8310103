"""Rights to data: opened once, taken back, resting, ending; every step stays."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from exchange.audit.models import Record
from exchange.core.lifecycle import IllegalTransition, ReasonMissing
from exchange.core.refusals import NotAllowed, NotFound
from exchange.delivery import entitlements
from exchange.delivery.entitlements import check_open, entitlement_of
from exchange.delivery.errors import (
    EntitlementExpired,
    EntitlementNotBegun,
    EntitlementRevoked,
    EntitlementSuspended,
)
from exchange.delivery.lifecycle import EntitlementState
from exchange.delivery.models import Entitlement, EntitlementStep
from tests.factories.accounts import an_organisation
from tests.factories.delivery import BOUGHT, CLOCK, Counter, a_counter, an_entitlement
from tests.factories.members import minutes

pytestmark = pytest.mark.django_db
REASON = "The money went back."


@pytest.fixture
def counter() -> Counter:
    return a_counter(days=30)


def steps(entitlement: Entitlement) -> list[tuple[str, str]]:
    return list(entitlement.steps.values_list("source", "target"))


def events() -> list[str]:
    mine = Record.objects.filter(event__startswith="delivery.entitlement.").order_by("pk")
    return [event.rpartition(".")[2] for event in mine.values_list("event", flat=True)]


def refusal_at(entitlement: Entitlement, at: datetime) -> str:
    try:
        check_open(entitlement, at=at)
    except (
        EntitlementExpired,
        EntitlementNotBegun,
        EntitlementRevoked,
        EntitlementSuspended,
    ) as no:
        return no.code
    return ""


def test_an_order_brings_one_right_however_often_it_is_asked_for(counter: Counter) -> None:
    known = counter.entitlement
    again = entitlements.grant(known.order, actor=CLOCK, now=BOUGHT + minutes(1))
    assert (again.pk, again.terms, again.valid_from) == (known.pk, {}, BOUGHT)
    assert Entitlement.objects.count() == 1
    assert steps(known) == [("", "active")]


def test_a_right_is_open_from_its_beginning_until_its_end(counter: Counter) -> None:
    end = BOUGHT + timedelta(days=30)
    assert refusal_at(counter.entitlement, BOUGHT - minutes(1)) == "entitlement_not_begun"
    assert refusal_at(counter.entitlement, BOUGHT) == ""
    assert refusal_at(counter.entitlement, end - minutes(1)) == ""
    assert refusal_at(counter.entitlement, end) == "entitlement_expired"


def test_the_sweep_marks_what_has_ended_once(counter: Counter) -> None:
    lasting = an_entitlement(counter.product, counter.buyer)
    end = BOUGHT + timedelta(days=30)
    assert entitlements.expire_due(now=end - minutes(1)) == 0
    assert entitlements.expire_due(now=end) == 1
    assert entitlements.expire_due(now=end) == 0
    counter.entitlement.refresh_from_db()
    lasting.refresh_from_db()
    assert (counter.entitlement.state, lasting.state) == ("expired", "active")
    assert steps(counter.entitlement) == [("", "active"), ("active", "expired")]
    assert events() == ["granted", "granted", "expired"]


def test_an_operator_lets_a_right_rest_and_ends_the_rest(counter: Counter) -> None:
    operator, right = counter.exchange.proposer, counter.entitlement.public_id
    rests = entitlements.suspend(right, actor=operator, reason="A complaint.", now=BOUGHT)
    assert refusal_at(rests, BOUGHT) == "entitlement_suspended"
    goes_on = entitlements.resume(right, actor=operator, reason="It was settled.", now=BOUGHT)
    assert refusal_at(goes_on, BOUGHT) == ""
    assert events() == ["granted", "suspended", "resumed"]


def test_a_right_that_was_taken_back_stays_so(counter: Counter) -> None:
    operator, right = counter.exchange.proposer, counter.entitlement.public_id
    taken = entitlements.revoke(right, actor=operator, reason=REASON, now=BOUGHT)
    assert (taken.state, taken.reason) == ("revoked", REASON)
    assert refusal_at(taken, BOUGHT) == "entitlement_revoked"
    with pytest.raises(IllegalTransition):
        entitlements.resume(right, actor=operator, reason="No.", now=BOUGHT)
    assert steps(taken) == [("", "active"), ("active", "revoked")]


def test_nobody_but_an_operator_takes_rights_back(counter: Counter) -> None:
    with pytest.raises(NotAllowed):
        entitlements.revoke(
            counter.entitlement.public_id,
            actor=counter.fetching,
            reason=REASON,
            now=BOUGHT,
        )
    counter.entitlement.refresh_from_db()
    assert (counter.entitlement.state, events()) == ("active", ["granted"])


def test_taking_back_needs_a_reason(counter: Counter) -> None:
    with pytest.raises(ReasonMissing):
        entitlements.revoke_order(counter.entitlement.order, reason="  ", actor=CLOCK, now=BOUGHT)
    assert EntitlementStep.objects.count() == 1


def test_others_know_nothing_of_a_right(counter: Counter) -> None:
    for stranger in (an_organisation().pk, counter.product.seller_id, None):
        with pytest.raises(NotFound):
            entitlement_of(stranger, counter.entitlement.public_id)


def test_the_database_keeps_what_was_granted(counter: Counter) -> None:
    row = Entitlement.objects.filter(pk=counter.entitlement.pk)
    changes: list[tuple[dict[str, Any], str]] = [
        ({"valid_until": None}, "its rows are never changed"),
        ({"terms": {"x": 1}}, "its rows are never changed"),
        ({"state": "revoked"}, "entitlement_is_taken_with_a_reason"),
    ]
    for change, rule in changes:
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            row.update(**change)
    with (
        pytest.raises(IntegrityError, match="its rows are never changed"),
        transaction.atomic(),
    ):
        EntitlementStep.objects.update(actor="somebody else")


def test_the_database_refuses_a_state_without_its_step(counter: Counter) -> None:
    with pytest.raises(IntegrityError, match="does not stand where its steps lead"):
        _suspend_without_a_step(counter.entitlement)


def _suspend_without_a_step(entitlement: Entitlement) -> None:
    with transaction.atomic():
        Entitlement.objects.filter(pk=entitlement.pk).update(
            state=EntitlementState.SUSPENDED, reason="quietly"
        )
        connection.check_constraints()
