"""The main job on the bundled invoices: a real ERP, a real legacy web application, and the console at the end.

Started again after any end, also a kill, it goes on where it stood and books nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from demo import books, people
from demo.books import Books, Entry
from demo.erp.server import TrytonServer
from demo.project import INBOX, DemoProject
from demo.register.server import RegisterServer
from demo.samples import INVOICES
from engine import exceptions, items
from engine.errors import ExitCode, UsageError
from engine.exceptions import Kind
from engine.items import State
from engine.store import tables
from engine.store.database import one
from engine.work import Engine

WORKFLOW = "invoice-intake"


class Screen(Protocol):
    """Where the job tells what it does; the command line's session is one."""

    as_json: bool

    def say(self, text: str) -> None: ...

    def line(self, value: Any) -> None: ...

    def table(
        self, columns: Sequence[str], lines: Iterable[Sequence[Any]], *, none: str, spare: Sequence[str]
    ) -> None: ...


@dataclass(frozen=True)
class Wiring:
    """What the job needs of the command line. `serve` runs console, scheduler and workers until it is told to stop."""

    open_engine: Callable[[Path], AbstractContextManager[Engine]]
    progress: Callable[[Engine, int], AbstractContextManager[Callable[[], None]]]
    serve: Callable[[Path], object] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one invoice. ERP number, register entry and ledger row are empty until it is booked there."""

    invoice: str
    vendor: str
    outcome: str
    erp: str
    register: str
    ledger: str


def run(folder: Path, screen: Screen, wiring: Wiring, invoices: Path = INVOICES, *, sample: bool = False) -> int:
    """Work every PDF of `invoices` in the project `folder`, show what became of each, and serve the console.

    `sample` adds a sample office: some hundred items of five departments, of which a hundred wait for a person.

    Returns 0 if all places agree and no system failed (invoices that wait for a person are as they should be), else
    1. Raises UsageError while another demo works in the folder, ConfigurationError if a server does not start.
    """
    files = sorted(invoices.glob("*.pdf"))
    if not files:
        raise UsageError(f"there is no PDF in {invoices}", advice="make them with: python -m demo.samples FOLDER")
    project = DemoProject(folder)
    with project.alone():
        project.prepare(sample=sample)
        with servers(project, screen) as (erp, register):
            project.connect(erp.url, register.url)
            with wiring.open_engine(project.root) as engine:
                listed = enqueue(engine, files)
                work(engine, list(listed), wiring)
                held = read_back(engine, project, register)
                found = [row_of(engine, item, name, held) for item, name in listed.items()]
                failed = any(state(engine, item) is State.FAILED for item in listed)
                people.settle_in(engine, project)
                if sample:
                    fill_office(engine, screen)
            show(screen, found, held)
            if wiring.serve is not None:
                invite(screen, project)
                wiring.serve(project.root)
    return int(ExitCode.DONE if held.agree and not failed else ExitCode.APPLICATION)


def fill_office(engine: Engine, screen: Screen) -> None:
    """Two months of the sample office, unless they are there."""
    from demo.sample_office.fill import fill

    made = fill(engine, engine.clock.now())
    screen.say(f"sample office: {made} made-up items of two months" if made else "sample office: it is there already")


@contextmanager
def servers(project: DemoProject, screen: Screen) -> Iterator[tuple[TrytonServer, RegisterServer]]:
    """The ERP and the payment register, with what they hold from the last time."""
    erp = TrytonServer(project.root / "erp", password=project.secret("erp-password"))
    register = RegisterServer(project.root / "register", password=project.secret("register-password"))
    if not erp.file.exists():
        screen.say("setting up the ERP; the first time on a machine this takes about a minute")
    with erp, register:
        screen.say(f"ERP (Tryton): {erp.url}   payment register (Roundup): {register.url}")
        yield erp, register


def enqueue(engine: Engine, files: Iterable[Path]) -> dict[str, str]:
    """Item and file name of each invoice; one that is queued already is not queued again."""
    workflow = engine.library.get(WORKFLOW)
    return {engine.add(engine.new_item(workflow, {"file": file}))[0]: file.name for file in files}


def work(engine: Engine, listed: list[str], wiring: Wiring) -> None:
    """Work the items until each is done or waits for a person."""
    with wiring.progress(engine, len(listed)) as advance:
        through: set[str] = set()

        def count(item: str) -> None:
            if item not in through and state(engine, item) is not State.READY:
                through.add(item)
                advance()

        for item in listed:
            count(item)
        engine.work_until_idle(listed, count)


def state(engine: Engine, item: str) -> State:
    with engine.database.read() as transaction:
        return State(items.get(transaction, item)["state"])


def read_back(engine: Engine, project: DemoProject, register: RegisterServer) -> Books:
    """What each of the four places holds now."""
    from connectors.erp.connection import ErpConnection

    connection = ErpConnection.model_validate(engine.surroundings.connection("erp"))
    return Books(
        {
            "ERP": books.bills(connection),
            "register": books.payments(register.entries()),
            "ledger": books.ledger_rows(project.ledger),
            "journal": books.journalled(engine.database, WORKFLOW),
        }
    )


def row_of(engine: Engine, item: str, name: str, held: Books) -> Row:
    """The line of the table for one invoice."""
    with engine.database.read() as transaction:
        row = items.get(transaction, item)
        number, vendor = _read(transaction, row)
        outcome = _outcome(transaction, row)
    if row["state"] != State.DONE:
        return Row(name, vendor, outcome, "", "", "")
    return Row(name, vendor, outcome, *(_reference(held.places[place], number) for place in books.PLACES[:3]))


def _read(transaction: Any, row: Any) -> tuple[str, str]:
    """Number and vendor as they were read, or corrected since; empty where nothing could be read."""
    if row["outputs"]:
        return str(row["outputs"]["number"]), str(row["outputs"]["vendor"])
    steps = tables.steps.c
    step = one(transaction, tables.steps.select().where(steps.run == row["run"], steps.kind == "document.read"))
    result = step["result"] if step is not None and step["result"] else {}
    return str(result.get("number") or ""), str((result.get("seller") or {}).get("name") or "")


def _outcome(transaction: Any, row: Any) -> str:
    if row["state"] == State.DONE:
        return "booked"
    standing = exceptions.open_exceptions(transaction, workflow=WORKFLOW, limit=10_000)
    stop = next((one for one in standing if one["item"] == row["id"]), None)
    if stop is None:
        return f"{row['state']} {row['code'] or ''}".strip()
    why = stop["code"].lower().replace("_", " ") if stop["kind"] in (Kind.REVIEW, Kind.APPROVAL) else stop["code"]
    failed = "failed, " if stop["kind"] == Kind.APPLICATION else ""
    return f"{failed}waits for {stop['assigned'] or 'somebody'}: {why}"


def _reference(entries: Iterable[Entry], number: str) -> str:
    return ", ".join(entry.reference for entry in entries if entry.number == number) or "missing"


def show(screen: Screen, found: Sequence[Row], held: Books) -> None:
    """The table of invoices, and the sums of the four places."""
    balances = held.balances()
    if screen.as_json:
        for row in found:
            screen.line({name: getattr(row, name) for name in Row.__slots__})
        for balance in balances:
            screen.line({"currency": balance.currency, "agrees": balance.agrees, "totals": dict(balance.totals)})
        return
    screen.table(
        ["Invoice", "Vendor", "Outcome", "ERP number", "Register", "Ledger"],
        [(row.invoice, row.vendor, row.outcome, row.erp, row.register, row.ledger) for row in found],
        none="no invoices",
        spare=["Vendor", "Register"],
    )
    screen.say("")
    screen.table(
        ["Currency", *books.PLACES, ""],
        [
            (
                balance.currency,
                *(f"{balance.totals[place]:,.2f}  {balance.counts[place]}" for place in books.PLACES),
                "agree" if balance.agrees else "DISAGREE",
            )
            for balance in balances
        ],
        none="nothing is booked yet",
        spare=["journal", "register"],
    )
    for gap in held.gaps():
        screen.say(gap)


def invite(screen: Screen, project: DemoProject) -> None:
    """Where the console is and who may sign in."""
    console = project.open().settings.console
    screen.say("")
    screen.say(f"console: http://{console.host}:{console.port}")
    for person in people.PEOPLE:
        screen.say(f"  sign in as {person.name}, password {project.secret(person.secret)}: {person.does}")
    screen.say(f"further PDFs: put them into {project.root / INBOX}")
