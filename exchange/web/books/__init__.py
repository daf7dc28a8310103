"""An organisation's accounts and statements."""
