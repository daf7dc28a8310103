"""Holding still what is being bought."""

from django.db import connection

from exchange.trading.queries import offers_sql


def steady_product(product_pk: int) -> None:
    """Let nobody change the product until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(offers_sql.HOLD_PRODUCT_STEADY, {"product": product_pk})


def steady_offer(offer_id: str) -> None:
    """Let nobody withdraw or change the offer or its product until this transaction ends.

    Call it before reading them: what is read afterwards is what the order freezes.
    """
    with connection.cursor() as cursor:
        cursor.execute(offers_sql.HOLD_STEADY, {"offer": offer_id})
