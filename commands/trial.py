"""Runs one workflow test: the real engine on a store, files and systems of the test's own, none of them real."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from commands.faults import Crash, Faults
from config.calendars import calendar_of
from config.project import Project
from config.surroundings import ProjectSurroundings
from engine import codec, exceptions
from engine.clock import ManualClock, SystemClock
from engine.errors import ClerkworkError, ConfigurationError, ItemError, UsageError
from engine.exceptions import Person, open_exceptions
from engine.expectation import Difference, at, differences
from engine.items import LEASE
from engine.loader import every_step
from engine.run_context import Resources
from engine.store import tables
from engine.store.database import Database, Row, Transaction, rows
from engine.work import Engine, Report
from engine.workflow_test import Case, Decision
from engine.workflows import Library

if TYPE_CHECKING:
    from bots.browser.taping import Player
    from connectors.erp.fake import FakeBooks
    from engine.action import Action

ELSEWHERE = "a-test:1:1"
"""The worker of a test: as one on another host, it loses its item when its lease is over."""
CRASHES = 20


@dataclass(frozen=True)
class Verdict:
    """What came of a test; `differences` is empty where it passed."""

    case: Case
    seconds: float
    report: Report | None
    differences: list[Difference] = field(default_factory=list)


class TestSurroundings(ProjectSurroundings):
    """The project's settings in a folder of the test's own. No secret and no system of the project is reached."""

    __test__ = False

    def __init__(self, project: Project, root: Path, case: Case, clock: ManualClock) -> None:
        settings = project.settings.model_copy(update={"data": Path("data"), "artifacts": None, "database": None})
        today = clock.now().astimezone(settings.zone).date()
        super().__init__(Project(root, settings), {}, today)
        from config.connections import Connections

        self._given = case.test.given
        self._real = Connections(project.connections_file)
        self._shown = case.location
        if self._given.calendar is not None:
            chosen = self._given.calendar.model_dump(exclude_none=True)
            hours = type(settings.business).model_validate({**settings.business.model_dump(), **chosen})
            self.calendar = calendar_of(hours, settings.zone, today, str(case.location))

    def secret(self, name: str) -> str:
        """Made up: a test never sees a real one."""
        value = self._given.secrets.get(name, f"made-up-{name}")
        self.scrubber.add(value)
        return value

    def connection(self, name: str) -> Mapping[str, Any]:
        if name in self._given.erp:
            from connectors.erp.fake import SETTINGS

            return SETTINGS
        if name in self._given.connections:
            return self._given.connections[name]
        real = self._real.get(name, self.secret) if name in self._real.names() else {}
        if self._given.web is not None and (not real or "base_url" in real):
            return real or {"base_url": f"http://{name}.test"}
        raise ConfigurationError(
            f"{self._shown}: the test gives nothing for the connection {name}, and a test reaches no real system",
            advice=f"give a fake ERP as given.erp.{name}, or a tape of the web system as given.web",
        )


class Trial:
    """One test at work in a folder that is gone afterwards."""

    def __init__(self, project: Project, case: Case, registry: Mapping[str, Action], resources: Resources) -> None:
        self._project = project
        self._case = case
        self._warm = resources
        self._clock = ManualClock(self._begins())
        self._faults = Faults(case.test.faults, self._arrive)
        self._decisions = list(case.test.decisions)
        self._refused: list[Difference] = []
        self._registry = self._faults.around(registry)
        self._books: dict[str, FakeBooks] = {}
        self._player: Player | None = None

    def run(self) -> Verdict:
        """The verdict; whatever goes wrong in the run is a difference, never an error of the command."""
        began = time.monotonic()
        report = None
        try:
            with tempfile.TemporaryDirectory(prefix="clerkwork-test-") as folder:
                database = Database(f"sqlite:///{folder}/clerkwork.db")
                try:
                    database.migrate()
                    report = self._work(Path(folder) / "project", database)
                    found = list(self._compare(database, report))
                finally:
                    database.close()
        except ClerkworkError as error:
            found = [Difference("the run", "a run", str(error))]
        return Verdict(self._case, round(time.monotonic() - began, 2), report, found)

    def _begins(self) -> Any:
        given = self._case.test.given.clock
        if given is None:
            return SystemClock().now()
        return given if given.tzinfo is not None else given.replace(tzinfo=self._project.settings.zone)

    def _work(self, root: Path, database: Database) -> Report:
        root.mkdir()
        for name, source in self._case.test.given.files.items():
            target = (root / name).resolve()
            if not target.is_relative_to(root.resolve()):
                raise ConfigurationError(f"{self._case.location}: given.files names {name}, outside the project")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self._case.folder / source, target)
        surroundings = TestSurroundings(self._project, root, self._case, self._clock)
        self._fakes()
        folders = [*self._project.workflow_folders, Path(self._case.workflow.file)]
        library = Library(folders, self._registry)
        items: list[str] = []
        engine = self._engine(database, surroundings, library)
        for _ in range(CRASHES + len(self._decisions)):
            try:
                if not items:
                    flow = library.get(self._case.workflow.id)
                    items = [engine.add(engine.new_item(flow, given))[0] for given in self._case.items]
                engine.work_until_idle(items)
                if not self._decided(database, surroundings, items):
                    break
            except Crash:
                self._stop(engine)
                self._clock.sleep((LEASE + timedelta(seconds=1)).total_seconds())
                engine = self._engine(database, surroundings, library)
        report = engine.report(items[-1])
        self._stop(engine)
        return report

    def _decided(self, database: Database, surroundings: TestSurroundings, items: Sequence[str]) -> bool:
        """The next decision is taken, if an item waits for it; what forbids it is a difference."""
        if not self._decisions:
            return False
        with database.write() as transaction:
            waiting = [row for row in open_exceptions(transaction) if row["item"] in items]
            if not waiting:
                return False
            decision, stands = self._decisions.pop(0), waiting[0]
            where = f"decision of {decision.by}"
            if decision.at not in (None, stands["step"]):
                came = f"the item at {stands['step']} ({stands['code']}: {stands['message']})"
                self._refused.append(Difference(where, f"the item at {decision.at}", came))
                return False
            try:
                _decide(transaction, stands, decision, self._clock.now(), surroundings)
            except (UsageError, ItemError) as error:
                self._refused.append(Difference(where, "to be taken", error.message))
                return False
        return True

    def _arrive(self) -> None:
        if self._player is not None:
            self._player.arrive()

    def _engine(self, database: Database, surroundings: TestSurroundings, library: Library) -> Engine:
        engine = Engine(
            database,
            surroundings,
            self._registry,
            library,
            clock=self._clock,
            resources=self._warm,
            worker=ELSEWHERE,
            chance=Random(1),  # noqa: S311 - a test is the same each time
        )
        engine.events.listen(self._faults.listen)
        return engine

    def _stop(self, engine: Engine) -> None:
        """The engine ends; what is warm stays for the next test, as a worker keeps it from run to run."""
        engine.resources = Resources()
        engine.close()

    def _fakes(self) -> None:
        from bots.browser.tape import Playing, Tape
        from bots.browser.taping import RESOURCE, Player
        from connectors.erp.fake import FakeBooks, FakeState, resource

        given = self._case.test.given
        for name, state in given.erp.items():
            books = FakeBooks.of(_state(FakeState, state, f"{self._case.location}: given.erp.{name}"))
            self._books[name] = books
            self._warm.drop(resource(name))
            self._warm.get(resource(name), lambda books=books: books, None)  # type: ignore[misc]
        if given.web is not None:
            self._player = Player.of(self._case.folder / given.web, given.web)
        else:
            self._player = Player(Playing(Tape(exchanges=[]), "a test without a tape (given.web)"))
        player = self._player
        self._warm.drop(RESOURCE)
        self._warm.get(RESOURCE, lambda: player, None)

    # -- what came --------------------------------------------------------------------------------------------------

    def _compare(self, database: Database, report: Report) -> Any:
        expect = self._case.test.expect
        missing = self._player.problem() if self._player is not None else None
        if missing is not None:
            yield Difference("web", "an answer on the tape", str(missing))
        for name in ("outcome", "code", "step"):
            wanted = getattr(expect, name)
            if wanted is not None and wanted != getattr(report, name):
                told = f" ({report.code}: {report.message})" if report.code and name == "outcome" else ""
                yield Difference(name, str(wanted), f"{getattr(report, name) or 'none'}{told}")
        if expect.message is not None and expect.message not in (report.message or ""):
            yield Difference("message", f"... {expect.message} ...", str(report.message))
        yield from differences(expect.outputs, codec.plain(report.outputs), "outputs")
        with database.read() as transaction:
            steps = {
                row["path"]: row["result"]
                for row in rows(transaction, tables.steps.select().where(tables.steps.c.run == report.run))
            }
            table = tables.effects
            ledger = [
                _effect(dict(row)) for row in rows(transaction, table.select().order_by(table.c.intended, table.c.id))
            ]
        bound = {step.bind: steps.get(step.path) for step in every_step(self._case.workflow.steps) if step.bind}
        for path, wanted in expect.fields.items():
            yield from differences(wanted, codec.plain(at(bound, path)), f"fields.{path}")
        if expect.effects is not None:
            yield from differences([one.model_dump(exclude_none=True) for one in expect.effects], ledger, "effects")
        if expect.sent is not None and self._player is not None:
            sent = [{"request": one.request, "fields": one.fields} for one in self._player.playing.sent]
            yield from differences([one.model_dump(exclude_none=True) for one in expect.sent], sent, "sent")
        for name, wanted in expect.erp.items():
            came = self._books[name].state() if name in self._books else None
            yield from differences(wanted, codec.plain(came), f"erp.{name}")
        yield from self._refused
        for decision in self._decisions if not self._refused else []:
            where = f"decision of {decision.by}"
            yield Difference(where, f"an item that waits at {decision.at or 'a step'}", "none waits")
        for told in self._faults.left():
            yield Difference("faults", f"{told} to happen", "it never came to that")


def _decide(transaction: Transaction, stands: Row, decision: Decision, now: datetime, at: TestSurroundings) -> None:
    """By the rules of the exception queue. Who may work for which team is no matter of a workflow's test."""
    name, person = str(stands["id"]), Person(decision.by, admin=True)
    if decision.correct is not None:
        exceptions.correct(transaction, name, person, decision.correct, now, artifacts=at.artifacts)
    elif decision.reject is not None:
        exceptions.reject(transaction, name, person, now, reason=decision.reject)
    elif decision.retry:
        exceptions.retry(transaction, name, person, now)
    else:
        reason = decision.approve if isinstance(decision.approve, str) else ""
        exceptions.approve(transaction, name, person, now, reason=reason, artifacts=at.artifacts)


def _effect(row: Mapping[str, Any]) -> dict[str, Any]:
    step = str(row["scope"]).partition("/")[2]
    kept = {name: codec.plain(row[name]) for name in ("action", "key", "status", "input", "result")}
    return {"step": step, **kept}


def _state(model: Any, given: Mapping[str, Any], where: str) -> Any:
    from pydantic import ValidationError

    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        field_name = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(f"{where}.{field_name}: {first['msg'].lower()}", advice="correct it") from error
