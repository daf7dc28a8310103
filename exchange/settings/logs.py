"""How the processes log: one JSON object per line, or readable lines on a terminal."""

import re
from typing import Any

import structlog

SECRET_WORDS = ("password", "secret", "token", "authorization", "cookie", "signing_key", "api_key")
# Where an error happened, without the values of local variables: those hold passwords and keys.
TRACEBACKS = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)


def hide_secrets(
    _logger: Any, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Blank every field whose name speaks of a secret, so that no call site can leak one."""
    for name in event:
        if any(word in name.lower() for word in SECRET_WORDS):
            event[name] = "***"
    return event


# A path or address, as far as the next space, quote or bracket.
_PATH = re.compile(r"(?:https?://[^\s/\"'<>]+)?/[^\s\"'<>)\]]+")
_PUBLIC_ID = re.compile(r"[a-z]{2,6}_[0-9a-z]{26}")
_WORDS = re.compile(r"[a-z_-]+|[a-z]+(?:-[a-z0-9]{1,12})*")
_SEGMENT_CHARS_MAX = 12


def hide_paths(
    _logger: Any, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Blank what may open something in the paths that a line names: queries, and long parts that are no id.

    Invitations, reset keys, links to downloads and certificates stand in paths, and a refused request
    is logged with its path. Our ids, words and short parts stay.
    """
    for name, value in event.items():
        if isinstance(value, str) and "/" in value and name not in {"exception", "logger"}:
            event[name] = _PATH.sub(lambda found: _without_tokens(found[0]), value)
    return event


def _without_tokens(path: str) -> str:
    path, query, _rest = path.partition("?")
    parts = path.split("/")
    kept = [part if index < _host_parts(path) or _is_harmless(part) else "***"
            for index, part in enumerate(parts)]  # fmt: skip
    return "/".join(kept) + ("?***" if query else "")


def _host_parts(path: str) -> int:
    return 3 if "://" in path else 1


def _is_harmless(part: str) -> bool:
    return (
        len(part) <= _SEGMENT_CHARS_MAX
        or _PUBLIC_ID.fullmatch(part.partition(".")[0]) is not None
        or _WORDS.fullmatch(part) is not None
    )


def configure(*, as_json: bool, level: str) -> dict[str, Any]:
    """Set up structlog and return Django's LOGGING so that both write the same lines."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
        hide_paths,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    last: list[structlog.typing.Processor] = (
        [TRACEBACKS, structlog.processors.JSONRenderer()]
        if as_json
        else [
            structlog.dev.ConsoleRenderer(
                colors=False, exception_formatter=structlog.dev.plain_traceback
            )
        ]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.server": {"handlers": ["stderr"], "propagate": False},
            # It would write each path to a handler of its own, which hides nothing.
            "uvicorn.access": {"handlers": [], "propagate": False},
            "stripe": {"level": "WARNING"},  # it would tell of each call
        },
    }
