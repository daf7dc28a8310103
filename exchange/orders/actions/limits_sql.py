"""Shared locks: orders do not wait for each other, changes of the limit wait for orders."""

READ_STEADY = """
    SELECT limit_minor FROM orders_buyinglimit
    WHERE organisation_id = %(organisation)s AND currency = %(currency)s
    FOR SHARE
"""
