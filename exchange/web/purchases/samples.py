"""The lines of code that fetch a purchase, ready to be copied."""

import re
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from exchange.delivery.coverage import Covered
from exchange.delivery.lifecycle import Form
from exchange.delivery.models import Entitlement

CURL = """curl --fail --location --continue-at - --output {file} \\
  --header "Authorization: Bearer $ASSAY_KEY" \\
  {url}"""
PYTHON = """import os
import shutil
from urllib.request import Request, urlopen

import duckdb

key = os.environ["ASSAY_KEY"]
request = Request("{url}", headers={{"Authorization": f"Bearer {{key}}"}})
with urlopen(request) as answer, open("{file}", "wb") as file:
    shutil.copyfileobj(answer, file)

print(duckdb.sql("SELECT * FROM '{file}' LIMIT 10"))"""
NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")  # what a shell, Python or SQL would read as more


@dataclass(frozen=True)
class Sample:
    """Lines to copy."""

    name: str
    explanation: str
    code: str


def samples_for(
    request: HttpRequest, entitlement: Entitlement, found: list[Covered]
) -> tuple[Sample, ...]:
    """For the newest table that is open; none where nothing is, or no file leaves."""
    newest = next((one for one in found if one.downloads), None)
    if newest is None:
        return ()
    url = request.build_absolute_uri(
        reverse(
            "api:table-content",
            kwargs={
                "entitlement_id": entitlement.public_id,
                "table_id": newest.table.public_id,
                "form": Form.PARQUET.value,
            },
        )
    )
    file = file_name(newest.table.name)
    return (
        Sample(
            "curl",
            _("Goes on where it broke off when it is run again."),
            CURL.format(url=url, file=file),
        ),
        Sample(
            "Python",
            _("Fetches the table and asks it with DuckDB (pip install duckdb)."),
            PYTHON.format(url=url, file=file),
        ),
    )


def file_name(table: str) -> str:
    """Where the lines keep the table: its name as far as it cannot be read as code."""
    return f"{NOT_IN_NAMES.sub('-', table).strip('-.') or 'table'}.parquet"
