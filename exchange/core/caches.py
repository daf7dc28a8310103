"""The cache that all processes share, and what holds while it is away: what was kept is not known.

Only counts lie in it, of how often somebody asks or tries to sign in. While Redis does not answer nothing is
counted and everybody is let through; `/readyz` and the log of the process say so.
"""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import structlog
from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis import RedisError

RETRY_AFTER_SECONDS = 5
log = structlog.get_logger(__name__)


class SharedCache(RedisCache):
    """Redis, which requests are served without. After it has not answered, it is not asked for
    RETRY_AFTER_SECONDS, so that nobody waits for it again and again."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._asked_again_at = 0.0

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._tried(partial(super().get, key, default, version), default)

    def set(
        self,
        key: Any,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> None:
        self._tried(partial(super().set, key, value, timeout, version), None)

    def add(
        self,
        key: Any,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        """True while Redis is away: who takes a lock so must not wait for it."""
        return bool(self._tried(partial(super().add, key, value, timeout, version), default=True))

    def delete(self, key: Any, version: int | None = None) -> bool:
        return bool(self._tried(partial(super().delete, key, version), default=False))

    def answers(self) -> bool:
        """Whether Redis answers now."""
        try:
            self._cache.get_client(None).ping()
        except (RedisError, OSError):
            return False
        return True

    def _tried(self, ask: Callable[[], Any], default: Any) -> Any:
        if time.monotonic() < self._asked_again_at:
            return default
        try:
            return ask()
        except (RedisError, OSError) as error:
            self._asked_again_at = time.monotonic() + RETRY_AFTER_SECONDS
            log.warning("core.cache.away", error=str(error))
            return default


def answers() -> bool:
    """Whether the cache keeps what it is given: that of a process alone always does."""
    cache = caches["default"]
    return not isinstance(cache, SharedCache) or cache.answers()
