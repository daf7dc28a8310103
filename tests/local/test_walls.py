"""What a process cannot do any more once it has locked itself in. Each attempt runs in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from exchange.local import landlock, seccomp

PROJECT = Path(__file__).resolve().parents[2]
LOCKED = """
import ctypes, os, resource, signal, socket, subprocess, sys, threading
from pathlib import Path
sys.path.insert(0, {project!r})
from exchange.local import landlock, seccomp
own = Path(sys.argv[1])
import sysconfig
landlock.restrict(readable=[Path(sysconfig.get_path("stdlib")), own / "given"], writable=[own / "work"])
seccomp.restrict()
try:
    {attempt}
except (OSError, ValueError) as error:
    sys.exit(f"refused: {{error}}")
"""

pytestmark = pytest.mark.skipif(
    not (landlock.version() and seccomp.is_available()), reason="this kernel has no such walls"
)


def attempt(folder: Path, statement: str) -> subprocess.CompletedProcess[str]:
    (folder / "work").mkdir(exist_ok=True)
    (folder / "given").write_text("given")
    (folder / "secret").write_text("secret")
    return subprocess.run(
        [sys.executable, "-I", "-B", "-c",
         LOCKED.format(project=str(PROJECT), attempt=statement), str(folder)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize(
    "statement",
    [
        "(own / 'secret').read_text()",
        "Path('/etc/passwd').read_text()",
        "Path(f'/proc/{os.getppid()}/environ').read_bytes()",
        "os.listdir('/')",
        "(own / 'secret').write_text('mine')",
        "(own / 'given').write_text('mine')",
        "os.truncate(own / 'secret', 0)",
        "(own / 'new').mkdir()",
        "(own / 'secret').unlink()",
        "os.link(own / 'secret', own / 'work' / 'secret')",
        "os.rename(own / 'secret', own / 'work' / 'secret')",
        "os.chmod(own / 'secret', 0o777)",
        "os.chmod(own / 'given', 0o777)",
        "os.chmod(os.open(own / 'given', os.O_RDONLY), 0o777)",
        "os.chown(own / 'secret', os.getuid(), os.getgid())",
        "os.lchown(own / 'secret', os.getuid(), os.getgid())",
        "os.utime(own / 'secret', (0, 0))",
        "os.setxattr(own / 'secret', 'user.mark', b'x')",
        "os.mknod(own / 'work' / 'device', 0o060600, 1)",
        "socket.socket()",
        "socket.socket(socket.AF_UNIX)",
        "socket.socketpair()",
        "os.fork()",
        "os.execv('/bin/sh', ['sh', '-c', 'true'])",
        "subprocess.run(['/bin/true'])",
        "os.kill(os.getppid(), signal.SIGTERM)",
        "os.kill(1, 0)",
        "os.setuid(0)",
        "os.chroot('/')",
        "resource.setrlimit(resource.RLIMIT_NOFILE, (9, 9))",
        "os.pidfd_open(os.getppid())",
        "os.memfd_create('x') and os.execve(os.memfd_create('x'), ['x'], {})",
    ],
)
def test_a_locked_process_cannot(tmp_path: Path, statement: str) -> None:
    tried = attempt(tmp_path, statement)
    assert tried.returncode != 0, statement
    assert tried.stderr.strip().startswith("refused"), tried.stderr
    assert (tmp_path / "secret").read_text() == "secret"


@pytest.mark.parametrize(
    "statement",
    [
        "assert (own / 'given').read_text() == 'given'",
        "(own / 'work' / 'mine').write_text('mine'); (own / 'work' / 'mine').unlink()",
        "thread = threading.Thread(target=print); thread.start(); thread.join()",
        "resource.getrlimit(resource.RLIMIT_AS)",
    ],
)
def test_a_locked_process_can(tmp_path: Path, statement: str) -> None:
    tried = attempt(tmp_path, statement)
    assert tried.returncode == 0, tried.stderr


def test_a_locked_process_may_end_itself(tmp_path: Path) -> None:
    """Libraries abort when they get no memory; that must stay a death and not become a loop."""
    assert attempt(tmp_path, "os.abort()").returncode == -6
