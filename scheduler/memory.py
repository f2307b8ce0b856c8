"""How much memory a process holds, with the processes that it started."""

from __future__ import annotations

import os
from pathlib import Path


def megabytes(pid: int) -> float:
    """Resident memory of the process and all its descendants, in MB; 0 where the kernel does not tell (not Linux)."""
    return sum(_resident(one) for one in (pid, *descendants(pid))) / 1e6


def descendants(pid: int) -> list[int]:
    """The processes that this one started, those that they started, and so on."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we looked
        parents.setdefault(parent, []).append(int(folder.name))
    found: list[int] = []
    left = [pid]
    while left:
        children = parents.get(left.pop(), [])
        found += children
        left += children
    return found


def _resident(pid: int) -> int:
    """Bytes that are its own: what many processes of a browser share must not count for each of them."""
    try:
        pages = (Path("/proc") / str(pid) / "statm").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return (int(pages[1]) - int(pages[2])) * os.sysconf("SC_PAGE_SIZE")
