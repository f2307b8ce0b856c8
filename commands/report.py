"""`report ...`: figures that go out by themselves, and one of them at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.session import Session, options
from commands.subcommands import Subcommands
from engine.errors import ClerkworkError, ExitCode, UsageError

if TYPE_CHECKING:
    from config.measures import Report
    from engine.store.database import Database
    from engine.work import Engine
    from scheduler.reports import Made


@click.group(cls=Subcommands, no_args_is_help=True)
def report() -> None:
    """See the reports of figures that go out; send one now."""


@report.command("list")
@options
def list_reports(session: Session) -> None:
    """List the reports: when each goes out next, and what became of the last one."""
    from commands.wiring import open_store
    from engine.store import tables
    from engine.store.database import rows
    from scheduler.reports import schedule_of

    settings, now = session.project.settings, session.clock.now()
    table = tables.reports_sent
    with open_store(session) as database, database.read() as transaction:
        found = rows(transaction, table.select().order_by(table.c.fire_time))
    last = {(row["report"], row["channel"]): row for row in found}
    told = []
    for name, one in settings.reports.items():
        coming = schedule_of(name, one, settings.zone).next(now)
        for channel in one.to:
            row = last.get((name, channel))
            told.append(
                {
                    "report": name,
                    "to": channel,
                    "next": coming,
                    "last": row["fire_time"] if row is not None else None,
                    "sent": row["sent"] if row is not None else None,
                    "tries": row["tries"] if row is not None else 0,
                    "error": row["error"] if row is not None else None,
                }
            )
    names = ["report", "to", "next", "last", "sent", "error"]
    session.rows({name: name for name in names}, told, none="no report is named in config/settings.yaml")


@report.command("send")
@click.argument("name")
@click.option("--to-file", type=click.Path(dir_okay=False, path_type=Path), help="Write it to FILE.html or FILE.pdf.")
@options
def send_now(session: Session, name: str, to_file: Path | None) -> int:
    """Make the report NAME now and send it; ends with 1 where it was not taken."""
    from commands.wiring import open_store
    from engine.nearest import suggestion
    from scheduler.reports import send_report

    known = session.project.settings.reports
    if name not in known:
        advice = suggestion(name, known, f"the reports are {', '.join(known)}" if known else "name one under `reports`")
        raise UsageError(f"there is no report {name} in config/settings.yaml", advice=advice)
    with open_store(session) as database:
        made = make_report(session, database, name, known[name], session.clock.now())
    if to_file is not None:
        return _write(session, made, to_file)
    refused = False
    for channel in known[name].to:
        problem = ""
        try:
            send_report(made, channel, session.surroundings)
        except ClerkworkError as error:
            problem, refused = session.surroundings.scrubber.scrub(f"{error.message}; {error.advice}"), True
        if session.as_json:
            session.line({"report": name, "to": channel, "sent": not problem, "error": problem or None})
        else:
            session.say(f"{channel}: {problem or 'sent'}")
    return int(ExitCode.APPLICATION if refused else ExitCode.DONE)


def _write(session: Session, made: Made, file: Path) -> int:
    if file.suffix not in (".html", ".pdf"):
        raise UsageError(f"{file} is neither .html nor .pdf", advice="name the file as what it is to be")
    content = made.letter.html.encode()
    if file.suffix == ".pdf":
        if not made.letter.papers:
            raise UsageError("no PDF could be made: " + made.lines[-1], advice="write it to a file .html")
        content = next(iter(made.letter.papers.values()))
    file.write_bytes(content)
    if session.as_json:
        session.line({"file": str(file), "bytes": len(content)})
    else:
        session.say(f"written to {file}")
    return int(ExitCode.DONE)


def make_report(session: Session, database: Database, name: str, report: Report, at: datetime) -> Made:
    """The report as it goes out at this time; without a PDF where no browser prints it, which its text then says."""
    from bots.browser.print import pdf_of
    from commands.measures import given_of
    from connectors.notices.sending import Letter
    from console.report import Wanted, write_report
    from scheduler.reports import Made

    zone = session.project.settings.zone
    wanted = Wanted(name, report.days, report.tiles, report.workflows, report.vendor)
    text = write_report(database, wanted, at, session.clock.now(), zone, given_of(session))
    lines, papers = list(text.lines), {}
    try:
        papers = {f"{name}.pdf": pdf_of(text.html)}
    except ClerkworkError as error:
        lines.append(f"There is no PDF: {session.surroundings.scrubber.scrub(error.message)}")
    return Made(text.title, lines, Letter(text.html, papers))


def reports_of(session: Session, engine: Engine) -> list[Callable[[], object]]:
    """What a scheduler does every few seconds for the reports; nothing where there are none."""
    from scheduler.reports import Reports

    settings = session.project.settings
    if not settings.reports:
        return []

    def make(name: str, report: Report, at: datetime) -> Made:
        return make_report(session, engine.database, name, report, at)

    reports = Reports(engine.database, engine.clock, settings.reports, session.surroundings, settings.zone, make)
    return [reports.look, reports.deliver]
