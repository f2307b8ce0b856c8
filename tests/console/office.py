"""A small office for the console's tests: one intake workflow over the real reader, an ERP kept in a file, users."""

from __future__ import annotations

import html
import queue
import re
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from fakes.surroundings import FolderSurroundings
from peers.world import posts, world_actions

import bots.documents.actions  # noqa: F401 - registers document.read
from commands.desk import EngineDesk
from commands.given import by_hand
from config.secrets import SecretStore
from console.desk import Trial, Would
from console.serve import serve
from console.services import ConsoleServices
from console.users import add_user
from engine import exceptions
from engine.action import REGISTRY
from engine.clock import ManualClock
from engine.language import Workflow
from engine.store import tables
from engine.store.database import Database, Row, rows
from engine.work import Engine
from engine.workflows import Library

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PASSWORD = "seven green bicycles"

INTAKE = """
workflow: invoice-intake
title: Supplier invoices
inputs: {file: file}
queue: {due: 4 hours}
steps:
  - name: Read the invoice
    document.read: {file: "${{ item.file }}", fields: invoice}
    as: doc
    review: {when: "${{ len(doc.problems) > 0 or doc.confidence < 0.8 }}", assign: accounts}
  - name: Book the bill
    world.post: {world: WORLD, value: "${{ doc.number }} ${{ doc.total }}"}
    effect: {key: "${{ doc.seller.name }}/${{ doc.number }}"}
  - name: Tell the buyer
    if: ${{ doc.total > 1000 }}
    world.put: {world: WORLD, value: "mail about ${{ doc.number }}"}
on_exception: {assign: accounts, due: 4 hours}
"""
ORDERS = """
workflow: orders
inputs:
  n: {type: text}
  fail: {type: text, required: false, default: ""}
  confidence: {type: number, required: false, default: 1}
steps:
  - name: Read the order
    world.read: {value: "${{ item.n }}", confidence: "${{ item.confidence }}"}
    as: order
    review: {when: "${{ order.confidence < 0.8 }}"}
  - name: Sign it off
    if: ${{ item.fail == "" }}
    approve: {by: heads, not: corrector, show: [order.value], message: "an order needs a second pair of eyes"}
  - name: Place the order
    world.shout: {world: WORLD, value: "${{ order.value }}", fail: "${{ item.fail }}"}
on_exception: {assign: buyers}
"""

STATEMENTS = """
workflow: statements
inputs: {file: file}
steps:
  - name: Read the statement
    document.read: {file: "${{ item.file }}", fields: bank_statement}
    as: doc
    review: {when: "${{ len(doc.problems) > 0 }}", assign: accounts}
  - name: Book the balance
    world.post: {world: WORLD, value: "${{ doc.closing_balance }} ${{ len(doc.lines) }}"}
    effect: {key: "${{ doc.account.number }}/${{ doc.period.end }}"}
on_exception: {assign: accounts}
"""


class Office:
    """`work(**inputs)` runs an item; `exception(item)` is what it left in the queue; `client(name)` is signed in."""

    def __init__(self, folder: Path, empty: Path | None = None) -> None:
        self.folder = folder
        self.world = folder / "world.sqlite"
        (folder / "workflows").mkdir()
        for name, text in (("invoice-intake", INTAKE), ("orders", ORDERS), ("statements", STATEMENTS)):
            (folder / "workflows" / f"{name}.yaml").write_text(text.replace("WORLD", str(self.world)))
        if empty is not None:
            shutil.copyfile(empty, folder / "clerkwork.sqlite")
        self.database = Database(f"sqlite:///{folder}/clerkwork.sqlite")
        self.database.migrate()
        self.clock = ManualClock(NOW)
        self.surroundings = FolderSurroundings(folder)
        self.registry = {**world_actions(), "document.read": REGISTRY["document.read"]}
        self.library = Library([folder / "workflows"], self.registry)
        assert not self.library.problems, self.library.problems
        self.engine = Engine(
            self.database, self.surroundings, self.registry, self.library, clock=self.clock, chance=Random(1)
        )
        self.woken: list[str] = []
        self.address, self.port = "", 0
        self.set_up: str | None = None
        self._leaving = threading.Event()
        self._thread: threading.Thread | None = None
        self.services = ConsoleServices(
            database=self.database,
            artifacts=self.surroundings.artifacts,
            library=self.library,
            registry=self.registry,
            clock=self.clock,
            scrubber=self.surroundings.scrubber,
            timezone=UTC,
            sealing=SecretStore(folder, {}),
            on_decision=self.woken.append,
            desk=EngineDesk(self.engine, ZoneInfo("UTC"), lambda _name: self.surroundings.calendar, self.try_out),
        )

    def add_user(self, name: str, role: str, *teams: str) -> None:
        with self.database.write() as transaction:
            add_user(transaction, name, PASSWORD, role, teams, self.clock.now())

    def work(self, workflow: str, **given: Any) -> str:
        item = self.engine.add(self.engine.new_item(self.library.get(workflow), given))[0]
        self.go_on(item)
        return item

    def try_out(self, workflow: Workflow, given: Mapping[str, Any]) -> Trial:
        """A dry run here, with the same actions; in a real office it is a process of its own."""
        with tempfile.TemporaryDirectory() as folder:
            database = Database(f"sqlite:///{folder}/dry.sqlite")
            database.migrate()
            engine = Engine(database, self.surroundings, self.registry, self.library, clock=self.clock, dry_run=True)
            item = engine.add(engine.new_item(workflow, {**by_hand(workflow, engine), **given}))[0]
            engine.work_until_idle([item])
            told = engine.report(item)
            would = [Would(one.step, one.action, one.target, one.changes, one.already) for one in engine.would_do[item]]
            engine.close()
            database.close()
        return Trial(told.outcome, told.code or "", told.message or "", told.step or "", told.outputs, would)

    def go_on(self, item: str) -> None:
        self.engine.work_until_idle([item])

    def state(self, item: str) -> str:
        with self.database.read() as transaction:
            from engine import items

            return str(items.get(transaction, item)["state"])

    def exception(self, item: str) -> Row:
        with self.database.read() as transaction:
            return exceptions.find(transaction, item)

    def decisions(self, item: str) -> list[Row]:
        with self.database.read() as transaction:
            return exceptions.decisions(transaction, item)

    def result(self, item: str) -> Mapping[str, Any]:
        """What the document of an item's latest run was read as, corrections included."""
        with self.database.read() as transaction:
            steps, runs = tables.steps, tables.runs
            run = rows(transaction, runs.select().where(runs.c.item == item).order_by(runs.c.started))[-1]
            found = rows(transaction, steps.select().where(steps.c.run == run["id"], steps.c.kind == "document.read"))
        return dict(found[-1]["result"])

    @property
    def posts(self) -> list[str]:
        return posts(self.world)

    def open(self) -> str:
        """Serve the console; its address."""
        if self._thread is None:
            ready: queue.Queue[tuple[str, str | None]] = queue.Queue()
            serving = (
                self.services,
                "127.0.0.1",
                self.port,
                lambda address, link: ready.put((address, link)),
                self._leaving,
            )
            self._thread = threading.Thread(target=serve, args=serving)
            self._thread.start()
            self.address, self.set_up = ready.get(timeout=20)
        return self.address

    @contextmanager
    def client(self, name: str | None = None) -> Iterator[httpx.Client]:
        """A browser without scripts; signed in if a name is given."""
        with httpx.Client(base_url=self.open(), trust_env=False) as client:
            if name is not None:
                answer = sign_in(client, name, PASSWORD)
                assert answer.status_code == 303, answer.text
            yield client

    def close(self) -> None:
        self._leaving.set()
        if self._thread is not None:
            self._thread.join(timeout=20)
        self.engine.close()
        self.database.close()


def sign_in(client: httpx.Client, name: str, password: str, **more: str) -> httpx.Response:
    page = client.get("/sign-in")
    return client.post("/sign-in", data={"name": name, "password": password, "csrf": csrf_of(page.text), **more})


def csrf_of(page: str) -> str:
    """The token in the forms of a page."""
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None, page
    return found[1]


def form_of(page: str) -> dict[str, str]:
    """The decision form of a page as a browser without scripts would send it."""
    body = page[page.index('id="decision"') :]
    pairs = re.findall(r'<input(?: id="[^"]*")?(?: type="hidden")? name="([^"]+)" value="([^"]*)"', body)
    return {name: html.unescape(value) for name, value in pairs}


def text_of(page: str) -> str:
    """What a page says, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())
