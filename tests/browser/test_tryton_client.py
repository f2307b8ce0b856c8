"""Whole jobs in Tryton's web client: one page drawn by JavaScript, ids made anew, lists and dialogs of its own."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.surroundings import FolderSurroundings
from peers.sao_client import TrytonWebServer, sao
from peers.tryton import PASSWORD

from engine.action import REGISTRY
from engine.errors import ApplicationException
from engine.store.database import Database
from engine.work import Engine, Report
from engine.workflows import Library

__all__ = ["sao"]

pytestmark = [pytest.mark.browser, pytest.mark.tryton]

LOGIN = {
    "url": "/",
    "do": [
        {"fill": {"Database": "tryton", "User name": "{username}"}},
        {"click": "Login"},
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


def connection(sao: TrytonWebServer) -> dict[str, Any]:
    own = {"base_url": sao.url, "username": "clerkwork", "password": PASSWORD, "login": LOGIN, "timeout": 40}
    return {**own, "viewport": {"width": 1600, "height": 1000}}


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
            return engine.report(item)
        finally:
            engine.close()
            database.close()

    yield work


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
