"""The old name of `lifecycle`, until every room imports from there."""

from exchange.catalog.lifecycle import *  # noqa: F403 - a name in passing
