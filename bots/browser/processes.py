"""The processes of a browser: which they are, and how much memory they take. Told by /proc, so on Linux only."""

from __future__ import annotations

import os
from pathlib import Path

_PROC = Path("/proc")


def parent_of(pid: int) -> int | None:
    """The process that started this one; None where that cannot be told."""
    stat = _stat(pid)
    return int(stat[1]) if stat else None


def child_above(pid: int) -> int | None:
    """The process that this program started itself and that, directly or not, started `pid`; None if there is none."""
    above: int | None = pid
    while above is not None and above > 1:
        parent = parent_of(above)
        if parent == os.getpid():
            return above
        above = parent
    return None


def argument(pid: int, name: str) -> str | None:
    """The value of `--name=value` among the words a process was started with; None where that cannot be told."""
    try:
        words = (_PROC / str(pid) / "cmdline").read_bytes().decode(errors="surrogateescape").split("\0")
    except OSError:
        return None
    return next((word.partition("=")[2] for word in words if word.startswith(f"--{name}=")), None)


def is_running(pid: int) -> bool:
    """Whether this process is there and has not ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    stat = _stat(pid)
    return stat is None or stat[0] != "Z"


def tree(root: int) -> list[int]:
    """A process and all that it started, directly or not; those that have ended and wait to be noted are left out."""
    children: dict[int, list[int]] = {}
    for entry in _numbered():
        stat = _stat(entry)
        if stat and stat[0] != "Z":
            children.setdefault(int(stat[1]), []).append(entry)
    found = [root] if (own := _stat(root)) and own[0] != "Z" else []
    waiting = [root]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def memory(pids: list[int]) -> int:
    """Bytes that these processes take together, what they share counted once; nought where that cannot be told."""
    return sum(_memory(pid) for pid in pids)


def _numbered() -> list[int]:
    return [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()] if _PROC.is_dir() else []


def _stat(pid: int) -> list[str] | None:
    """State, parent and what follows; None for a process that is gone."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def _memory(pid: int) -> int:
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:  # gone meanwhile, or another user's
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)
