"""Power that fails at any moment: what was synced is there, what was only written may be there or not."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from benchmarks.faults.office import Office
from benchmarks.faults.row import Row
from benchmarks.faults.shim import NO_COMPILER, build_shim

SOURCE = Path(__file__).parent / "power.c"
STORE = "clerkwork.sqlite"
TOLD = "told"


@dataclass(slots=True)
class Disk:
    """The files as they certainly are, and what was written to each since it was synced last."""

    files: dict[str, bytearray] = field(default_factory=dict)
    unsynced: dict[str, list[tuple[int, bytes | None]]] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    def take(self, kind: str, name: str, offset: int, data: bytes) -> None:
        if name == TOLD:
            self.told += data.decode().split()
        elif kind == "w":
            self.unsynced.setdefault(name, []).append((offset, data))
        elif kind == "t":
            self.unsynced.setdefault(name, []).append((offset, None))
        else:
            content = self.files.setdefault(name, bytearray())
            for change in self.unsynced.pop(name, []):
                _apply(content, *change)

    def without_power(self, folder: Path, chance: Random) -> None:
        """The files as they may be found when the power is back."""
        for name in self.files.keys() | self.unsynced.keys():
            content = bytearray(self.files.get(name, b""))
            for change in self.unsynced.get(name, []):
                if chance.random() < 0.5:
                    _apply(content, *change)
            (folder / name).write_bytes(content)


def _apply(content: bytearray, offset: int, data: bytes | None) -> None:
    if data is None:
        del content[offset:]
        return
    if len(content) < offset + len(data):
        content.extend(bytes(offset + len(data) - len(content)))
    content[offset : offset + len(data)] = data


def power_loss(folder: Path, times: int, items: int, *, synchronous: str = "FULL") -> Row:
    """`times` moments out of the work of `items` items. NORMAL shows that the drill can fail: it must lose some."""
    full = synchronous == "FULL"
    goal = "0 acknowledged lost" if full else "some lost: the drill can fail"
    fault = f"power loss, synchronous={synchronous}"
    shim = build_shim(SOURCE, folder)
    if shim is None:
        return Row(fault, "sqlite", 1, 0, goal=goal, told=NO_COMPILER)
    log = _work(folder, shim, items, synchronous)
    lost = _lose_power(folder, log, times, Random(1))
    return Row(fault, "sqlite", 1, times, lost, goal=goal, met=(lost == 0) == full, told=f"{items} items")


def _work(folder: Path, shim: Path, items: int, synchronous: str) -> Path:
    store, log = folder / "store", folder / "power.log"
    office = Office(folder, f"sqlite:///{store}/{STORE}")
    office.add(range(items))
    office.close()
    shutil.copy(store / STORE, folder / "before.sqlite")
    env = {**os.environ, "LD_PRELOAD": str(shim), "POWER_LOG": str(log), "POWER_FOLDER": str(store)}
    command = [sys.executable, "-m", "benchmarks.faults.power_child", str(folder), synchronous]
    subprocess.run(command, check=True, env=env, cwd=Path(__file__).parents[2], timeout=600)
    return log


def _lose_power(folder: Path, log: Path, times: int, chance: Random) -> int:
    """How many of the moments lost an item that was said to be done."""
    records = list(_records(log))
    moments = sorted(chance.randrange(len(records)) for _ in range(times))
    disk = Disk({STORE: bytearray((folder / "before.sqlite").read_bytes())})
    found, lost, at = folder / "found", 0, 0
    for moment in moments:
        while at < moment:
            disk.take(*records[at])
            at += 1
        shutil.rmtree(found, ignore_errors=True)
        found.mkdir()
        disk.without_power(found, chance)
        lost += bool(set(disk.told) - _done(found / STORE))
    return lost


def _done(store: Path) -> set[str]:
    with closing(sqlite3.connect(store)) as opened:
        if opened.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            return set()
        return {item for (item,) in opened.execute("SELECT id FROM items WHERE state = 'done'")}


def _records(log: Path) -> Iterator[tuple[str, str, int, bytes]]:
    with log.open("rb") as opened:
        while head := opened.readline():
            kind, name, offset, length = head.decode().split()
            yield kind, name, int(offset), opened.read(int(length))
