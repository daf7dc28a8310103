"""What the flows must have in the log for the rooms that know no log; `verify_audit` holds them to it."""

from exchange.audit.coverage import must_be_recorded
from exchange.orders.lifecycle import ORDER


def declare() -> None:
    """Every row of the rooms that moves rights or money has its record."""
    must_be_recorded(
        name="ledger.accounts",
        rows="SELECT 'account:' || public_id FROM ledger_account",
        event="ledger.account.opened",
    )
    must_be_recorded(
        name="vault.files",
        rows="SELECT 'file:' || public_id FROM vault_datafile",
        event="vault.file.stored",
    )
    must_be_recorded(
        name="vault.files.read",
        rows="SELECT 'file:' || public_id FROM vault_datafile WHERE state = 'ready'",
        event="vault.file.read",
    )
    must_be_recorded(
        name="delivery.deliveries",
        rows="SELECT 'delivery:' || public_id FROM delivery_delivery",
        event="delivery.table.delivered",
    )
    must_be_recorded(
        name="delivery.entitlements",
        rows="SELECT 'entitlement:' || public_id FROM delivery_entitlement",
        event="delivery.entitlement.granted",
    )
    must_be_recorded(
        name="delivery.entitlements.ended",
        rows="SELECT 'entitlement:' || public_id FROM delivery_entitlement"
        " WHERE state IN ('revoked', 'expired')",
        event=("delivery.entitlement.revoked", "delivery.entitlement.expired"),
    )
    must_be_recorded(
        name="ledger.postings",
        rows="SELECT 'posting:' || encode(fingerprint, 'hex') FROM ledger_journalentry",
        event=("ledger.posting.made", "ledger.hold.expired"),
    )
    must_be_recorded(
        name="orders.steps",
        rows="SELECT 'order_step:' || public_id FROM orders_orderstep",
        event=ORDER.events,
    )
    must_be_recorded(
        name="orders.discount_tiers",
        rows="SELECT 'discount_tier:' || public_id FROM orders_discounttier",
        event="orders.discount_tier.granted",
    )
    must_be_recorded(
        name="orders.messages",
        rows="SELECT 'message:' || public_id FROM orders_ordermessage",
        event="orders.message.written",
    )
    must_be_recorded(
        name="orders.certificates",
        rows="SELECT 'certificate:' || number FROM orders_certificate",
        event="orders.certificate.issued",
    )
    must_be_recorded(
        name="orders.rulings",
        rows="SELECT 'ruling:' || public_id FROM orders_ruling",
        event="orders.ruling.proposed",
    )
