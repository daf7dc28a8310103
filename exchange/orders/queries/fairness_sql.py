"""Prices and trades set side by side. What ended without a sale is no trade."""

# Prices that bidding or a meter has made are not compared, nor renewals, nor those with a reason.
SPREADS = """
    SELECT o.product_id, o.currency, count(*), count(DISTINCT o.buyer_id),
        min(o.net_minor), max(o.net_minor),
        (array_agg(o.public_id ORDER BY o.net_minor, o.id))[1],
        (array_agg(o.public_id ORDER BY o.net_minor DESC, o.id))[1]
    FROM orders_order AS o
    LEFT JOIN orders_pricereason AS r ON r.order_id = o.id
    WHERE o.created_at >= %(since)s
        AND o.state NOT IN ('created', 'cancelled', 'refunded')
        AND o.net_minor > 0 AND o.renews_id IS NULL AND r.id IS NULL
        AND COALESCE(o.terms -> 'deal' ->> 'basis', '') !~ '^(auction|asset_sale|usage):'
    GROUP BY o.product_id, o.currency,
        (o.terms -> 'offer') - 'id' - 'number' - 'name',
        o.terms ->> 'licence_hash', o.terms -> 'deal' -> 'nature'
    HAVING count(DISTINCT o.buyer_id) > 1
        AND max(o.net_minor) > min(o.net_minor) * (1 + %(limit)s::numeric)
    ORDER BY max(o.net_minor)::numeric / min(o.net_minor) DESC, o.product_id
    LIMIT %(rows)s
"""

CIRCLES = """
    WITH pairs AS (
        SELECT seller_id, buyer_id, currency, count(*) AS trades, sum(net_minor) AS net_minor
        FROM orders_order
        WHERE created_at >= %(since)s AND net_minor > 0
            AND state NOT IN ('created', 'cancelled', 'refunded')
        GROUP BY seller_id, buyer_id, currency
    )
    SELECT a.seller_id, a.buyer_id, a.currency, a.trades, a.net_minor, b.trades, b.net_minor
    FROM pairs AS a
    JOIN pairs AS b ON b.seller_id = a.buyer_id AND b.buyer_id = a.seller_id
        AND b.currency = a.currency
    WHERE a.seller_id < a.buyer_id
    ORDER BY least(a.net_minor, b.net_minor) / greatest(a.net_minor, b.net_minor) DESC,
        a.net_minor + b.net_minor DESC
    LIMIT %(rows)s
"""

AMONG = """
    WITH pairs AS (
        SELECT seller_id, buyer_id, currency, count(*) AS trades, sum(net_minor) AS net_minor
        FROM orders_order
        WHERE created_at >= %(since)s AND net_minor > 0
            AND state NOT IN ('created', 'cancelled', 'refunded')
        GROUP BY seller_id, buyer_id, currency
    )
    SELECT p.seller_id, p.buyer_id, p.currency, p.trades, p.net_minor,
        (SELECT sum(net_minor) FROM pairs AS w
            WHERE w.seller_id = p.seller_id AND w.currency = p.currency)
    FROM pairs AS p
    JOIN unnest(%(firsts)s::bigint[], %(seconds)s::bigint[]) AS related (first, second)
        ON (p.seller_id, p.buyer_id) IN (
            (related.first, related.second), (related.second, related.first)
        )
    ORDER BY p.net_minor DESC
    LIMIT %(rows)s
"""
