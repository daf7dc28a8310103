"""Who is running on this machine, read from /proc: a bare machine has no `ps` and no `pgrep`."""

from pathlib import Path


def running() -> dict[int, str]:
    """The command line of every process by its number; what has ended meanwhile has none."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (line := _command_line(entry)):
            found[int(entry.name)] = line
    return found


def _command_line(process: Path) -> str:
    try:
        words = (process / "cmdline").read_bytes()
    except OSError:  # ended between the listing and the reading
        return ""
    return words.rstrip(b"\0").replace(b"\0", b" ").decode(errors="replace")
