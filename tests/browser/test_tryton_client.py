"""Whole jobs in Tryton's web client: one page drawn by JavaScript, ids made anew, lists and dialogs of its own."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fakes.surroundings import FolderSurroundings
from peers.sao_client import TrytonWebServer, sao
from peers.tryton import PASSWORD

from engine.action import REGISTRY
from engine.errors import ApplicationException
from engine.store import tables
from engine.store.database import Database, rows
from engine.work import Engine, Report
from engine.workflows import Library

__all__ = ["sao"]

pytestmark = [pytest.mark.browser, pytest.mark.tryton]

LOGIN = {
    "url": "/",
    "do": [
        {"fill": {"Database": "tryton", "User name": "{username}"}},
        {"click": "Login"},
        {"see": "css=input[type=password],#menu table"},
        # It asks for no password while the session of that user still lives.
        {"if": {"see": "OK", "do": [{"fill": {"Password for clerkwork": "{password}"}}, {"click": "OK"}]}},
        {"see": "Purchases"},
    ],
    "signed_in": "Purchases",
    "expired": "User name",
}

PARTY = """
workflow: enter-party
inputs:
  name: {type: text}
  vat: {type: text}
steps:
  - name: Look whether the party is there
    browser:
      connection: tryton
      do:
        - login: {}
        - open: /#tryton/model/party.party
        - see: Nordwind Handels GmbH
        - fill: {Search: "${{ item.name }}"}
        - press: {key: Enter, on: Search}
        - see_not: Nordwind Handels GmbH
        - table: {parties: Tax Identifier}
    effect: none
    as: before

  - name: Enter the party
    if: ${{ len(before.parties) == 0 }}
    browser:
      connection: tryton
      do:
        - open: /#tryton/model/party.party
        - click: New
        - fill: {Name: "${{ item.name }}", Street: Hafenstr. 4, Postal Code: "20457", City: Hamburg}
        - click: text="Identifiers"
        - click: section=Identifiers >> New
        - select: {"Party › Identifiers >> Type": European VAT Number}
        - fill: {"Party › Identifiers >> Code": "${{ item.vat }}"}
        - click: Add
        - click: Save
        - see: Record saved
    effect: {key: "${{ item.vat }}"}
"""

INVOICE = """
workflow: enter-invoice
inputs:
  supplier: {type: text}
  reference: {type: text}
  lines: {type: list}
steps:
  - name: Look whether the invoice is there
    browser:
      connection: tryton
      do:
        - login: {}
        - double_click: Financial
        - double_click: text="Invoices"
        - double_click: text="Supplier Invoices"
        - see: Reference
        - click: All
        - fill: {Search: "${{ item.reference }}"}
        - press: {key: Enter, on: Search}
        - table: {invoices: Reference}
    effect: none
    as: before

  - name: Enter and post the invoice
    if: ${{ len(before.invoices) == 0 }}
    browser:
      connection: tryton
      do:
        - click: New
        - autocomplete: {Party: "${{ item.supplier }}"}
        - fill: {Invoice Date: 11/20/2026, Reference: "${{ item.reference }}"}
        - click: section=Lines >> New
        - see: 1 / 1
        - autocomplete: {Account: {type: Merch, choose: "5.1.1 - Merchandise, Material, Parts And Supplies"}}
        - fill: {Quantity: "${{ item.lines[0].quantity }}", Unit Price: "${{ item.lines[0].price }}"}
        - click: Add
        - see_not: Add and New
        - click: section=Lines >> New
        - see: 2 / 2
        - autocomplete: {Account: {type: Services, choose: 5.1.3 - Services}}
        - fill: {Quantity: "${{ item.lines[1].quantity }}", Unit Price: "${{ item.lines[1].price }}"}
        - click: Add
        - read: {total: {from: Total, as: money}}
        - click: Post
        - see: Are you sure you want to post
        - click: OK
        - see: Process
        - read: {number: Number, state: State}
    effect: {key: "${{ item.reference }}"}
    as: posted
outputs:
  before: ${{ len(before.invoices) }}
  number: ${{ posted.number if len(before.invoices) == 0 else '' }}
  total: ${{ posted.total if len(before.invoices) == 0 else 0 }}
"""

PARTY_CHANGED = """
workflow: change-party
steps:
  - name: Enter, change and delete a party
    browser:
      connection: tryton
      do:
        - login: {}
        - open: /#tryton/model/party.party
        - see: Nordwind Handels GmbH
        - click: New
        - fill: {Name: Wegwerf GmbH}
        - click: Save
        - see: Record saved
        - read: {entered: Name}
        - fill: {Name: Wegwerf und Söhne GmbH}
        - click: Save
        - see: Record saved
        - click: Reload/Undo
        - read: {changed: Name}
        - click: Party
        - click: Delete
        - see: Are you sure to remove this record?
        - click: OK
        - see: Records removed
    effect: {key: once}
    as: party
outputs: {entered: "${{ party.entered }}", changed: "${{ party.changed }}"}
"""


def connection(sao: TrytonWebServer) -> dict[str, Any]:
    own = {"base_url": sao.url, "username": "clerkwork", "password": PASSWORD, "login": LOGIN, "timeout": 40}
    return {**own, "viewport": {"width": 1600, "height": 1000}}


def _tell_failures(database: Database) -> None:
    """What the browser met, for whoever reads why a test failed."""
    with database.read() as transaction:
        for row in rows(transaction, tables.events.select().where(tables.events.c.name == "browser.failed")):
            print(row["data"]["code"], row["data"]["message"])


@pytest.fixture
def office(tmp_path: Path, sao: TrytonWebServer) -> Iterator[Callable[..., Report]]:
    """`office(text, **inputs)` works one item with a memory of its own, as if on another machine."""
    engines: list[Engine] = []

    def work(text: str, **inputs: Any) -> Report:
        folder = tmp_path / f"machine{len(engines)}"
        folder.mkdir()
        file = folder / "job.yaml"
        file.write_text(textwrap.dedent(text))
        database = Database(f"sqlite:///{folder}/clerkwork.sqlite")
        database.migrate()
        surroundings = FolderSurroundings(folder, connections={"tryton": connection(sao)})
        library = Library([file], REGISTRY)
        engine = Engine(database, surroundings, REGISTRY, library)
        engines.append(engine)
        try:
            item = engine.add(engine.new_item(library.get(text.split()[1]), inputs))[0]
            engine.work_until_idle([item])
            _tell_failures(database)
            return engine.report(item)
        finally:
            engine.close()
            database.close()

    def apart(text: str, **inputs: Any) -> Report:
        with ThreadPoolExecutor(1) as machine:  # a thread has one Playwright, and this one's may be the bot's
            return machine.submit(work, text, **inputs).result()

    yield apart


def test_a_party_is_entered_once_however_often_the_job_runs(office: Callable[..., Report], bot: Any, sao: Any) -> None:
    for _ in range(2):
        report = office(PARTY, name="Bohrwerk Nord", vat="DE811569869")
        assert report.outcome == "done", report.message
    bot.fresh(connections={"tryton": connection(sao)})
    bot.context.deadline = bot.context.deadline.replace(year=bot.context.deadline.year + 1)
    found = bot.do(
        {"login": {}},
        {"open": "/#tryton/model/party.party"},
        {"see": "Nordwind Handels GmbH"},
        {"fill": {"Search": "Bohrwerk Nord"}},
        {"press": {"key": "Enter", "on": "Search"}},
        {"see_not": "Nordwind Handels GmbH"},
        {"table": {"parties": "Tax Identifier"}},
        connection="tryton",
    )["parties"]
    assert [(party["Name"], party["Tax Identifier"]) for party in found] == [("Bohrwerk Nord", "DE811569869")]


def test_a_supplier_invoice_of_two_lines_is_entered_and_posted_once(office: Callable[..., Report]) -> None:
    bill = {
        "supplier": "Nordwind Handels GmbH",
        "reference": "NW-4711",
        "lines": [{"quantity": "2", "price": "12.50"}, {"quantity": "1", "price": "100"}],
    }
    first, second = office(INVOICE, **bill), office(INVOICE, **bill)
    assert first.outcome == "done", first.message
    assert first.outputs["before"] == 0 and first.outputs["total"] == 125
    assert first.outputs["number"].startswith("2026-")
    assert second.outcome == "done", second.message
    assert second.outputs["before"] == 1 and second.outputs["number"] == ""


def test_a_party_is_changed_and_deleted_with_its_confirmation(office: Callable[..., Report]) -> None:
    report = office(PARTY_CHANGED)
    assert report.outcome == "done", report.message
    assert report.outputs == {"entered": "Wegwerf GmbH", "changed": "Wegwerf und Söhne GmbH"}


def test_a_vat_number_that_somebody_has_is_refused_in_the_words_of_the_page(bot: Any, sao: Any) -> None:
    bot.fresh(connections={"tryton": connection(sao)})
    with pytest.raises(ApplicationException, match='has the same European VAT Number "DE136695976"') as caught:
        bot.do(
            {"login": {}},
            {"open": "/#tryton/model/party.party"},
            {"click": "New"},
            {"fill": {"Name": "Twice"}},
            {"click": 'text="Identifiers"'},
            {"click": "section=Identifiers >> New"},
            {"select": {"Party › Identifiers >> Type": "European VAT Number"}},
            {"fill": {"Party › Identifiers >> Code": "DE136695976"}},
            {"click": "Add"},
            {"see": "Record saved"},
            connection="tryton",
        )
    assert caught.value.code == "PAGE_REFUSED"
