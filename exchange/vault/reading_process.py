"""Files of strangers are read in a process of their own: this side asks, watches and cleans up.

One process for each of ours waits with what readers import (`exchange.vault.reading_child`) and forks
for each file; a fork costs milliseconds. It has an empty environment, none of our open files and no
database. The fork gives up networks, other processes and all files but its own before it looks at the
first byte, and dies at its limits of memory, processor time and file size. From here it is killed when
it takes too long, fills the disk, or nobody wants the reading any more.

A process that dies is a refusal with its reason; it is never tried again by itself.
"""

import atexit
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from shutil import disk_usage
from typing import Any

import structlog
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from exchange.local import landlock, seccomp
from exchange.vault.errors import FilesNotTaken
from exchange.vault.reading import errors, transport
from exchange.vault.reading.documents import FileReading, OnProgress, Progress
from exchange.vault.reading.limits import DEFAULT_LIMITS, GIB, MIB, Limits
from exchange.vault.reading.questions import NO_ANSWERS, Answers

log = structlog.get_logger(__name__)

PROJECT = Path(__file__).resolve().parents[2]
POLL_SECONDS = 0.25
START_SECONDS = 60
DYING_SECONDS = 10
SAID_BYTES_MAX = 256 * MIB
STEP_BYTES = 256 * 1024
STATUS_BYTES_MAX = 4096
OPEN_FILES_MAX = 4096
# What a reading may take grows with its file; a small one has this much.
CPU_SECONDS, CPU_SECONDS_PER_MIB, CPU_SECONDS_MAX = 60, 4, 6 * 3600
DISK_BYTES, DISK_PER_BYTE = GIB, 40
DISK_RESERVE_BYTES = GIB
ENVIRONMENT = {"LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
START = (
    "import sys; sys.path.insert(0, sys.argv[2]);"
    "from exchange.vault.reading_child import serve; serve(int(sys.argv[1]), sys.argv[2])"
)


class ReaderGone(RuntimeError):
    """The process that forks the readers did not start or has ended, or the disk is full. No file is
    at fault."""


@dataclass(frozen=True)
class Budget:
    """What one reading may take of the machine."""

    memory_bytes: int
    cpu_seconds: int
    wall_seconds: int
    disk_bytes: int

    @classmethod
    def of(cls, size_bytes: int, limits: Limits = DEFAULT_LIMITS) -> "Budget":
        """For a file of this size."""
        cpu = min(CPU_SECONDS_MAX, CPU_SECONDS + CPU_SECONDS_PER_MIB * (size_bytes // MIB))
        return cls(
            memory_bytes=settings.READER_MEMORY_BYTES,
            cpu_seconds=cpu,
            wall_seconds=min(CPU_SECONDS_MAX, 2 * cpu),
            disk_bytes=min(3 * limits.unpacked_bytes, DISK_BYTES + DISK_PER_BYTE * size_bytes),
        )

    def rlimits(self) -> dict[str, int]:
        """By the names of the kernel's limits."""
        return {
            "RLIMIT_AS": self.memory_bytes,
            "RLIMIT_CPU": self.cpu_seconds,
            "RLIMIT_FSIZE": self.disk_bytes,
            "RLIMIT_NOFILE": OPEN_FILES_MAX,
            "RLIMIT_CORE": 0,
        }


def missing_walls() -> list[str]:
    """What the kernel lacks of what locks a reader in."""
    found = {"Landlock": bool(landlock.version()), "seccomp": seccomp.is_available()}
    return [name for name, is_there in found.items() if not is_there]


def require_isolation() -> None:
    """Raises FilesNotTaken where the settings demand walls that the kernel has not."""
    if settings.READER_MUST_BE_ISOLATED and missing_walls():
        raise _not_taken()


def _not_taken() -> FilesNotTaken:
    return FilesNotTaken(
        _(
            "Files are not taken at present: this server cannot read them safely. Its operator must mend that."
        )
    )


def read(
    path: Path,
    *,
    name: str,
    into: Path,
    limits: Limits = DEFAULT_LIMITS,
    budget: Budget | None = None,
    progress: OnProgress | None = None,
    answers: Answers = NO_ANSWERS,
) -> FileReading:
    """Read every table of the file at `path`, shown as `name`, into the folder `into`, as `answers` say.

    `progress` is told several times a second how far the reading is, whether or not that is news; what
    it raises ends the reading. Raises a refusal of `exchange.vault.reading.errors`, also for a reader that
    died, and FilesNotTaken; ReaderGone when no file is at fault.
    """
    allowed = budget or Budget.of(path.stat().st_size, limits)
    request = {
        "path": str(path.resolve()),
        "name": name,
        "into": str(into.resolve()),
        "limits": asdict(limits),
        "answers": answers.rows(),
        "rlimits": allowed.rlimits(),
        "language": get_language() or settings.LANGUAGE_CODE,
        "strict": settings.READER_MUST_BE_ISOLATED,
    }
    with _SERVER.fork(request) as fork:
        try:
            last = _watch(fork, into, allowed, progress)
            return _outcome(last, fork.ended(), into, allowed)
        except transport.Forged as error:
            log.error("vault.reader.forged", error=str(error))  # noqa: TRY400 - a fact, not our error
            raise _stopped() from None


class _Fork:
    """One reading: what it says, and the line that tells how it ended."""

    def __init__(self, said: int, line: socket.socket) -> None:
        self.said, self.line = said, line

    def kill(self) -> None:
        with contextlib.suppress(OSError):
            self.line.shutdown(socket.SHUT_WR)

    def ended(self) -> dict[str, Any]:
        """How it ended. Raises ReaderGone when nobody is left to tell."""
        self.line.settimeout(DYING_SECONDS)
        try:
            told = self.line.recv(STATUS_BYTES_MAX)
        except OSError:
            told = b""
        if not told:
            raise ReaderGone("The process that reads files has ended.")
        return dict(json.loads(told))

    def close(self) -> None:
        """Nothing writes into its folder any more afterwards."""
        self.kill()
        until = time.monotonic() + DYING_SECONDS
        while time.monotonic() < until:
            ready, _w, _x = select.select([self.said], [], [], POLL_SECONDS)
            if ready and not os.read(self.said, STEP_BYTES):
                break
        os.close(self.said)
        self.line.close()


class _Server:
    """The process that forks, started when it is first needed and again when it has gone."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.process: subprocess.Popen[bytes] | None = None
        self.control: socket.socket | None = None

    @contextlib.contextmanager
    def fork(self, request: dict[str, Any]) -> Iterator[_Fork]:
        content = json.dumps(request).encode()
        said, out = os.pipe2(os.O_CLOEXEC)
        line, their_line = socket.socketpair()
        fork = _Fork(said, line)
        try:
            with self.lock:
                control = self._started()
                try:
                    socket.send_fds(control, [content], [out, their_line.fileno()])
                except OSError as error:
                    raise ReaderGone("The process that reads files has ended.") from error
        except BaseException:
            os.close(said)
            line.close()
            raise
        finally:
            os.close(out)
            their_line.close()
        try:
            yield fork
        finally:
            fork.close()

    def _started(self) -> socket.socket:
        if self.control is not None and self.process is not None and self.process.poll() is None:
            return self.control
        self.stop()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-I", "-B", "-c", START, str(theirs.fileno()), str(PROJECT)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=ENVIRONMENT,
                cwd="/",
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        self.process, self.control = process, ours
        ours.settimeout(START_SECONDS)
        try:
            is_ready = bool(ours.recv(STATUS_BYTES_MAX))
        except OSError:
            is_ready = False
        if not is_ready:
            process.kill()
            why = process.stderr.read()[-2000:] if process.stderr else b""
            self.stop()
            raise ReaderGone(f"The process that reads files did not start: {why.decode()}")
        ours.settimeout(None)
        return ours

    def stop(self) -> None:
        """End it, and every reading with it."""
        process, control, self.process, self.control = self.process, self.control, None, None
        if control is not None:
            control.close()
        if process is not None:
            try:
                process.wait(timeout=DYING_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stderr is not None:
                process.stderr.close()

    def forget(self) -> None:
        """In a copy of this process: the line belongs to the original."""
        if self.control is not None:
            self.control.close()
        self.__init__()  # type: ignore[misc]  # anew, with a lock that nobody holds


_SERVER = _Server()
atexit.register(_SERVER.stop)
os.register_at_fork(after_in_child=_SERVER.forget)


def _watch(
    fork: _Fork, into: Path, budget: Budget, progress: OnProgress | None
) -> dict[str, Any] | None:
    """Hear the reading to its end; its last word. Raises what ends it from this side."""
    deadline = time.monotonic() + budget.wall_seconds
    so_far = Progress("begin", 0, 1, 0)
    looked_at = time.monotonic()
    lines = _Lines()
    while True:
        ready, _w, _x = select.select([fork.said], [], [], POLL_SECONDS)
        if ready:
            step = os.read(fork.said, STEP_BYTES)
            if not step:
                return lines.last
            so_far = lines.hear(step) or so_far
        if ready and time.monotonic() - looked_at < POLL_SECONDS:
            continue
        looked_at = time.monotonic()
        if looked_at > deadline:
            raise _too_long()
        _check_disk(into, budget)
        if progress is not None:
            progress(so_far)


class _Lines:
    """What is said, cut into lines; the last one that is no progress is the outcome."""

    def __init__(self) -> None:
        self.last: dict[str, Any] | None = None
        self.rest = bytearray()

    def hear(self, step: bytes) -> Progress | None:
        """The newest progress of this step."""
        newest = None
        self.rest += step
        if len(self.rest) > SAID_BYTES_MAX:
            raise _too_large()
        while b"\n" in step and (end := self.rest.find(b"\n")) >= 0:
            message = _message(bytes(self.rest[:end]))
            del self.rest[: end + 1]
            if "progress" in message:
                newest = transport.decode_progress(message["progress"])
            else:
                self.last = message
        return newest


def _message(line: bytes) -> dict[str, Any]:
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        message = None
    return message if isinstance(message, dict) else {"forged": True}


def _check_disk(into: Path, budget: Budget) -> None:
    used = sum(
        entry.stat(follow_symlinks=False).st_size
        for folder in (into, into / "work", into / "work" / "spill")
        for entry in _entries(folder)
    )
    if used > budget.disk_bytes:
        raise errors.ReadingTooLarge(
            _("Reading this file takes more room on disk than a reading may; split the file.")
        )
    if disk_usage(into).free < DISK_RESERVE_BYTES:
        raise ReaderGone("The disk has too little room left for readings.")


def _entries(folder: Path) -> Iterator["os.DirEntry[str]"]:
    """Its files as they are at this moment: the reader makes and removes them meanwhile."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):
                if entry.is_file(follow_symlinks=False):
                    yield entry


def _outcome(
    last: dict[str, Any] | None, ended: dict[str, Any], into: Path, budget: Budget
) -> FileReading:
    """The reading, or the refusal that it ended with. Raises Forged."""
    if ended["status"] != 0 or last is None:
        log.warning("vault.reader.died", **ended)
        is_late = float(ended["cpu_seconds"]) >= budget.cpu_seconds
        raise _of_the_dead(int(ended["status"]), is_late=is_late)
    if "unsafe" in last:
        raise _not_taken()
    if "memory" in last:
        raise _too_large()
    if "failed" in last:
        log.error("vault.reader.failed", trace=str(last["failed"]))
        raise _stopped()
    if "refusal" in last:
        raise transport.decode_refusal(last["refusal"])
    return transport.decode(last.get("reading"), into=into)


def _of_the_dead(status: int, *, is_late: bool) -> errors.Unreadable:
    """What a signal says. Libraries abort when they get no memory; the kernel kills what used up its
    processor time, and anything when the machine has no memory left, which says nothing of the file.
    """
    if status == -signal.SIGXCPU or (status == -signal.SIGKILL and is_late):
        return _too_long()
    if status in {-signal.SIGXFSZ, -signal.SIGABRT}:
        return _too_large()
    return _stopped()


def _too_long() -> errors.ReadingTooLong:
    return errors.ReadingTooLong(
        _(
            "Reading this file takes more time than a file of its size may; split it or save it anew."
        )
    )


def _too_large() -> errors.ReadingTooLarge:
    return errors.ReadingTooLarge(
        _("Reading this file takes more memory than a reading may; split it into several files.")
    )


def _stopped() -> errors.ReaderStopped:
    return errors.ReaderStopped(
        _(
            "The reader stopped in the middle of this file. Save the file anew, or as CSV, and hand it in again."
        )
    )
