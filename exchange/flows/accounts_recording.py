"""What of the accounts must be in the log, since they know no log; `verify_audit` holds us to it."""

from exchange.audit.coverage import must_be_recorded


def declare() -> None:
    """Every organisation has the record of its founding. A person may come by the command line."""
    must_be_recorded(
        name="accounts.organisations",
        rows="SELECT 'organisation:' || public_id FROM accounts_organisation",
        event="accounts.organisation.created",
    )
