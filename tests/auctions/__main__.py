"""`python -m tests.auctions`: all recorded sealed bids through the rooms, on a server of its own."""

from bench import measure
from tests.sets import whole_sets


def main() -> None:
    with measure.scratch_server():
        from django.test.utils import setup_test_environment  # noqa: PLC0415 - after django.setup()

        from tests.auctions.replay import FILE, Replay, read  # noqa: PLC0415 - after django.setup()
        from tests.factories.auctions import a_house  # noqa: PLC0415 - for the same reason

        setup_test_environment()
        outcomes = Replay(a_house()).run(read(whole_sets.data / FILE))
        print("\n".join(f"{number:>6,} {what}" for what, number in outcomes.items()))


if __name__ == "__main__":
    main()
