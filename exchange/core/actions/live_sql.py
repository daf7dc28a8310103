"""News in PostgreSQL's own words."""

CHANNEL = "assay_live"
ANNOUNCE = "SELECT pg_notify(%(channel)s, %(payload)s)"
