"""Does a record say in its columns what its canonical bytes say? Do disclosed values fit it?"""

import json
from collections.abc import Iterator
from typing import Any

from exchange.audit import canonical
from exchange.audit.queries.verification import rows_sql
from exchange.audit.queries.verification.findings import Counts, Finding
from exchange.audit.queries.verification.rows_sql import StoredRecord


def columns_that_differ(record: StoredRecord) -> list[str]:
    """The columns that do not repeat the canonical bytes; all of them when those cannot be read."""
    said = read(record.canonical)
    columns = {
        "id": record.public_id,
        "event": record.event,
        "actor": record.actor,
        "subject": record.subject,
        "at": canonical.timestamp(record.at),
    }
    return [name for name, value in columns.items() if said.get(name) != value]


def read(content: bytes) -> dict[str, Any]:
    """The record's bytes as a document; empty when they are none."""
    try:
        document = json.loads(content)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def check_disclosures(counts: Counts) -> Iterator[Finding]:
    """Every value that is still disclosed must fit the commitment in its record."""
    for public_id, content, field, salt, value in rows_sql.disclosures():
        counts.disclosures += 1
        personal = read(content).get("personal", {})
        if personal.get(field) != canonical.commitment(salt=salt, field=field, value=value):
            yield Finding(
                "disclosure",
                f"The value of {field!r} does not fit the record's commitment.",
                () if public_id is None else (public_id,),
            )
