"""Child processes that never outlive their parent, not even one killed with `kill -9`."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1


def die_with_parent(number: signal.Signals) -> Callable[[], None]:
    """A `preexec_fn` that has the kernel send `number` when the parent dies (Linux; elsewhere nothing)."""
    parent = os.getpid()
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

    def ask_kernel() -> None:
        if libc is None:
            return
        libc.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:  # it died between fork and here
            os.kill(os.getpid(), number)

    return ask_kernel


def follow_parent(number: signal.Signals) -> None:
    """Have this very process told with `number` when the process that started it dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)


def private_log(path: Path) -> IO[bytes]:
    """The log, to be continued, for its owner's eyes alone; also one that an earlier release made."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.fchmod(descriptor, 0o600)
    return os.fdopen(descriptor, "ab")


def start(
    command: Sequence[str | Path],
    *,
    number: signal.Signals,
    log: Path,
    account: str | None = None,
    environment: dict[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` in its own session; its output goes to `log`; `number` ends it with its parent."""
    with private_log(log) as output:
        return subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            user=account,
            group=None if account is None else pwd.getpwnam(account).pw_gid,
            extra_groups=None if account is None else [],
            start_new_session=True,
            preexec_fn=die_with_parent(number),  # noqa: PLW1509 - the supervisors have one thread
            cwd="/" if account is not None else None,
        )
