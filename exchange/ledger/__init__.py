"""Room ledger."""
