"""One writer at a time: between bots by a file lock, and with people by the marks that Excel and LibreOffice leave."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from engine.context import Context
from engine.errors import ApplicationException, Outcome

WAIT_SECONDS = 20.0
"""How long a file that is open elsewhere is waited for, if the step has that much time left."""
FOLDER = ".clerkwork"
_PAUSE = 0.2


@contextmanager
def held(path: Path, context: Context) -> Iterator[None]:
    """Nobody else of us writes `path` meanwhile, on this machine or another that shares the folder.

    ApplicationException SPREADSHEET_LOCKED, outcome NOT_DONE, when the wait is over.
    """
    folder = path.parent / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{path.name}.lock").open("a+") as file:
        _wait(context, lambda: _taken(file), lambda: _locked(path, _holder(file), "wait until it is done"))
        file.truncate(0)
        file.write(f"workflow {context.workflow}, item {context.item} (process {os.getpid()})")
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)
            fcntl.flock(file, fcntl.LOCK_UN)


def wait_until_closed(path: Path, context: Context) -> None:
    """Return once nobody has the file open in Excel or LibreOffice; SPREADSHEET_LOCKED when the wait is over."""
    _wait(context, lambda: opened_by(path) is None, lambda: _open_elsewhere(path))


def opened_by(path: Path) -> tuple[Path, str] | None:
    """The lock file that Excel or LibreOffice keeps beside an open file, and the person it names."""
    excel = path.with_name(f"~${path.name}")
    office = path.with_name(f".~lock.{path.name}#")
    for mark, who in ((excel, _excel_user), (office, _office_user)):
        try:
            return mark, who(mark.read_bytes()) or "somebody"
        except FileNotFoundError:
            continue
        except OSError:
            return mark, "somebody"  # it is there, and another system does not let us read it
    return None


def _excel_user(content: bytes) -> str:
    """One byte with the length of the name, then the name."""
    return content[1 : 1 + content[0]].decode("cp1252", "replace").strip() if content else ""


def _office_user(content: bytes) -> str:
    """Name, log-in, machine, time and profile, with commas between them."""
    fields = content.decode("utf-8", "replace").split(",")
    return " on ".join(part for part in (fields[0].strip() or "".join(fields[1:2]).strip(), *fields[2:3]) if part)


def _taken(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(file: IO[str]) -> str:
    file.seek(0)
    return file.read().strip() or "another bot"


def _wait(context: Context, free: Callable[[], bool], refusal: Callable[[], ApplicationException]) -> None:
    start, limit = context.now(), min(context.remaining(), WAIT_SECONDS)
    while not free():
        left = limit - (context.now() - start).total_seconds()
        if left <= 0:
            raise refusal()
        context.sleep(min(_PAUSE, left))


def _open_elsewhere(path: Path) -> ApplicationException:
    mark, who = opened_by(path) or (path, "somebody")
    return _locked(path, who, f"close it there; if nobody has it open, delete the left-over file {mark.name}")


def _locked(path: Path, who: str, advice: str) -> ApplicationException:
    return ApplicationException(
        "SPREADSHEET_LOCKED",
        f"{path.name} is open: {who} holds it",
        advice=f"{advice}, then try again",
        outcome=Outcome.NOT_DONE,
        details={"file": str(path), "held_by": who},
    )
