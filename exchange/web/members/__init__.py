"""Admission to the exchange, and the roles of an organisation's people."""
