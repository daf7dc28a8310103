from collections.abc import Iterator

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def forgotten_counts() -> Iterator[None]:
    """Throttles count in the cache; a test begins with none."""
    cache.clear()
    yield
    cache.clear()
