"""`bench`: the benchmarks, on this machine and this disk."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.session import Session, options
from commands.subcommands import Subcommands

if TYPE_CHECKING:
    from bots.documents.opening.load import OcrChoice

MET = {None: "", True: "met", False: "missed"}
"""What is told of a figure's goal; None: it has none."""


@click.group(cls=Subcommands, no_args_is_help=True)
def bench() -> None:
    """Measure what Clerkwork costs and how good it is, beside a peer or a limit in the same run."""


@bench.command()
@options
def engine(session: Session) -> None:
    """What a step costs, against a bare call and against one commit on the same disk."""
    from benchmarks.engine import measure

    session.project.data.mkdir(parents=True, exist_ok=True)
    figures = measure(session.project.data)
    if session.as_json:
        for figure in figures:
            session.line(asdict(figure))
        return
    session.table(["figure", "value", "unit"], [(one.name, f"{one.value:,.3f}", one.unit) for one in figures], none="")


@bench.command()
@click.argument("directory", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--full", is_flag=True, help="Every document; five minutes of broken files; a PDF of 1,000 pages.")
@click.option(
    "--ocr", type=click.Choice(["auto", "tesseract", "rapidocr", "never", "always"]), default="auto", show_default=True
)
@click.option("--no-peers", is_flag=True, help="Only our reader, not the baselines.")
@options
def documents(session: Session, directory: Path | None, full: bool, ocr: OcrChoice, no_peers: bool) -> None:
    """How well documents are read: accuracy, confidence, seconds and memory a page, beside simpler readers.

    DIRECTORY holds sets of documents, each with a truth.jsonl (docs/reading.md says what stands in it). Without it,
    drawn invoices of many layouts are read.
    """
    from benchmarks.documents import measure

    found = []
    for row in measure(directory, whole=full, ocr=ocr, peers=not no_peers):
        found.append(row)
        if session.as_json:
            session.line(asdict(row))
    if not session.as_json:
        lines = [(row.set, row.figure, row.value, row.goal) for row in found]
        session.table(["set", "figure", "value", "goal"], lines, none="Nothing to measure")


@bench.command()
@click.option(
    "--full", is_flag=True, help="Nine turns each instead of three, and beside Robot Framework Browser and Selenium."
)
@options
def browser(session: Session, full: bool) -> None:
    """A form that moves, ten rounds of seven fields: the YAML beside raw Playwright and the least a page can take."""
    from benchmarks.browser import measure

    rows = measure(full=full)
    if session.as_json:
        for row in rows:
            session.line(asdict(row))
        return
    lines = [
        (
            row.who,
            row.right,
            _figure(row.page_ms, ",.0f"),
            _figure(row.whole_s, ".1f"),
            _figure(row.ratio, ".2f"),
            _figure(row.pages, ".2f"),
            row.goal,
        )
        for row in rows
    ]
    heads = ["who", "right", "page clock ms", "whole s", "times raw Playwright", "pages cost", "goal"]
    session.table(heads, lines, none="Nothing to measure")


@bench.command("browser-faults")
@click.option("--full", is_flag=True, help="200 items, and 50 kills each of the renderer and the browser.")
@options
def browser_faults(session: Session, full: bool) -> None:
    """Many items through one worker: memory and processes; and what becomes of items whose browser is killed."""
    from benchmarks.browser_faults import measure

    found = []
    for figure in measure(full=full):
        found.append(figure)
        if session.as_json:
            session.line(asdict(figure))
    if not session.as_json:
        lines = [(one.name, f"{one.value:,.1f}", one.unit, one.goal, "" if one.met else "missed") for one in found]
        session.table(["figure", "value", "unit", "goal", ""], lines, none="Nothing to measure")


@bench.command()
@click.option("--full", is_flag=True, help="10,000 schedules, two whole years in six time zones, a minute of a fleet.")
@options
def schedule(session: Session, full: bool) -> None:
    """When schedules fire, against a table worked out by itself; how late a hundred at once are; three schedulers."""
    from benchmarks.schedule import measure

    found = []
    for figure in measure(full=full):
        found.append(figure)
        if session.as_json:
            session.line(asdict(figure))
    if not session.as_json:
        lines = [(one.name, f"{one.value:,.1f}", one.unit, one.goal, MET[one.met]) for one in found]
        session.table(["figure", "value", "unit", "goal", ""], lines, none="Nothing to measure")


@bench.command()
@click.option(
    "--full", is_flag=True, help="Up to a million items; beside Celery, Dramatiq, Procrastinate, DBOS, Prefect."
)
@options
def queue(session: Session, full: bool) -> None:
    """What an item costs in the queue, however many wait: on SQLite and PostgreSQL, beside the limit of each."""
    from benchmarks.queue import measure

    found = []
    for figure in measure(full=full):
        found.append(figure)
        if session.as_json:
            session.line(asdict(figure))
    if not session.as_json:
        lines = [(one.name, f"{one.value:,.2f}", one.unit, one.goal, MET[one.met]) for one in found]
        session.table(["figure", "value", "unit", "goal", ""], lines, none="Nothing to measure")


@bench.command()
@click.argument("tasks", nargs=-1)
@click.option("--full", is_flag=True, help="Ten seeds of each task instead of three.")
@options
def miniwob(session: Session, tasks: tuple[str, ...], full: bool) -> None:
    """Small web tasks of MiniWoB++, each solved by a workflow: how many of its seeds. TASKS names some of them."""
    from benchmarks.miniwob_score import measure

    rows = []
    for row in measure(tasks, full=full):
        rows.append(row)
        if session.as_json:
            session.line(asdict(row))
    if session.as_json:
        return
    lines = [(row.task, row.solved, row.seeds, f"{row.seconds:.1f}", "; ".join(row.wrong)[:100]) for row in rows]
    solved, seeds = sum(row.solved for row in rows), sum(row.seeds for row in rows)
    total = ("all", solved, seeds, f"{sum(row.seconds for row in rows):.0f}", f"{solved / seeds:.1%}, goal >= 95 %")
    session.table(["task", "solved", "seeds", "s", ""], [*lines, total], none="Nothing to measure")


def _figure(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)


@bench.command()
@click.option("--full", is_flag=True, help="Every page, three targets of each kind: some thousand cases.")
@click.option("--told", is_flag=True, help="Each case that was refused or went wrong, too.")
@click.option("--pages", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Other pages: a folder.")
@options
def healing(session: Session, full: bool, told: bool, pages: Path | None) -> None:
    """Pages that change under a workflow: what is found again, what is refused, and what is wrong."""
    import tempfile

    from benchmarks.healing_score import PAGES, measure

    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for row in measure(session, Path(folder), pages=pages or PAGES, each=3 if full else 1):
            rows.append(row)
            if session.as_json:
                session.line(asdict(row))
    if session.as_json:
        return
    for row in rows if told else []:
        for line in row.examples:
            session.say(line)
    lines = [(one.change, one.cases, one.found, one.healed, one.refused, one.wrong, one.misled) for one in rows]
    heads = ["change", "cases", "still found", "healed right", "refused", "healed wrong (goal 0)", "led elsewhere"]
    session.table(heads, lines, none="Nothing to measure")


@bench.command()
@click.option("--full", is_flag=True, help="10,000 items and 500 kills, 150 pauses, 1,000 power losses: an hour.")
@click.option("--only", metavar="NAME", help="One drill: kills, pauses, leave, poison, outage, lost_answers, ...")
@options
def faults(session: Session, full: bool, only: str | None) -> int:
    """Workers killed, paused, without power; systems away; answers lost. Ends with 1 where a goal is missed."""
    from benchmarks.faults.table import measure

    found = []
    for row in measure(full=full, only=only):
        found.append(row)
        if session.as_json:
            session.line(asdict(row))
    if not session.as_json:
        lines = [
            (
                one.fault,
                one.store,
                one.workers,
                f"{one.times:,}",
                one.lost,
                one.doubled,
                one.uncertain,
                _figure(one.seconds, ".1f"),
                one.goal,
                MET[one.met],
                one.told,
            )
            for one in found
        ]
        heads = ["fault", "store", "workers", "times", "lost", "doubled", "uncertain", "s to recover", "goal", "", ""]
        session.table(heads, lines, none="Nothing to measure")
    return int(any(one.met is False for one in found))


@bench.command()
@click.option("--full", is_flag=True, help="100,000 items and 300 requests a page, instead of 2,000 and 50.")
@options
def console(session: Session, full: bool) -> None:
    """How fast the console's pages are over many items, with ten people at work, on SQLite and PostgreSQL."""
    from benchmarks.console import SCRIPT_KILOBYTES, measure, script_kilobytes

    found = []
    for row in measure(full=full):
        found.append(row)
        if session.as_json:
            session.line(asdict(row))
    scripts = script_kilobytes()
    if session.as_json:
        session.line({"scripts_kB_gzipped": round(scripts, 1), "met": scripts <= SCRIPT_KILOBYTES})
        return
    lines = [
        (
            one.store,
            one.page,
            one.requests,
            f"{one.alone:.0f}",
            f"{one.p50:.0f}",
            f"{one.p95:.0f}",
            one.goal,
            MET[one.met],
        )
        for one in found
    ]
    heads = ["store", "page", "requests", "alone ms", "ten at once p50", "p95", "goal", ""]
    session.table(heads, lines, none="Nothing to measure")
    session.say(f"scripts, gzipped: {scripts:.1f} kB (goal <= {SCRIPT_KILOBYTES:g})")


@bench.command()
@click.option("--full", is_flag=True, help="100,000 items instead of 500.")
@options
def migration(session: Session, full: bool) -> int:
    """A store in use brought up to this release: by two at once, killed, on a full disk. Ends with 1 if it fails."""
    from benchmarks.migration import measure

    found = []
    for row in measure(full=full):
        found.append(row)
        if session.as_json:
            session.line(asdict(row))
    if not session.as_json:
        lines = [
            (row.drill, row.store, f"{row.items:,}", f"{row.seconds:.1f}", "met" if row.met else "missed", row.told)
            for row in found
        ]
        session.table(["drill", "store", "items", "s", "", ""], lines, none="Nothing to measure")
    return int(not all(row.met for row in found))


@bench.command()
@click.option("--hours", type=click.FloatRange(0, 1000), default=0.5, show_default=True, help="So long.")
@options
def soak(session: Session, hours: float) -> int:
    """An office at work under small faults: does anything grow, get lost or doubled? Ends with 1 where it does."""
    from benchmarks.soak import measure

    found = list(measure(seconds=hours * 3600, told=session.say if not session.as_json else lambda _: None))
    if session.as_json:
        for figure in found:
            session.line(asdict(figure))
    else:
        lines = [(one.name, f"{one.first:,.1f}", f"{one.last:,.1f}", one.unit, MET[one.met]) for one in found]
        session.table(["figure", "before", "at the end", "unit", ""], lines, none="Nothing to measure")
    return int(any(one.met is False for one in found))
