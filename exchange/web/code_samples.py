"""How a program fetches what was bought: the same few lines that a colleague would send you."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from exchange.delivery.models import Entitlement
from exchange.delivery.queries.coverage import Covered
from exchange.delivery.states import Form

CURL = """curl --fail --location --remote-header-name --remote-name --continue-at - \\
  --header "Authorization: Bearer $ASSAY_KEY" \\
  {url}"""

PANDAS = """import os
import pandas as pd

frame = pd.read_parquet(
    "{url}",
    storage_options={{"Authorization": f"Bearer {{os.environ['ASSAY_KEY']}}"}},
)"""

DUCKDB = """INSTALL httpfs; LOAD httpfs;
CREATE SECRET assay (TYPE http, BEARER_TOKEN getenv('ASSAY_KEY'), SCOPE '{scope}');
SELECT * FROM read_parquet('{url}') LIMIT 10;"""


@dataclass(frozen=True)
class Sample:
    """Lines to copy."""

    name: str
    explanation: str
    code: str


def samples_for(
    request: HttpRequest, entitlement: Entitlement, found: list[Covered]
) -> tuple[Sample, ...]:
    """For the newest table that is open; none where nothing is."""
    if not found or not found[0].downloads:
        return ()
    url = request.build_absolute_uri(
        reverse(
            "api:table-content",
            kwargs={
                "entitlement_id": entitlement.public_id,
                "table_id": found[0].table.public_id,
                "form": Form.PARQUET.value,
            },
        )
    )
    scope = request.build_absolute_uri("/")
    return (
        Sample("curl", _("Goes on where it broke off when it is run again."), CURL.format(url=url)),
        Sample("pandas", _("Reads the table into memory."), PANDAS.format(url=url)),
        Sample(
            "DuckDB",
            _("Reads only the columns and rows that the question needs."),
            DUCKDB.format(url=url, scope=scope),
        ),
    )
