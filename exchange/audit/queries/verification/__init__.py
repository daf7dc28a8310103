"""The whole log, checked from nothing: what anybody with the database's superuser could have changed.

Every stored hash is compared with what it is the hash of, one step at a time: leaf with record, node
with its two children, head with its peaks. All steps hold exactly when the whole log does, and where
one fails it names the place, since what follows is compared with what is stored and not with the
consequences of the first error.
"""

from exchange.audit.queries.verification.findings import Counts, Finding
from exchange.audit.queries.verification.whole import findings

__all__ = ["Counts", "Finding", "findings"]
