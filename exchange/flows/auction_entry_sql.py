"""Who wants to bid in which auction: one statement, read before the lock."""

ENTER = """
SELECT auction.*,
    EXISTS (
        SELECT FROM auctions_bidder AS bidder
        WHERE bidder.auction_id = auction.id AND bidder.organisation_id = %(organisation)s
    ) AS is_registered,
    EXISTS (
        SELECT FROM members_relatedparty AS related
        WHERE related.ended_at IS NULL AND (
            (related.organisation_id = auction.organiser_id AND related.other_id = %(organisation)s)
            OR (related.organisation_id = %(organisation)s AND related.other_id = auction.organiser_id)
        )
    ) AS is_related,
    (
        SELECT own.limit_minor FROM orders_buyinglimit AS own
        WHERE own.organisation_id = %(organisation)s AND own.currency = auction.currency
    ) AS limit_minor,
    (
        SELECT key.created_by_id FROM accounts_apikey AS key WHERE key.public_id = %(key)s
    ) AS key_made_by
FROM auctions_auction AS auction
WHERE auction.public_id = %(auction)s
"""
