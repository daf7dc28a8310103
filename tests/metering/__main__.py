"""`python -m tests.metering [EVENTS]`: a year of use, ten million events unless told, billed twice."""

import sys
import time

from bench import measure
from tests.sets import whole_sets

EVENTS = 10_000_000


def main() -> None:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    with measure.scratch_server():
        from tests.factories.orders import a_market  # noqa: PLC0415 - after django.setup()
        from tests.metering.replay import FILE, Year  # noqa: PLC0415 - for the same reason

        year = Year(a_market(), source=whole_sets.data / FILE, events=events)
        began = time.perf_counter()
        outcome = year.run()
        taken = time.perf_counter() - began
        print(f"{outcome.sent:>12,} events sent in {taken:,.0f} s")
        print(f"{outcome.accepted:>12,} accepted, {outcome.duplicates:,} known already")
        print(f"{outcome.refused:>12,} refused")
        print(
            f"{len(outcome.bills):>12,} final bills, {sum(b.net_minor for b in outcome.bills):,} fen"
        )
        began = time.perf_counter()
        first = year.billed_again()
        print(f"{time.perf_counter() - began:>12,.1f} s to bill the year from its events")
        same = first == year.billed_again() == [bill.digest for bill in outcome.bills]
        print(f"{'yes' if same else 'NO':>12} billed twice from scratch to the same bytes")
        print(f"{year.days_that_differ():>12,} totals of days differ from the events")
        print(f"{year.receipted():>12,} events in signed daily receipts")
        print(f"{'yes' if year.settles_to_zero() else 'NO':>12} every bill paid, the books at zero")


if __name__ == "__main__":
    main()
