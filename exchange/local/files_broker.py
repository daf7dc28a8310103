"""Kombu's broker on files, with whole messages: a reader never sees one that is still being written.

Kombu's own writes a message under its final name, so that a quick reader finds it empty, fails to
read it as JSON, and the worker ends.
"""

import contextlib
import uuid
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps

SCHEME = "files"
PART = ".part"  # what is being written; readers look for names that end in .msg


class Channel(filesystem.Channel):
    """A channel whose messages appear under their names when they are whole."""

    def _put(self, queue: str, message: Any, **_options: Any) -> None:  # type: ignore[override]
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        folder = Path(self.data_folder_out)
        part = folder / f"{uuid.uuid4()}{PART}"
        try:
            part.write_bytes(str_to_bytes(dumps(message)))
            part.replace(folder / name)
        except OSError as error:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
            raise ChannelError(f"Cannot add the message {name} to {folder}.") from error

    def _get(self, queue: str, timeout: float | None = None) -> Any:  # noqa: ARG002 - Kombu's signature
        """The next message. One that a killed writer left torn is only a wake-up: it is dropped."""
        try:
            return super()._get(queue)
        except ValueError:
            raise Empty from None


class Transport(filesystem.Transport):
    """The transport behind `files://`."""

    Channel = Channel


def register() -> None:
    """Let Kombu know the scheme."""
    TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"
