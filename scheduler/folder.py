"""Folder triggers: a file that has stopped growing becomes a work item, then moves to `processed`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatch
from pathlib import Path

from engine.errors import ApplicationException, BusinessException, UsageError
from engine.events import Event
from engine.language import Template, Workflow
from engine.surroundings import Surroundings
from engine.trigger_check import file_input
from engine.work import Engine
from scheduler.firings import Firing, fire, fired
from scheduler.made_item import made_item

PROCESSED, FAILED = "processed", "failed"
EMPTY_SCANS = 2
"""An empty file may be one that is about to be written: it must stay so for this many looks more."""


@dataclass
class FolderTrigger:
    """Watches one folder for one workflow. `scan` is called again and again; it keeps what it saw last."""

    name: str
    workflow: str
    folder: Path
    match: str
    input: str
    stable: timedelta = timedelta(seconds=1)
    processed: Path | None = None
    failed: Path | None = None
    inputs: Template | None = field(default=None, compare=False)
    _seen: dict[Path, tuple[tuple[int, int], datetime, int]] = field(default_factory=dict, compare=False)

    def scan(self, engine: Engine) -> list[str]:
        """Queue every file that stayed as it was for long enough; the ids of the new items."""
        self.folder.mkdir(parents=True, exist_ok=True)
        now = engine.clock.now()
        ready = []
        for path in (found := [path for path in sorted(self.folder.iterdir()) if self._wanted(path)]):
            stamp = _stamp(path)
            before, since, looks = self._seen.get(path, (None, now, 0))
            if before != stamp:
                since, looks = now, 0
            self._seen[path] = (stamp, since, looks + 1)
            if looks >= (1 if stamp[1] else EMPTY_SCANS) and now - since >= self._quiet:
                ready.append(path)
        self._seen = {path: self._seen[path] for path in found if path not in ready}
        return [item for path in ready if (item := self._try(engine, path)) is not None]

    @property
    def _quiet(self) -> timedelta:
        # A second is between two looks anyway; only a longer time has to be waited for.
        return self.stable if self.stable > timedelta(seconds=1) else timedelta()

    def _try(self, engine: Engine, path: Path) -> str | None:
        """Take a file; one that cannot be read or moved is told and tried again, and keeps no other one waiting."""
        try:
            return self._take(engine, path)
        except (OSError, ApplicationException) as error:
            if not path.exists():
                return None  # another scheduler was first
            data = {"file": path.name, "message": f"{path} stays where it is: {error}"}
            engine.events.emit(Event("trigger.refused", engine.clock.now(), "", data=data))
            return None

    def _wanted(self, path: Path) -> bool:
        return path.is_file() and not path.name.startswith((".", "~$")) and fnmatch(path.name, self.match)

    def _take(self, engine: Engine, path: Path) -> str | None:
        """One item for one file: the firing is unique by content and time of change, so a crash repeats nothing."""
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        names = {"file": {"name": path.name, "path": str(path)}}
        try:
            new = made_item(engine, self.workflow, self.inputs, names, given={self.input: str(path)})
        except (BusinessException, UsageError) as error:
            self._refuse(engine, path, str(error))
            return None
        firing = f"{self.name}/{new.inputs[self.input]['sha256'][:16]}/{path.name}"[:300]
        with engine.database.write() as transaction:
            done = (
                None
                if fired(transaction, firing, changed)
                else fire(transaction, Firing(firing, changed, new), engine.clock.now())
            )
        _move(path, self.processed or self.folder / PROCESSED)
        if done is None or done.item is None:
            return None
        engine.events.emit(Event("item.added", engine.clock.now(), done.item, data={"file": path.name}))
        return done.item

    def _refuse(self, engine: Engine, path: Path, message: str) -> None:
        folder = self.failed or self.folder / FAILED
        _move(path, folder)
        data = {"file": path.name, "message": f"{path} is now in {folder.name}/: {message}"}
        engine.events.emit(Event("trigger.refused", engine.clock.now(), "", data=data))


def folders_of(workflow: Workflow, surroundings: Surroundings) -> list[FolderTrigger]:
    """The folders that a workflow watches."""
    found = []
    for trigger in (one for one in workflow.triggers if one.kind == "folder"):
        given = trigger.settings
        folder = surroundings.path(given.path)
        found.append(
            FolderTrigger(
                name=f"{workflow.id}/folder/{folder.name}",
                workflow=workflow.id,
                folder=folder,
                match=given.match,
                input=given.input or file_input(workflow) or "file",
                stable=given.stable.length,
                processed=surroundings.path(given.processed) if given.processed else None,
                failed=surroundings.path(given.failed) if given.failed else None,
                inputs=trigger.inputs,
            )
        )
    return found


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
