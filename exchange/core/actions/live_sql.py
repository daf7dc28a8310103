"""News in PostgreSQL's own words."""

CHANNEL = "assay_live"
ANNOUNCE = "SELECT pg_notify(%(channel)s, payload) FROM unnest(%(payloads)s::text[]) AS payload"
