"""What the flows must have in the log for the rooms that know no log; `verify_audit` holds them to it."""

from exchange.audit.coverage import must_be_recorded


def declare() -> None:
    """Every row of the rooms that moves rights or money has its record."""
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
