"""Shared locks: checkouts do not wait for each other, changes of what is on offer wait for them."""

HOLD_STEADY = """
    SELECT o.id FROM catalog_offer AS o
    JOIN catalog_product AS p ON p.id = o.product_id
    WHERE o.public_id = %(offer)s
    FOR SHARE
"""

HOLD_PRODUCT_STEADY = "SELECT id FROM catalog_product WHERE id = %(product)s FOR SHARE"
