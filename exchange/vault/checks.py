"""Whether this machine can lock in the processes that read files of strangers."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as Warned

from exchange.core.refusals import Refusal
from exchange.vault import reading_process

HINT = (
    "Run on Linux 5.13 or later, on x86-64 or 64-bit ARM, with Landlock among the kernel's security "
    "modules (/sys/kernel/security/lsm) and with a container profile that allows its system calls."
)
PROBE = b"meter,kwh\nM1,2.5\nM2,3.5\n"


def readers_are_isolated(**_options: Any) -> list[CheckMessage]:
    """An error where the settings demand walls that the kernel has not; a warning elsewhere."""
    missing = reading_process.missing_walls()
    if not missing:
        return []
    names = ", ".join(missing)
    if settings.READER_MUST_BE_ISOLATED:
        return [
            Error(
                f"The kernel has no {names}: files of strangers are refused.",
                hint=HINT,
                id="vault.E001",
            )
        ]
    return [
        Warned(
            f"The kernel has no {names}: files are read with limits, but not locked in.",
            hint=HINT,
            id="vault.W001",
        )
    ]


def a_file_can_be_read(**_options: Any) -> list[CheckMessage]:
    """Reads a small file as every other is read: the walls, the limits and the libraries together."""
    with TemporaryDirectory(prefix="check-") as folder:
        place = Path(folder)
        path = place / "probe.csv"
        path.write_bytes(PROBE)
        into = place / "into"
        into.mkdir()
        try:
            reading_process.read(path, name=path.name, into=into)
        except (Refusal, RuntimeError, OSError) as error:
            return [
                Error(
                    f"A process that reads files does not work here: {error}",
                    hint=HINT,
                    id="vault.E002",
                )
            ]
    return []
