"""What the flows must have in the log for the rooms that know no log; `verify_audit` holds them to it."""

from exchange.audit.coverage import must_be_recorded


def declare() -> None:
    """Every account and every posting has its record."""
    must_be_recorded(
        name="ledger.accounts",
        rows="SELECT 'account:' || public_id FROM ledger_account",
        event="ledger.account.opened",
    )
    must_be_recorded(
        name="ledger.postings",
        rows="SELECT 'posting:' || encode(fingerprint, 'hex') FROM ledger_posting",
        event=("ledger.posting.made", "ledger.hold.expired"),
    )
