"""`run` and `dry-run`: queue items of a workflow and work them here and now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.given import by_hand, given_items, item_options, typed
from commands.session import Session, options
from engine.errors import ExitCode, ItemError, UsageError

if TYPE_CHECKING:
    from engine.items import NewItem
    from engine.language import Workflow
    from engine.perform import WouldDo
    from engine.work import Engine, Report

WORDS = {"done": "done", "exception": "exception", "failed": "FAILED", "waiting": "waiting", "uncertain": "UNCERTAIN"}

ELSEWHERE_SECONDS = 0.2
"""How often `run` looks whether another process is done with an item of its own."""

ANSWERED = ("item.exception", "item.failed", "item.uncertain")
"""Events that are told as the answer of the command and need no line of the log for people."""


@click.command()
@click.argument("workflow")
@item_options
@click.option("--dry-run", "dry", is_flag=True, help="Reads happen, effects do not; shows what would be posted.")
@click.option(
    "--record-web",
    "tape",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Keep what web systems answer in FILE, for workflow tests; secrets masked.",
)
@options
def run(session: Session, workflow: str, pairs: Sequence[str], rows: str | None, dry: bool, tape: Path | None) -> int:
    """Queue items of WORKFLOW (a file or an id) and work them here; ends when none of them is runnable.

    Without --item or --items it is one item without inputs. An item whose key is queued already is not queued
    again: its outcome is shown.
    """
    if dry and tape is not None:
        raise UsageError("a dry run sends nothing that could be recorded", advice="leave --record-web or --dry-run out")
    if dry:
        return _dry_run(session, workflow, pairs, rows)
    from commands.wiring import open_engine

    session.log(told_elsewhere=ANSWERED)
    with open_engine(session, files_of(workflow)) as engine:
        flow = find_workflow(engine, workflow)
        new = new_items(engine, flow, pairs, rows)
        with _recorded(session, engine, tape):
            reports = _work(session, engine, _queue(engine, new))
    return exit_code(reports)


@contextmanager
def _recorded(session: Session, engine: Engine, tape: Path | None) -> Iterator[None]:
    """What web systems answer meanwhile is kept in the file, also of a run that fails."""
    if tape is None:
        yield
        return
    from bots.browser.taping import RESOURCE, Recorder

    recorder = engine.resources.get(RESOURCE, lambda: Recorder(tape), None)
    try:
        yield
    finally:
        number = recorder.write()
        session.say(f"recorded {number} answers in {tape}")


@click.command("dry-run")
@click.argument("workflow")
@item_options
@options
def dry_run(session: Session, workflow: str, pairs: Sequence[str], rows: str | None) -> int:
    """The same as `run --dry-run`: reads happen, effects do not; shows what would be posted."""
    return _dry_run(session, workflow, pairs, rows)


def _dry_run(session: Session, workflow: str, pairs: Sequence[str], rows: str | None) -> int:
    from commands.wiring import open_dry_engine

    session.log(to_file=False, told_elsewhere=ANSWERED)
    reports = []
    with open_dry_engine(session, files_of(workflow)) as engine:
        flow = find_workflow(engine, workflow)
        for item in _queue(engine, new_items(engine, flow, pairs, rows)):
            engine.work_until_idle([item])
            report = engine.report(item)
            reports.append(report)
            would = engine.would_do.get(item, [])
            if session.as_json:
                session.line(asdict(report) | {"would": [asdict(one) for one in would]})
            else:
                _tell(session, report, would)
    return exit_code(reports)


def files_of(workflow: str) -> list[Path]:
    """The file, where the workflow is given as one; UsageError if it looks like one and is not there."""
    path = Path(workflow)
    if path.is_file():
        return [path.resolve()]
    if path.suffix in (".yaml", ".yml") or "/" in workflow:
        raise UsageError(f"there is no workflow file {workflow}", advice="check the path, or give a workflow's id")
    return []


def find_workflow(engine: Engine, workflow: str) -> Workflow:
    """The workflow of this file or with this id; WorkflowError with all problems of the file."""
    files = files_of(workflow)
    if not files:
        return engine.library.get(workflow)
    from engine.loader import load_workflow

    loaded = load_workflow(Path(workflow), engine.registry)
    return engine.library.get(loaded.id)


def new_items(
    engine: Engine,
    workflow: Workflow,
    pairs: Sequence[str],
    rows: str | None,
    told: Callable[[int], None] | None = None,
) -> list[NewItem]:
    """All items, or none: a wrong row is told before anything is queued. `told` hears how many more were read."""
    new = []
    for where, inputs in given_items(pairs, rows):
        try:
            new.append(engine.new_item(workflow, {**by_hand(workflow, engine), **typed(workflow, inputs)}))
            if told is not None:
                told(1)
        except (UsageError, ItemError) as error:
            raise UsageError(f"{where}: {error.message}" if where else error.message, advice=error.advice) from error
    return new


def _queue(engine: Engine, new: Iterable[NewItem]) -> list[str]:
    return list(dict.fromkeys(engine.add(one)[0] for one in new))


def _work(session: Session, engine: Engine, items: Sequence[str]) -> list[Report]:
    """Work the items, telling of each as soon as it is done or parked."""
    from commands.progress import progress_of

    told: dict[str, Report] = {}
    with progress_of(session, engine, len(items)) as advance:

        def tell(item: str) -> None:
            if item in told:
                return
            told[item] = report = engine.report(item)
            advance()
            answer(session, report)

        engine.work_until_idle(items, lambda item: tell(item) if is_settled(engine, item) else None)
        while any(is_elsewhere(engine, item) for item in items):
            # Another process works on it, or on as many as the queue allows: what comes of it is the answer here too.
            engine.clock.sleep(ELSEWHERE_SECONDS)
            engine.work_until_idle(items, lambda item: tell(item) if is_settled(engine, item) else None)
        for item in items:
            tell(item)
    return [told[item] for item in items]


def is_settled(engine: Engine, item: str) -> bool:
    """True unless the item is to be taken up again by itself."""
    from engine import items

    with engine.database.read() as transaction:
        row = items.get(transaction, item)
    return row["state"] not in (items.State.READY, items.State.RUNNING) and row["not_before"] is None


def is_elsewhere(engine: Engine, item: str) -> bool:
    """True while another process works on the item, or will let it be worked on soon: its queue is not paused."""
    from engine import items

    with engine.database.read() as transaction:
        row = items.get(transaction, item)
        if row["state"] == items.State.READY:
            return items.paused(transaction, row["workflow"]) is None
        return bool(row["state"] == items.State.RUNNING)


def answer(session: Session, report: Report) -> None:
    """Tell what became of an item: one JSON object, or one line for people."""
    if session.as_json:
        session.line(asdict(report))
        return
    step = f" at {report.step}" if report.step and report.outcome != "done" else ""
    code = f"  {report.code}: {report.message}" if report.code else f"  {report.message}" if report.message else ""
    outputs = ", ".join(f"{name}={value}" for name, value in report.outputs.items())
    said = f"{WORDS[report.outcome]}{step}{code}" if report.outcome != "done" else f"done  {outputs}".rstrip()
    session.say(f"{report.item}  {said}")


def _tell(session: Session, report: Report, would: Sequence[WouldDo]) -> None:
    answer(session, report)
    for one in would:
        already = " (the ledger has it: nothing would be posted)" if one.already else ""
        session.say(f"  would do: {one.step} ({one.action}) on {one.target}{already}")
        for name, (before, after) in one.changes.items():
            _differs(session, name, before, after)
    if not would:
        session.say("  would do nothing outside")


def _differs(session: Session, name: str, before: Any, after: Any) -> None:
    """What would change, as a diff: `-` what is there, `+` what would be; the fields of a request below it."""
    if isinstance(after, Mapping) and before is None:
        session.say(f"    {name}")
        for field, value in after.items():
            session.say(f"      + {field}: {value}")
        return
    if before is not None:
        session.say(f"    - {name}: {before}")
    if after is not None:
        session.say(f"    + {name}: {after}")
    if before is None and after is None:
        session.say(f"    {name}")


def exit_code(reports: Iterable[Report]) -> int:
    """An application exception that remains comes first: it is what a script can do something about."""
    outcomes = {report.outcome for report in reports}
    if "failed" in outcomes:
        return int(ExitCode.APPLICATION)
    return int(ExitCode.WAITING if outcomes - {"done"} else ExitCode.DONE)
