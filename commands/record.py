"""`record URL`: a person works in the browser, a workflow comes out."""

from __future__ import annotations

import re
import shlex
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import click

from commands.session import Session, options
from engine.errors import UsageError


@click.command()
@click.argument("url")
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path), help="The workflow; default: print it.")
@click.option("--connection", help="The connection that the recorded step names, where it signs in.")
@click.option("--headless", is_flag=True, help="Without a window: a browser that another program works in.")
@click.option("--dismiss", is_flag=True, help="With --headless: answer native dialogs with Cancel; else with OK.")
@click.option("--seconds", type=float, help="End after so long; else when the last window is closed.")
@options
def record(
    session: Session,
    url: str,
    out: Path | None,
    connection: str | None,
    dismiss: bool,
    headless: bool,
    seconds: float | None,
) -> None:
    """Open a browser at URL and write what you do there as a workflow. Close its window when you are done.

    What you type becomes an input of the workflow. A password is not kept: signing in becomes `login:`. Native dialogs
    are yours to answer, and are answered so again.
    """
    from bots.browser.recorded_workflow import items_of, workflow_of
    from bots.browser.recording import record as open_recorder

    place = urlsplit(url)
    if place.scheme not in ("http", "https"):
        raise UsageError(f"{url!r} is no address; expected http://... or https://...")
    end = None if seconds is None else time.monotonic() + seconds
    if dismiss and not headless:
        raise UsageError("--dismiss without --headless", advice="answer the dialogs in the window: that is recorded")
    accept = not dismiss if headless else None
    recording = open_recorder(url, headless, accept, lambda: end is None or time.monotonic() < end)
    name = out.stem if out is not None else re.sub(r"[^a-z0-9]+", "-", place.netloc.lower()).strip("-")
    text = workflow_of(recording, re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-"), connection)
    if out is not None:
        out.write_text(text, encoding="utf-8")
    if session.as_json:
        session.line({"file": str(out) if out else None, "workflow": text, "item": items_of(recording)})
    elif out is None:
        sys.stdout.write(text)
    else:
        given = "".join(f" --item {label}={shlex.quote(value)}" for label, value in items_of(recording).items())
        session.say(f"{out}: {len(recording.acts)} things done; look it through, then: run {out}{given} --dry-run")
