"""Orders and what was fetched of them, side by side."""

UNUSED = """
    SELECT o.buyer_id, o.product_id, count(*), sum(o.net_minor), o.currency
    FROM orders_order AS o
    LEFT JOIN delivery_entitlement AS e ON e.order_id = o.id
    WHERE o.created_at >= %(since)s AND o.net_minor > 0
        AND o.state NOT IN ('created', 'contract_signed', 'cancelled', 'refunded')
    GROUP BY o.buyer_id, o.product_id, o.currency
    HAVING count(*) >= %(times)s AND NOT bool_or(
        EXISTS (SELECT FROM delivery_delivery AS d WHERE d.entitlement_id = e.id)
    )
    ORDER BY sum(o.net_minor) DESC
    LIMIT %(rows)s
"""
