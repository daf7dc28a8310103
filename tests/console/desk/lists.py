"""A list of the desk as a page and as a file."""

import csv
from typing import Any

from django.test import Client
from django.urls import reverse


def the_list(table: str, **asked: str) -> str:
    return reverse(f"desk:{table}_changelist", query=asked or None)


def rows_of(client: Client, table: str, **asked: str) -> list[dict[str, str]]:
    answer: Any = client.get(reverse(f"desk:{table}_csv", query=asked or None))
    assert answer.status_code == 200
    return list(csv.DictReader(b"".join(answer.streaming_content).decode().splitlines()))
