"""The zone that the books were begun with: the midnights of what was promised are of it.

It is kept when the exchange is founded and moved by who says so (members/founding.py). `TIME_ZONE` says
which zone a process reckons in, and `manage.py check` fails where the two differ.
"""

from django.conf import settings
from django.db import ProgrammingError

from exchange.core.models import BooksZone

MOVE = "manage.py move_time_zone ZONE --by user:usr_… --reason …"


def kept() -> str:
    """The zone of the books; empty before the exchange was founded and before the tables are made."""
    try:
        newest = BooksZone.objects.order_by("-pk").values_list("zone", flat=True).first()
    except ProgrammingError:
        return ""
    return newest or ""


def difference() -> str:
    """What to say where this process reckons in another zone than the books; empty where it does not."""
    books = kept()
    if books in {"", settings.TIME_ZONE}:
        return ""
    return f"TIME_ZONE is {settings.TIME_ZONE}, and the books were begun in {books}."


def advice() -> str:
    """What to do then."""
    return (
        f"Set TIME_ZONE to {kept()}: working days, ends of periods and days of bills that were promised"
        " are its midnights. To move a live exchange end or extend what runs, tell its members,"
        f" and say so with `{MOVE}`."
    )
