"""`start`, `worker`, `scheduler`, `console`: the processes of an office."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from commands.session import Session, options
from engine.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from console.company import Company
    from engine.work import Engine
    from scheduler.processes import ProcessTree

RUNNER = Path(__file__).parents[1] / "runner.py"
WATCH_SECONDS = 0.5
PARENT = "CLERKWORK_PARENT"
"""Set by `start` for its children: the process without which they end."""


@click.command()
@click.option("--workers", type=click.IntRange(0, 256), help="Worker processes; default: `workers` of the settings.")
@click.option("--no-console", is_flag=True, help="Without the web console.")
@options
def start(session: Session, workers: int | None, no_console: bool) -> int:
    """Run the scheduler, the workers and the console as one process tree, until Ctrl-C or SIGTERM.

    On SIGTERM and Ctrl-C every worker finishes the item at hand and leaves.
    """
    session.log("INFO")
    return serve(session, workers if workers is not None else session.project.settings.workers, console=not no_console)


def serve(session: Session, workers: int, *, console: bool = True) -> int:
    """Run the process tree of a project until SIGTERM or Ctrl-C; every worker finishes the item at hand first.

    0, or the code of a usage error where a part of it cannot work as it is set up: then the whole tree ends.
    """
    from loguru import logger

    from commands.vitals import metrics_port
    from commands.wiring import open_store
    from scheduler.processes import ProcessTree

    leaving = _leave_on_signals()
    with open_store(session):
        pass  # the schema is made once, before the children come
    tree = ProcessTree(lambda name, message: logger.warning("{} {}", name, message))
    os.environ[PARENT] = str(os.getpid())
    try:
        tree.add("scheduler", _command(session, "scheduler"), metrics_port(session, 0))
        for number in range(1, workers + 1):
            tree.add(f"worker {number}", _command(session, "worker"), metrics_port(session, number))
        if console:
            tree.add("console", _command(session, "console"), metrics_port(session, workers + 1))
        staff = "1 worker" if workers == 1 else f"{workers} workers"
        session.say(f"the scheduler and {staff} run in {session.project.root}; Ctrl-C ends them")
        return _watch(session, tree, leaving)
    finally:
        session.say("finishing the items at hand")
        tree.drain()


def _watch(session: Session, tree: ProcessTree, leaving: threading.Event) -> int:
    """Start again what dies, end what goes too far, until asked to leave or until a part says that it cannot work."""
    from engine.store.database import Database
    from scheduler.guard import Guard

    settings = session.project.settings
    minutes, most = settings.worker_time, settings.worker_most or 2 * settings.worker_memory
    with closing(Database(session.project.database_url)) as database:
        guard = Guard(database, most, minutes * 60 if minutes is not None else None, tree.told)
        while not leaving.wait(WATCH_SECONDS):
            tree.watch()
            guard.look(tree.running("worker"))
            refused = tree.refused()
            if refused:
                # The part itself said what is wrong and what to do; that stands right above this line.
                click.echo(
                    f"clerkwork: the {refused[0]} cannot work, so all of it stops; the reason stands above", err=True
                )
                return int(ExitCode.USAGE)
    return 0


def address(session: Session) -> str:
    """Where the console is found by a browser on this machine."""
    place = session.project.settings.console
    host = "127.0.0.1" if place.host in ("0.0.0.0", "::", "") else place.host  # noqa: S104 - shown, not bound
    return f"http://{host}:{place.port}"


def _command(session: Session, name: str) -> list[str]:
    flags = [flag for flag, on in (("--debug", session.debug), ("--json", session.as_json)) if on]
    project = ["--project", str(session.project.root)] if session.project.has_settings else []
    return [sys.executable, str(RUNNER), name, *flags, *project]


@click.command("worker")
@click.option("--queue", "queues", multiple=True, metavar="WORKFLOW", help="Only items of this workflow; repeatable.")
@click.option("--needs", multiple=True, metavar="WORD", help="What it offers to workflows with `needs`; repeatable.")
@click.option("--until-idle", is_flag=True, help="End when nothing is runnable.")
@click.option("--concurrency", type=click.IntRange(1, 256), default=1, show_default=True, help="So many workers.")
@options
def worker_command(
    session: Session, queues: Sequence[str], needs: Sequence[str], until_idle: bool, concurrency: int
) -> int:
    """Run a worker: it takes one item after the other, from any scheduler or person, until SIGTERM or Ctrl-C.

    With --concurrency it watches over that many workers, each a process of its own.
    """
    from commands.vitals import shown
    from commands.wiring import open_engine
    from scheduler.worker import Worker

    session.log("INFO")
    if concurrency > 1:
        if until_idle:
            raise UsageError("--until-idle works with one worker only", advice="leave --concurrency out")
        return _crew(session, queues, needs, concurrency)
    able = sorted({*session.project.settings.able, *needs})
    with open_engine(session, able=able) as engine, shown(session, "worker", engine) as vitals:
        known = engine.library.ids()
        for name in set(queues) - set(known):
            engine.library.get(name)
        if until_idle:
            return _work_until_idle(session, engine, queues or None)
        most = session.project.settings.worker_memory
        worker = Worker(engine, queues or None, _leave_on_signals(), most_memory=most)
        worker.on_turn = vitals.turns(engine.events)
        worker.work()
    return 0


def _crew(session: Session, queues: Sequence[str], needs: Sequence[str], number: int) -> int:
    """Workers as children of this process, started again when they die, drained when it is asked to leave."""
    from loguru import logger

    from commands.vitals import metrics_port
    from commands.wiring import open_store
    from scheduler.processes import ProcessTree

    leaving = _leave_on_signals()
    with open_store(session):
        pass  # the schema is made once, before the children come
    tree = ProcessTree(lambda name, message: logger.warning("{} {}", name, message))
    os.environ[PARENT] = str(os.getpid())
    wanted = [part for queue in queues for part in ("--queue", queue)]
    wanted += [part for need in needs for part in ("--needs", need)]
    try:
        for one in range(1, number + 1):
            tree.add(f"worker {one}", [*_command(session, "worker"), *wanted], metrics_port(session, one - 1))
        return _watch(session, tree, leaving)
    finally:
        tree.drain()


def _work_until_idle(session: Session, engine: Engine, queues: Sequence[str] | None) -> int:
    from commands.run import answer, exit_code, is_settled

    reports = {}
    while True:
        item = engine.work_one(workflows=queues)
        if item is not None:
            reports[item] = report = engine.report(item)
            if is_settled(engine, item):
                answer(session, report)
            continue
        then = engine.look_again(workflows=queues or engine.library.ids())
        if then is None:
            return exit_code(reports.values())
        engine.clock.sleep(max((then - engine.clock.now()).total_seconds(), 0.05))


@click.command()
@options
def scheduler(session: Session) -> int:
    """Run the scheduler alone: it turns files and clock times into items. Any number may run at once."""
    from commands.measures import counting_of
    from commands.report import reports_of
    from commands.vitals import alerts_of, anchor_of, hooks_of, shown
    from commands.wiring import open_engine
    from scheduler.service import Scheduler

    session.log("INFO")
    with open_engine(session) as engine:
        service = Scheduler(engine, session.project.settings.zone, session.surroundings.calendars.get)
        service.keep_items = session.project.settings.retention.kept
        leaving = _leave_on_signals()
        with shown(session, "scheduler", engine, service.clockwork.late) as vitals:
            service.on_turn = vitals.turns(engine.events)
            vitals.every_beat += alerts_of(session, engine) + hooks_of(session, engine)
            vitals.every_beat.append(anchor_of(session, engine))
            vitals.every_beat += counting_of(session, engine) + reports_of(session, engine)
            service.start()
            try:
                leaving.wait()
            finally:
                service.stop()
    return 0


@click.command()
@click.option("--host", help="Where to listen; default: `console.host` of the settings.")
@click.option("--port", type=click.IntRange(0, 65535), help="The port; default: `console.port` of the settings.")
@options
def console(session: Session, host: str | None, port: int | None) -> int:
    """Run the web console alone, until SIGTERM or Ctrl-C."""
    from commands.desk import EngineDesk, dry_runs_elsewhere
    from commands.measures import given_of
    from commands.person import second_factor_rule
    from commands.registry import load_actions
    from commands.vitals import shown
    from commands.wiring import open_store
    from config.logging import log_events
    from console.serve import serve as serve_console
    from console.services import ConsoleServices
    from engine.work import Engine
    from engine.workflows import Library
    from scheduler.webhook import Hooks

    def tell(address: str, set_up: str | None) -> None:
        if session.as_json:
            session.line({"console": address, "set_up": set_up})
            return
        session.say(f"console: {address}")
        if set_up is not None:
            session.say(f"nobody can sign in yet; choose the first password here, once: {set_up}")

    session.log("INFO")
    place = session.project.settings.console
    registry = load_actions(session.project)
    with open_store(session, origin="console") as database:
        library = Library(session.project.workflow_folders, registry)
        engine = Engine(database, session.surroundings, registry, library, clock=session.clock)
        log_events(engine.events)
        hooks = Hooks(engine)

        def on_hook(path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Mapping[str, object]]:
            answer = hooks.receive(path, headers, body)
            return answer.status, answer.told

        calendars = session.surroundings.calendars
        desk = EngineDesk(engine, session.project.settings.zone, calendars.get, dry_runs_elsewhere(session))
        services = ConsoleServices(
            database=database,
            artifacts=session.surroundings.artifacts,
            library=library,
            registry=registry,
            clock=session.clock,
            scrubber=session.surroundings.scrubber,
            timezone=session.surroundings.timezone,
            on_hook=on_hook,
            desk=desk,
            company=_company(session),
            given=given_of(session),
            sealing=session.surroundings.secrets,
            second_factor=second_factor_rule(session),
        )
        try:
            with shown(session, "console", engine):
                port = place.port if port is None else port
                serve_console(services, host or place.host, port, tell, _leave_on_signals())
        finally:
            engine.close()
    return 0


def _company(session: Session) -> Company | None:
    """Whose accounts may sign in, as the settings say; ConfigurationError where its connection is not right."""
    from connectors.openid.connection import openid_connection
    from connectors.openid.provider import OpenIdProvider
    from console.company import Company

    account = session.project.settings.console.company
    if account is None:
        return None
    connection = openid_connection(account.connection, session.surroundings.connection(account.connection))
    given = account.model_dump(exclude={"connection"})
    return Company(OpenIdProvider(connection), **given)


def _leave_on_signals() -> threading.Event:
    """An event that is set by SIGTERM and Ctrl-C, and when `start`, which began this process, is gone."""
    leaving = threading.Event()

    def leave(_number: int, _frame: FrameType | None) -> None:
        leaving.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    _leave_with_parent(leaving)
    return leaving


def _leave_with_parent(leaving: threading.Event) -> None:
    """A parent that was killed cannot ask anybody to leave: its children see that it is gone."""
    parent = os.environ.get(PARENT)
    if parent is None or parent == str(os.getpid()):
        return

    def watch() -> None:
        while str(os.getppid()) == parent and not leaving.is_set():
            time.sleep(WATCH_SECONDS)
        leaving.set()

    threading.Thread(target=watch, name="parent", daemon=True).start()
