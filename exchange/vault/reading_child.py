"""The process that reads files of strangers: it forks for each file, and the fork locks itself in.

Started with an empty environment by `exchange.vault.reading_process`, it imports what readers need,
opens nothing else, and waits. A request brings two open files: the pipe for what the reading says, and a
line on which this process tells how it ended. Whoever closes that line has the reading killed.

Run as `python -I -B -c "..." FD`; there are no settings, no database and no secrets here.
"""

import contextlib
import json
import os
import resource
import selectors
import signal
import socket
import sys
import sysconfig
import time
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

from exchange.local import landlock, processes, seccomp

REQUEST_BYTES_MAX = 64 * 1024
PROGRESS_SECONDS = 0.2
READY = b"ready"
# A process that ignores the signal of its processor time gets the one that cannot be ignored.
CPU_GRACE_SECONDS = 2
NEEDED_FILES = (
    "/dev/null", "/dev/urandom", "/usr/share/zoneinfo", "/etc/localtime",
    "/proc/self/cgroup", "/sys/fs/cgroup", "/sys/devices/system/cpu/online",  # the engine looks there
)  # fmt: skip
KIB = 1024


def serve(control_number: int, project: str) -> None:
    """Fork for requests until the process that started this one closes its line."""
    _prepare(project)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, sys.stderr.fileno())  # until now it told why this process did not start
    os.close(nowhere)
    control = socket.socket(fileno=control_number)
    control.send(READY)
    _Server(control, project).run()


class _Server:
    def __init__(self, control: socket.socket, project: str) -> None:
        self.control, self.project = control, project
        self.lines: dict[int, socket.socket] = {}  # by process
        self.selector = selectors.DefaultSelector()
        ears, mouth = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self.ears, self.mouth = ears, mouth
        signal.signal(signal.SIGCHLD, lambda *_signal: None)
        signal.set_wakeup_fd(mouth, warn_on_full_buffer=False)
        self.selector.register(control, selectors.EVENT_READ)
        self.selector.register(ears, selectors.EVENT_READ)

    def run(self) -> None:
        """Until the control line ends; what still reads is killed with it."""
        while True:
            for key, _events in self.selector.select():
                if key.fileobj is self.control:
                    if not self._fork():
                        self._end()
                        return
                elif key.fileobj == self.ears:
                    with contextlib.suppress(BlockingIOError):
                        os.read(self.ears, KIB)
                else:
                    self._hang_up(key.data)
            self._reap()

    def _fork(self) -> bool:
        request, numbers, _flags, _address = socket.recv_fds(self.control, REQUEST_BYTES_MAX, 2)
        if not request:
            return False
        out, line = numbers
        try:
            process = os.fork()
        except OSError:  # who asked finds the line closed, and no file at fault
            os.close(out)
            os.close(line)
            return True
        if not process:
            _read_and_exit(json.loads(request), out, self.project)
        os.close(out)
        told = socket.socket(fileno=line)
        self.lines[process] = told
        self.selector.register(told, selectors.EVENT_READ, data=process)
        return True

    def _hang_up(self, process: int) -> None:
        """Whoever waited for this reading waits no longer."""
        line = self.lines.get(process)
        if line is not None:
            self.selector.unregister(line)
            _kill(process)

    def _reap(self) -> None:
        while self.lines:
            process, status, usage = os.wait4(-1, os.WNOHANG)
            if not process:
                return
            line = self.lines.pop(process)
            with contextlib.suppress(KeyError):
                self.selector.unregister(line)
            ended = {
                "status": os.waitstatus_to_exitcode(status),
                "cpu_seconds": usage.ru_utime + usage.ru_stime,
                "memory_bytes": usage.ru_maxrss * KIB,
            }
            with contextlib.suppress(OSError):
                line.send(json.dumps(ended).encode())
            line.close()

    def _end(self) -> None:
        for process in self.lines:
            _kill(process)


def _kill(process: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


def _prepare(project: str) -> None:
    """Import all that a reading may need, so that a fork finds it in memory."""
    sys.path.insert(0, project)
    import django  # noqa: PLC0415 - once there are settings
    from django.conf import settings  # noqa: PLC0415 - once there are settings
    from django.utils import translation  # noqa: PLC0415 - once there are settings

    settings.configure(
        USE_I18N=True,
        USE_TZ=True,
        LANGUAGES=[("en", "English"), ("zh-hans", "简体中文")],
        LOCALE_PATHS=[str(Path(project) / "locale")],
        INSTALLED_APPS=[],
        LOGGING_CONFIG=None,
    )
    django.setup()
    from exchange.vault.reading import reader, transport  # noqa: F401, PLC0415 - for the forks

    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            translation.gettext("The file is empty.")
    for codec in (
        "gb18030",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "cp1251",
        "cp1252",
        "cp437",
        "utf-8-sig",
    ):
        b"".decode(codec)


def _read_and_exit(request: dict[str, Any], out: int, project: str) -> NoReturn:
    """The life of a fork: locked in, one file, one answer."""
    code = 1
    try:
        said = _Mouth(out)
        try:
            missing = _lock_in(request, out, project)
            if missing and request["strict"]:
                said.say({"unsafe": missing})
            else:
                said.say(_answer(request, said))
            code = 0
        except MemoryError:
            said.say({"memory": True})
            code = 0
        except BaseException:  # noqa: BLE001 - told, whatever it is
            said.say({"failed": traceback.format_exc()[-4000:]})
    finally:
        os._exit(code)


class _Mouth:
    """Lines of JSON into the pipe."""

    def __init__(self, out: int) -> None:
        self.out = out
        self.said_at = 0.0

    def say(self, message: dict[str, Any]) -> None:
        line = memoryview(json.dumps(message).encode() + b"\n")
        while line:
            line = line[os.write(self.out, line) :]

    def progress(self, progress: Any) -> None:
        """Now and then: whoever listens has other things to do."""
        now = time.monotonic()
        if now - self.said_at >= PROGRESS_SECONDS:
            self.said_at = now
            self.say({"progress": asdict(progress)})


def _answer(request: dict[str, Any], said: _Mouth) -> dict[str, Any]:
    from django.utils import translation  # noqa: PLC0415 - once there are settings

    from exchange.core.refusals import Refusal  # noqa: PLC0415 - once there are settings
    from exchange.vault.reading import reader, transport  # noqa: PLC0415 - once there are settings
    from exchange.vault.reading.limits import Limits  # noqa: PLC0415 - once there are settings
    from exchange.vault.reading.questions import Answers  # noqa: PLC0415 - once there are settings

    translation.activate(request["language"])
    try:
        read = reader.read(
            Path(request["path"]),
            name=request["name"],
            into=Path(request["into"]),
            limits=Limits(**request["limits"]),
            progress=said.progress,
            answers=Answers.of_rows(request["answers"]),
        )
    except Refusal as refusal:
        return {"refusal": transport.encode_refusal(refusal)}
    return {"reading": transport.encode(read)}


def _lock_in(request: dict[str, Any], out: int, project: str) -> list[str]:
    """Give up everything that reading does not need; return which walls could not be raised."""
    processes.follow_parent(signal.SIGKILL)
    os.setsid()
    os.umask(0o077)
    os.chdir(request["into"])
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _close_all_but(out)
    with contextlib.suppress(OSError):  # should memory run out, this one goes first
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it
    _set_limits(request["rlimits"])
    missing = []
    libraries = {
        Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")
    }
    readable = [*libraries, *(Path(one) for one in NEEDED_FILES), Path(request["path"]),
                Path(project) / "exchange" / "vault" / "reading"]  # fmt: skip
    try:
        landlock.restrict(readable=readable, writable=[Path(request["into"]), Path("/dev/null")])
    except OSError:
        missing.append("landlock")
    try:
        seccomp.restrict()
    except OSError:
        missing.append("seccomp")
    return missing


def _set_limits(limits: dict[str, int]) -> None:
    for name, most in limits.items():
        limit = getattr(resource, name)
        _soft, hard = resource.getrlimit(limit)
        soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
        grace = CPU_GRACE_SECONDS if limit == resource.RLIMIT_CPU else 0
        resource.setrlimit(limit, (soft, soft + grace if hard == resource.RLIM_INFINITY else soft))


def _close_all_but(out: int) -> None:
    """All but the three standard ones, which lead nowhere."""
    os.closerange(3, out)
    os.closerange(out + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
