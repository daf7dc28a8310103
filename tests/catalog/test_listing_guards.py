"""What the database itself refuses about listings, whoever asks."""

import pytest
from django.db import DatabaseError, connection, transaction

from exchange.catalog.lifecycle import ListingState, ListingTransition
from exchange.catalog.models import ListingStep, Product
from tests.factories.catalog import DAY, Stall


def test_the_database_refuses_to_rewrite_a_step(stall: Stall) -> None:
    stall.draft()
    with (
        pytest.raises(DatabaseError, match="its rows are never changed"),
        transaction.atomic(),
    ):
        ListingStep.objects.update(reason="Nothing happened.")


def test_the_database_refuses_a_state_that_no_step_led_to(stall: Stall) -> None:
    product = stall.complete()
    Product.objects.filter(pk=product.pk).update(state=ListingState.REJECTED)
    with (
        pytest.raises(DatabaseError, match="does not stand where its steps lead"),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_database_refuses_core_data_on_the_list(stall: Stall) -> None:
    product = stall.list()
    with (
        pytest.raises(DatabaseError, match="product_of_core_data_is_never_listed"),
        transaction.atomic(),
    ):
        Product.objects.filter(pk=product.pk).update(grade="core")


def test_the_database_refuses_one_pair_of_eyes_on_a_sensitive_approval(stall: Stall) -> None:
    product = stall.submit(stall.complete(grade="general_3"))
    with (
        pytest.raises(DatabaseError, match="listing_step_of_a_sensitive_grade_needs_four_eyes"),
        transaction.atomic(),
    ):
        ListingStep.objects.create(
            product=product,
            number=3,
            transition=ListingTransition.APPROVE,
            source=ListingState.PRICE_REVIEW,
            target=ListingState.APPROVED,
            actor="user:somebody",
            by_id=stall.reviewing.user_id,
            sensitive=True,
            at=DAY,
        )
