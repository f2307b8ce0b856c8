"""What the console asks for besides the store: starting items, dry runs, and the triggers of a workflow."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice, takewhile
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from commands.given import by_hand
from commands.session import Session
from console.desk import Coming, Fired, Trial, TriggerLine, Would
from engine.errors import UsageError
from engine.language import Workflow
from engine.nearest import listed, suggestion
from engine.store.database import Transaction
from engine.work import Engine
from scheduler import firings, registered
from scheduler.clockwork import Clockwork
from scheduler.forecast import coming
from scheduler.measured import usual_length
from scheduler.schedule import GRACE, CalendarOf, Schedule, due
from scheduler.triggers import Triggers, triggers_of

RUNNER = Path(__file__).parents[1] / "runner.py"
AHEAD = timedelta(days=14)
BACK = timedelta(days=7)
MOST_AHEAD = 30
MOST_BACK = 20
MOST_LOOKED_BACK = 500
DRY_RUN_SECONDS = 120
DRY_RUNS_AT_ONCE = 2

Try = Callable[[Workflow, Mapping[str, Any]], Trial]
WORDS = {
    "folder": "a file comes to {}",
    "mail": "a mail comes to {}",
    "hook": "/hooks/{} is called",
    "after": "an item of {} is through",
    "rows": "{} has a new row",
}


class EngineDesk:
    """`try_out` is how a dry run is done: in a process of its own, so that one that hangs can be ended."""

    def __init__(self, engine: Engine, zone: ZoneInfo, calendar_of: CalendarOf, try_out: Try) -> None:
        self.engine, self.zone, self.calendar_of, self._try_out = engine, zone, calendar_of, try_out

    # -- starting -----------------------------------------------------------------------------------------------------

    def add(self, workflow: Workflow, given: Mapping[str, Any], key: str) -> tuple[str, bool]:
        new = self.engine.new_item(workflow, {**by_hand(workflow, self.engine), **given}, otherwise=key)
        return self.engine.add(new)

    def try_out(self, workflow: Workflow, given: Mapping[str, Any]) -> Trial:
        # What is wrong with an input is told beside it, before a process is started for it.
        self.engine.new_item(workflow, {**by_hand(workflow, self.engine), **given})
        return self._try_out(workflow, given)

    # -- triggers -----------------------------------------------------------------------------------------------------

    def triggers(self, workflow: Workflow) -> list[TriggerLine]:
        found = self._of(workflow)
        now = self.engine.clock.now()
        with self.engine.database.read() as transaction:
            known = registered.read(transaction, list(found.names()))
            takes = usual_length(transaction, workflow.id)
            lines = []
            for one in found.schedules:
                row = known.get(one.name)
                lines.append(
                    TriggerLine(
                        name=one.name,
                        kind="schedule",
                        when=one.times.text,
                        zone=one.zone.key,
                        paused=_why_paused(row),
                        policy=_policy(one),
                        coming=[Coming(told.at, told.fires, told.note) for told in _ahead(one, now, takes)],
                        fired=list(islice(_behind(transaction, one, row, now), MOST_BACK)),
                        takes=takes,
                    )
                )
        clocked = {one.name for one in found.schedules}
        for name in (name for name in found.names() if name not in clocked):
            _, kind, what = name.split("/", 2)
            lines.append(TriggerLine(name, kind, WORDS[kind].format(what), "", _why_paused(known.get(name))))
        return lines

    def pause(self, workflow: Workflow, trigger: str, reason: str) -> None:
        names = self._known(workflow, trigger)
        with self.engine.database.write() as transaction:
            registered.register(transaction, dict.fromkeys(names, workflow.id), self.engine.clock.now())
            registered.pause(transaction, trigger, reason)

    def resume(self, workflow: Workflow, trigger: str, *, missed: bool) -> int:
        names = self._known(workflow, trigger)
        now = self.engine.clock.now()
        with self.engine.database.write() as transaction:
            registered.register(transaction, dict.fromkeys(names, workflow.id), now)
            row = registered.read(transaction, [trigger])[trigger]
            registered.resume(transaction, trigger, None if missed else now)
        one = next((one for one in self._of(workflow).schedules if one.name == trigger), None)
        if one is None or not missed:
            return 0
        clockwork = Clockwork(self.engine)
        plan = [(one, fire_time) for fire_time in due(one, row["last"] or row["since"], now)]
        return sum(told.item is not None for told in clockwork.fire_all(plan))

    def _of(self, workflow: Workflow) -> Triggers:
        return triggers_of(workflow, self.zone, self.calendar_of, self.engine.surroundings)

    def _known(self, workflow: Workflow, trigger: str) -> list[str]:
        names = list(self._of(workflow).names())
        if trigger not in names:
            told = f"known: {listed(names)}" if names else "it has none"
            raise UsageError(f"{workflow.id} has no trigger {trigger}", advice=suggestion(trigger, names, told))
        return names


def _why_paused(row: Any) -> str:
    return str(row["reason"] or "by a person") if row is not None and row["paused"] else ""


def _policy(one: Schedule) -> str:
    """What becomes of firings that overlap or were missed, in one line."""
    overlap = {"skip": "skips", "queue": "waits", "allow": "starts all the same"}[one.overlap]
    missed = {"none": "missed ones stay undone", "last": "of the missed the last is made up"}
    told = [f"{overlap} while the item before is at work", missed.get(one.missed, "what is missed is made up")]
    if one.calendar is not None:
        told.append("business hours only" if one.business_hours else "business days only")
    if one.jitter:
        told.append(f"up to {round(one.jitter.total_seconds() / 60)} min later")
    return "; ".join(told)


def _ahead(one: Schedule, now: datetime, takes: timedelta | None) -> Sequence[Any]:
    return list(islice(coming(one, now, now + AHEAD, takes), MOST_AHEAD))


def _behind(transaction: Transaction, one: Schedule, row: Any, now: datetime) -> Iterator[Fired]:
    """What became of its latest times, the newest first; a time that left no trace was missed."""
    kept = firings.history(transaction, [one.name], MOST_LOOKED_BACK)
    told = {
        told["fire_time"]: Fired(
            told["fire_time"], str(told["outcome"]), str(told["item"] or ""), str(told["reason"] or "")
        )
        for told in kept
    }
    if row is not None:
        begin = max(row["since"], now - BACK)
        for time in islice(takewhile(lambda time: time <= now - GRACE, one.after(begin)), MOST_LOOKED_BACK):
            if time not in told:
                told[time] = Fired(time, "missed", "", "it is paused" if row["paused"] else "")
    yield from sorted(told.values(), key=lambda fired: fired.at, reverse=True)


# -- dry runs ---------------------------------------------------------------------------------------------------------


def dry_runs_elsewhere(session: Session) -> Try:
    """Dry runs as `dry-run --json` does them, each in a process of its own; two at once, the others wait."""
    slots = threading.BoundedSemaphore(DRY_RUNS_AT_ONCE)

    def try_out(workflow: Workflow, given: Mapping[str, Any]) -> Trial:
        if not slots.acquire(timeout=DRY_RUN_SECONDS):
            raise UsageError("other dry runs are still at work", advice="try it again in a minute")
        try:
            return _dry_run(session, workflow, given)
        finally:
            slots.release()

    return try_out


def _dry_run(session: Session, workflow: Workflow, given: Mapping[str, Any]) -> Trial:
    with tempfile.TemporaryDirectory(prefix="clerkwork-") as folder:
        items = Path(folder) / "item.jsonl"
        items.write_text(json.dumps(dict(given), default=str), encoding="utf-8")
        # The file itself, so that what is tried is what this page showed, wherever it lies.
        line = [sys.executable, str(RUNNER), "dry-run", workflow.file, "--items", str(items), "--json"]
        line += ["--project", str(session.project.root)] if session.project.has_settings else []
        out, err = _ended(line)
    for text in out.splitlines():
        told = json.loads(text)
        if "would" in told:
            return _trial(told)
    raise UsageError(
        "the dry run ended without an answer: " + (err.strip().splitlines() or ["it said nothing"])[-1],
        advice=f"`clerkwork dry-run {workflow.id}` tells more",
    )


def _ended(line: Sequence[str]) -> tuple[str, str]:
    """What it said; UsageError if it takes too long: then it and all that it started is ended."""
    with subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            return process.communicate(timeout=DRY_RUN_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise UsageError(
                f"the dry run took longer than {DRY_RUN_SECONDS} s and was ended",
                advice="nothing was posted; `clerkwork dry-run` on the command line may take as long as it needs",
            ) from None


def _trial(told: Mapping[str, Any]) -> Trial:
    would = [
        Would(
            one["step"],
            one["action"],
            one["target"],
            {name: (pair[0], pair[1]) for name, pair in one["changes"].items()},
            one["already"],
        )
        for one in told["would"]
    ]
    return Trial(told["outcome"], told["code"] or "", told["message"] or "", told["step"] or "", told["outputs"], would)
