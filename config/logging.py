"""The log: plain lines on standard error for people, JSON lines in `data/logs` for machines, no secret in either."""

from __future__ import annotations

import itertools
import json
import logging
import os
import sys
import traceback
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from loguru import logger

from engine.events import Event, Events
from engine.scrub import Scrubber

if TYPE_CHECKING:
    from loguru import Message, Record

PEOPLE = "{time:HH:mm:ss} {level: <7} {message}"
_LOUD = {"item.exception": "WARNING", "item.failed": "ERROR", "item.uncertain": "ERROR", "queue.paused": "ERROR"}
_LOUD |= {"trigger.refused": "WARNING", "trigger.delayed": "WARNING", "trigger.skipped": "WARNING"}
_LOUD |= {"step.retry": "WARNING", "item.lost": "WARNING"}
_NOTABLE = ("item.", "queue.", "trigger.", "effect.")


def set_up_logging(
    scrubber: Scrubber,
    *,
    level: str = "WARNING",
    folder: Path | None = None,
    keep_days: int = 30,
    most_megabytes: int = 500,
    told_elsewhere: Collection[str] = (),
) -> None:
    """Send the log of this process to standard error from `level` on, and all of it to `folder` if there is one.

    Events named in `told_elsewhere` are left out of what people see: the command answers with them anyway.
    """
    logger.remove()
    logger.add(
        lambda text: _to_people(text, scrubber),
        level=level,
        format=PEOPLE,
        filter=lambda record: record["extra"].get("event") not in told_elsewhere,
        backtrace=False,
        diagnose=False,
    )
    if folder is not None:
        file = DailyFile(folder, scrubber, keep_days, most_megabytes * 1_000_000)
        logger.add(file, level="DEBUG", backtrace=False, diagnose=False)
    logging.basicConfig(handlers=[_FromLibraries()], level=logging.INFO, force=True)
    for chatty in ("alembic", "apscheduler", "httpx", "uvicorn", "pdfminer", "fontTools", "PIL"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def log_events(events: Events) -> None:
    """Write the engine's events into the log; what a person should know at once is a warning or an error."""
    events.listen(_log)


def _log(event: Event) -> None:
    level = _LOUD.get(event.name) or ("INFO" if event.name.startswith(_NOTABLE) else "DEBUG")
    told = [f"{name}={value}" for name, value in event.data.items() if value not in (None, "")]
    line = " ".join([event.name, event.item, *told]).strip()
    bound = logger.bind(event=event.name, item=event.item, run=event.run, path=event.path)
    bound.log(level, "{}", _one_line(line))


def _one_line(text: str) -> str:
    """Control characters escaped: text from a document must not be able to forge a line of the log."""
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)


def _to_people(message: Message, scrubber: Scrubber) -> None:
    sys.stderr.write(scrubber.scrub(str(message)))
    sys.stderr.flush()


class DailyFile:
    """One file a day, appended to by every process of the project; old ones are removed.

    A line is one write to a file opened for appending, so that the lines of several processes never mix. A file is
    never renamed: past `most_bytes` the day goes on in `2026-03-02.1.jsonl`, and each process finds that by itself.
    """

    def __init__(self, folder: Path, scrubber: Scrubber, keep_days: int, most_bytes: int) -> None:
        self.folder = folder
        self._scrubber = scrubber
        self._keep = timedelta(days=keep_days)
        self._most = most_bytes
        self._day: date | None = None
        self._handle = -1

    def __call__(self, message: Message) -> None:
        record = message.record
        self._turn(record["time"].astimezone(UTC).date())
        os.write(self._handle, self._scrubber.scrub(_as_json(record)).encode() + b"\n")

    def _turn(self, day: date) -> None:
        if day == self._day and os.fstat(self._handle).st_size < self._most:
            return
        self.stop()
        self.folder.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        self._handle = os.open(self._free(day), flags, 0o640)
        if day == self._day:
            return
        self._day = day
        for file in self.folder.glob("????-??-??*.jsonl"):
            if date.fromisoformat(file.name[:10]) < day - self._keep:
                file.unlink(missing_ok=True)

    def _free(self, day: date) -> Path:
        """The first file of the day that has room. Two processes that look at once find the same one."""
        for number in itertools.count():
            file = self.folder / (f"{day}.{number}.jsonl" if number else f"{day}.jsonl")
            if not file.exists() or file.stat().st_size < self._most:
                return file
        raise AssertionError("numbers do not end")

    def stop(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def _as_json(record: Record) -> str:
    told = {
        "time": record["time"].astimezone(UTC).isoformat(),
        "level": record["level"].name,
        "message": record["message"],
        "process": record["process"].id,
        "source": f"{record['name']}:{record['line']}",
    }
    told |= {name: value for name, value in record["extra"].items() if value not in (None, "")}
    failure = record["exception"]
    if failure is not None and failure.type is not None:
        told["exception"] = "".join(traceback.format_exception(failure.type, failure.value, failure.traceback))
    return json.dumps(told, default=str, ensure_ascii=False)


class _FromLibraries(logging.Handler):
    """Hands what libraries log through the standard module to our log."""

    def emit(self, record: logging.LogRecord) -> None:
        name = record.levelname
        level: str | int = name if name in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL") else record.levelno
        text = _one_line(record.getMessage())
        logger.opt(exception=record.exc_info).bind(library=record.name).log(level, "{}: {}", record.name, text)


def crash_report(folder: Path, failure: BaseException, scrubber: Scrubber, now: datetime) -> Path:
    """Write an unexpected error with its trace to a file of its own, for whoever mends it; returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"crash-{now:%Y%m%dT%H%M%S}-{os.getpid()}.txt"
    file.write_text(scrubber.scrub("".join(traceback.format_exception(failure))))
    return file
