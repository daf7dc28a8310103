"""Where the thing that a notice speaks of is looked at. The doors say so; rooms know no path."""

from collections.abc import Callable

Build = Callable[[str], str]

_links: dict[str, Build] = {}


def declare(thing: str, build: Build) -> None:
    """Say, in a door's `AppConfig.ready`, which page shows a thing by its public id."""
    _links[thing] = build


def path(thing: str, public_id: str) -> str:
    """The path of that page on this site. KeyError for a thing that no door shows."""
    return _links[thing](public_id)
