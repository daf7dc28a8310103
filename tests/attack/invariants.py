"""What holds after every round, whoever did what: asked of the rows that the round has written.

Each is a statement that finds the rows which break it, narrowed to rows of its table that are younger
than the round. Membership and standing are read at the end of the round in which the row came.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db import connection

from exchange.ledger import checks

# A person is a member of an organisation.
MEMBER = (
    "EXISTS (SELECT 1 FROM accounts_membership m"
    " WHERE m.user_id = {person} AND m.organisation_id = {organisation})"
)
STANDING = (
    "(SELECT standing FROM members_admission s WHERE s.organisation_id = {organisation}"
    " ORDER BY s.id DESC LIMIT 1)"
)


def member(person: str, organisation: str) -> str:
    return MEMBER.format(person=person, organisation=organisation)


def not_active(organisation: str) -> str:
    return f"{STANDING.format(organisation=organisation)} IS DISTINCT FROM 'active'"


def suspended(organisation: str) -> str:
    return f"COALESCE({STANDING.format(organisation=organisation)}, '') = 'suspended'"


def not_taking_part(organisation: str) -> str:
    standing = STANDING.format(organisation=organisation)
    return f"COALESCE({standing}, '') NOT IN ('active', 'restricted')"


# An order t that the clock places for what somebody bid or used before, and one under a contract beside
# it: a restriction stops new business alone, and who has joined the other side since did so afterwards.
FOLLOWS = (
    "(EXISTS (SELECT 1 FROM auctions_award w WHERE w.order_id = t.id)"
    " OR EXISTS (SELECT 1 FROM metering_usagebill b WHERE b.order_id = t.id)"
    " OR EXISTS (SELECT 1 FROM asset_sales_assetsale s WHERE s.order_id = t.id))"
)
AGREED = f"(t.contract_id IS NOT NULL OR {FOLLOWS})"
# What was used is billed whatever the standing.
USED = "COALESCE(t.terms->'deal'->>'basis', '') LIKE 'usage:%%'"


@dataclass(frozen=True)
class Invariant:
    """`sql` selects from `table` AS t; whatever it finds is wrong."""

    says: str
    table: str
    sql: str


RULED = "('release', 'refund')"
INVARIANTS = (
    # Nobody judges, approves or bids against himself, by person.
    Invariant(
        "nobody bids in the auction of a house of theirs", "auctions_bid",
        f"JOIN auctions_auction a ON a.id = t.auction_id WHERE {member('t.by_id', 'a.organiser_id')}",
    ),
    Invariant(
        "nobody registers for a sale of a house of theirs", "asset_sales_bidder",
        "JOIN asset_sales_announcement n ON n.id = t.announcement_id"
        " JOIN asset_sales_assetsale a ON a.id = n.asset_sale_id"
        f" WHERE {member('t.by_id', 'a.seller_id')}",
    ),
    Invariant(
        "nobody buys from a house of theirs", "orders_order",
        f"WHERE t.renews_id IS NULL AND NOT {FOLLOWS} AND {member('t.placed_by_id', 't.seller_id')}",
    ),
    Invariant(
        "nobody reviews what a house of theirs sells", "orders_review",
        "JOIN orders_order o ON o.id = t.order_id"
        f" WHERE {member('t.by_id', 'o.seller_id')}",
    ),
    Invariant(
        "who ordered does not confirm, and somebody does", "orders_orderstep",
        "JOIN orders_order o ON o.id = t.order_id WHERE t.transition = 'confirm'"
        " AND t.actor NOT LIKE 'system:%%' AND o.needs_second AND (o.confirmed_by_id IS NULL"
        " OR o.confirmed_by_id = o.placed_by_id OR o.placed_by_id IS NULL)",
    ),
    Invariant(
        "who accepted a proposal does not approve it", "negotiation_negotiationstep",
        "JOIN negotiation_negotiation n ON n.id = t.negotiation_id WHERE t.transition = 'approve'"
        " AND n.approved_by_id IS NOT DISTINCT FROM n.accepted_by_id",
    ),
    Invariant(
        "two operators decide on a standing, neither of the house", "members_admissionstep",
        "JOIN members_proposal p ON p.admission_id = t.admission_id WHERE p.decided_by_id IS NOT NULL"
        " AND p.decision = 'approved' AND p.decided_at = t.at"
        " AND (p.decided_by_id = p.proposed_by_id OR EXISTS (SELECT 1 FROM members_admission d"
        " JOIN accounts_membership m ON m.organisation_id = d.organisation_id"
        " WHERE d.id = p.admission_id AND m.user_id IN (p.decided_by_id, p.proposed_by_id)))",
    ),
    Invariant(
        "no operator rules on an order of a house of theirs", "audit_record",
        "JOIN orders_ruling r ON t.subject = 'ruling:' || r.public_id"
        " JOIN orders_order o ON o.id = r.order_id WHERE t.event = 'orders.ruling.approved' AND"
        f" ({member('r.proposed_by_id', 'o.buyer_id')} OR {member('r.proposed_by_id', 'o.seller_id')}"
        f" OR {member('r.decided_by_id', 'o.buyer_id')} OR {member('r.decided_by_id', 'o.seller_id')})",
    ),
    Invariant(
        "an order ends as two operators ruled, or with nobody's name", "orders_orderstep",
        f"WHERE t.transition IN {RULED} AND t.by_id IS NOT NULL AND NOT EXISTS ("
        "SELECT 1 FROM orders_ruling r WHERE r.order_id = t.order_id AND r.decision = 'approved'"
        " AND r.proposed_by_id = t.by_id AND r.decided_by_id = t.approved_by_id)",
    ),
    Invariant(
        "nobody reviews the listing of a house of theirs", "catalog_listingstep",
        "JOIN catalog_product p ON p.id = t.product_id WHERE t.transition IN"
        " ('take_up', 'pass_compliance', 'pass_quality', 'approve', 'reject', 'suspend', 'resume',"
        " 'resume_paused')"
        f" AND t.by_id IS NOT NULL AND {member('t.by_id', 'p.seller_id')}",
    ),
    Invariant(
        "no person signs for both sides", "contracts_signature",
        "JOIN contracts_signature o ON o.contract_id = t.contract_id AND o.id < t.id"
        " WHERE o.by_id = t.by_id",
    ),
    Invariant(
        "who prepared a sale does not decide on it", "asset_sales_assetsalestep",
        "JOIN asset_sales_assetsale a ON a.id = t.asset_sale_id"
        " WHERE t.transition = 'decide' AND t.by_id = a.prepared_by_id",
    ),
    Invariant(
        "who declared a conflict decides on nothing", "asset_sales_assetsalestep",
        "JOIN asset_sales_conflict c ON c.asset_sale_id = t.asset_sale_id AND c.user_id = t.by_id"
        " WHERE t.transition IN ('decide', 'consent', 'approve_related') AND c.at <= t.at",
    ),
    Invariant(
        "only people of the house declare a conflict", "asset_sales_conflict",
        "JOIN asset_sales_assetsale a ON a.id = t.asset_sale_id"
        f" WHERE NOT {member('t.user_id', 'a.seller_id')}",
    ),
    Invariant(
        "what takes two people is done by two", "audit_record",
        "JOIN members_approvalrequest r ON r.decided_at = t.at AND r.decision = 'approved'"
        " WHERE t.event = 'members.approval.approved'"
        " AND (r.decided_by_id IS NULL OR r.decided_by_id = r.proposed_by_id)",
    ),
    Invariant(
        "two people lift a limit of buying", "audit_record",
        "WHERE t.event = 'orders.limit.lifted' AND NOT EXISTS (SELECT 1 FROM"
        " members_approvalrequest r WHERE r.act = 'orders.limit.raise' AND r.decision = 'approved'"
        " AND r.decided_at = t.at AND r.decided_by_id <> r.proposed_by_id)",
    ),
    Invariant(
        "a member is renamed by a request alone", "audit_record",
        "JOIN accounts_organisation o ON t.subject = 'organisation:' || o.public_id"
        " JOIN members_admission a ON a.organisation_id = o.id"
        " WHERE t.event = 'accounts.organisation.changed' AND a.standing NOT IN ('applied', 'exited')",
    ),
    # Nobody without standing is party to a new binding act.
    Invariant(
        "both parties of a new order are in good standing", "orders_order",
        f"WHERE NOT {AGREED} AND ({not_active('t.buyer_id')} OR {not_active('t.seller_id')})",
    ),
    Invariant(
        "nothing new is ordered of what its seller paused", "orders_order",
        "JOIN catalog_product p ON p.id = t.product_id JOIN catalog_offer f ON f.id = t.offer_id"
        " WHERE p.state = 'paused' AND t.renews_id IS NULL AND f.reserved_for_id IS NULL",
    ),
    Invariant(
        "both parties of an order for what was agreed before take part", "orders_order",
        f"WHERE {AGREED} AND NOT {USED}"
        f" AND ({not_taking_part('t.buyer_id')} OR {not_taking_part('t.seller_id')})",
    ),
    Invariant(
        "bidder and organiser are in good standing", "auctions_bid",
        "JOIN auctions_auction a ON a.id = t.auction_id JOIN auctions_bidder b ON b.id = t.bidder_id"
        f" WHERE {not_active('a.organiser_id')} OR {not_active('b.organisation_id')}",
    ),
    Invariant(
        "both parties of a contract that is signed take part", "contracts_signature",
        "JOIN contracts_contract c ON c.id = t.contract_id"
        f" WHERE {not_taking_part('c.buyer_id')} OR {not_taking_part('c.seller_id')}",
    ),
    Invariant(
        "both parties of an accepted proposal are in good standing", "negotiation_negotiationstep",
        "JOIN negotiation_negotiation n ON n.id = t.negotiation_id WHERE t.transition IN"
        f" ('accept', 'approve') AND ({not_active('n.buyer_id')} OR {not_active('n.seller_id')})",
    ),
    Invariant(
        "bidder and seller of a state asset are in good standing", "asset_sales_bidder",
        "JOIN asset_sales_announcement n ON n.id = t.announcement_id"
        " JOIN asset_sales_assetsale a ON a.id = n.asset_sale_id"
        f" WHERE {not_active('a.seller_id')} OR {not_active('t.organisation_id')}",
    ),
    # Bytes leave only where the rule of disclosure says so.
    Invariant(
        "only files leave as bytes", "delivery_delivery",
        "JOIN delivery_entitlement e ON e.id = t.entitlement_id"
        " JOIN catalog_product p ON p.id = e.product_id WHERE p.delivery <> 'file'",
    ),
    Invariant(
        "nothing leaves to or from who is suspended", "delivery_delivery",
        "JOIN delivery_entitlement e ON e.id = t.entitlement_id"
        " JOIN orders_order o ON o.id = e.order_id"
        f" WHERE {suspended('o.buyer_id')} OR {suspended('o.seller_id')}",
    ),
    # What is paid by use is billed for what was sent.
    Invariant(
        "a use of a table is billed once", "metering_usageevent",
        "JOIN metering_meteredsubscription s ON s.id = t.subscription_id"
        " WHERE t.source = 'assay.delivery' AND t.meter = 'rows' AND"
        " (SELECT sum(e.quantity) FROM metering_usageevent e WHERE e.subscription_id = s.id"
        " AND e.source = t.source AND e.meter = t.meter) >"
        " (SELECT COALESCE(sum(d.uses * v.rows), 0) FROM delivery_delivery d"
        " JOIN delivery_entitlement g ON g.id = d.entitlement_id"
        " JOIN vault_datatable v ON v.id = d.table_id WHERE g.order_id = s.order_id)",
    ),
    # Who hands out power has shown a second factor.
    Invariant(
        "who makes a key has a second factor", "accounts_apikey",
        "WHERE t.name <> 'Test key' AND NOT EXISTS (SELECT 1 FROM mfa_authenticator f"
        " WHERE f.user_id = t.created_by_id)",
    ),
    # Every key's act has a person behind it.
    Invariant(
        "somebody with a name accepts for the buyer", "negotiation_negotiationstep",
        "JOIN negotiation_negotiation n ON n.id = t.negotiation_id"
        " WHERE t.transition IN ('accept', 'hold') AND n.accepted_by_id IS NULL",
    ),
    Invariant(
        "two operators with a name decide a ruling", "audit_record",
        "JOIN orders_ruling r ON t.subject = 'ruling:' || r.public_id"
        " WHERE t.event = 'orders.ruling.approved' AND (r.decided_by_id IS NULL"
        " OR r.proposed_by_id IS NULL OR r.decided_by_id = r.proposed_by_id)",
    ),
)  # fmt: skip


def tables() -> tuple[str, ...]:
    return tuple(sorted({one.table for one in INVARIANTS}))


def marks() -> Mapping[str, int]:
    """The youngest key of each table that is watched. One query."""
    parts = " UNION ALL ".join(
        f"SELECT '{table}', COALESCE(max(id), 0) FROM {table}" for table in tables()
    )
    with connection.cursor() as cursor:
        cursor.execute(parts)
        return dict(cursor.fetchall())


def broken(before: Mapping[str, int], after: Mapping[str, int]) -> Iterator[str]:
    """What the rows between the marks break. One query where rows came at all."""
    touched = {table for table in before if after[table] > before[table]}
    asked = [one for one in INVARIANTS if one.table in touched]
    if not asked:
        return
    parts = []
    for number, one in enumerate(asked):
        joins, _where, condition = one.sql.partition("WHERE ")
        parts.append(
            f"SELECT {number}, t.id FROM {one.table} t {joins}"
            f"WHERE t.id > {before[one.table]} AND ({condition})"
        )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts).replace("%%", "%"))
        for number, key in cursor.fetchall():
            yield f"{asked[number].says}: {asked[number].table} {key}"


def books_are_sound() -> bool:
    """Whether the whole ledger balances."""
    return bool(checks.run().sound)
