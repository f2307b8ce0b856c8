"""Folder triggers: a file that has stopped growing becomes a work item, then moves to `processed`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path

from engine.errors import ItemError, UsageError
from engine.events import Event
from engine.work import Engine
from scheduler.firings import fire, fired

PROCESSED, FAILED = "processed", "failed"


@dataclass
class FolderTrigger:
    """Watches one folder for one workflow. `scan` is called again and again; it keeps what it saw last."""

    workflow: str
    folder: Path
    match: str
    input: str
    _seen: dict[Path, tuple[int, int]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.workflow}/folder/{self.folder.name}"

    def scan(self, engine: Engine) -> list[str]:
        """Queue every file that is as it was at the scan before; the ids of the new items."""
        self.folder.mkdir(parents=True, exist_ok=True)
        found = {path: _stamp(path) for path in sorted(self.folder.iterdir()) if self._wanted(path)}
        stable = [path for path, stamp in found.items() if self._seen.get(path) == stamp and stamp[1] > 0]
        # An empty file may be one that is about to be written; it is taken when it stays empty for a third scan.
        stable += [path for path, stamp in found.items() if stamp[1] == 0 and self._seen.get(path) == (stamp[0], -1)]
        self._seen = {
            path: (stamp[0], -1) if stamp[1] == 0 and self._seen.get(path) == stamp else stamp
            for path, stamp in found.items()
            if path not in stable
        }
        return [item for path in stable if (item := self._try(engine, path)) is not None]

    def _try(self, engine: Engine, path: Path) -> str | None:
        """Take a file; one that cannot be read or moved is told and tried again, and keeps no other one waiting."""
        try:
            return self._take(engine, path)
        except OSError as error:
            data = {"file": path.name, "message": f"{path} stays where it is: {error}"}
            engine.events.emit(Event("trigger.refused", engine.clock.now(), "", data=data))
            return None

    def _wanted(self, path: Path) -> bool:
        return path.is_file() and not path.name.startswith((".", "~$")) and fnmatch(path.name, self.match)

    def _take(self, engine: Engine, path: Path) -> str | None:
        """One item for one file: the firing is unique by content and time of change, so a crash repeats nothing."""
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        try:
            new = engine.new_item(engine.library.get(self.workflow), {self.input: str(path)})
        except (ItemError, UsageError) as error:
            self._refuse(engine, path, str(error))
            return None
        firing = f"{self.name}/{new.inputs[self.input]['sha256'][:16]}/{path.name}"[:300]
        with engine.database.write() as transaction:
            item = (
                None
                if fired(transaction, firing, changed)
                else fire(transaction, firing, changed, new, engine.clock.now())
            )
        _move(path, self.folder / PROCESSED)
        if item is not None:
            engine.events.emit(Event("item.added", engine.clock.now(), item, data={"file": path.name}))
        return item

    def _refuse(self, engine: Engine, path: Path, message: str) -> None:
        _move(path, self.folder / FAILED)
        data = {"file": path.name, "message": f"{path} is now in {FAILED}/: {message}"}
        engine.events.emit(Event("trigger.refused", engine.clock.now(), "", data=data))


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size


def _move(path: Path, folder: Path) -> Path:
    """Move without ever replacing a file that is there already."""
    folder.mkdir(parents=True, exist_ok=True)
    target, number = folder / path.name, 1
    while target.exists():
        number += 1
        target = folder / f"{path.stem}-{number}{path.suffix}"
    return path.rename(target)
