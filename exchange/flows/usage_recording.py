"""What the log must have of usage plans."""

from exchange.audit.coverage import must_be_recorded


def declare() -> None:
    """Every subscription, receipt and final bill has its record."""
    must_be_recorded(
        name="metering.subscriptions",
        rows="SELECT 'metered:' || public_id FROM metering_meteredsubscription",
        event="metering.subscription.begun",
    )
    must_be_recorded(
        name="metering.receipts",
        rows="""
            SELECT 'usage_receipt:' || owner.public_id || '.' || receipt.day
            FROM metering_usagereceipt AS receipt
            JOIN metering_meteredsubscription AS owner ON owner.id = receipt.subscription_id
        """,
        event="metering.receipt.made",
    )
    must_be_recorded(
        name="metering.bills",
        rows="SELECT 'usage_bill:' || public_id FROM metering_usagebill",
        event="metering.bill.closed",
    )
