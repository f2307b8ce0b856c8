"""An ERP that is down, locked or unknown: the item stands, and is booked once when the cause is mended."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from uuid import uuid4

import pytest
from bad_input_office import Office
from peers.tryton import PASSWORD

from demo.erp.server import TrytonServer

pytestmark = pytest.mark.tryton

BILLS = """\
workflow: bills
inputs: {number: text}
queue: {key: "${{ item.number }}", retry: {attempts: 1}}
steps:
  - name: Book the bill
    erp.create_bill:
      connection: erp
      bill:
        number: "${{ item.number }}"
        issue_date: "2026-03-03"
        currency: EUR
        seller: {name: Papier Nord GmbH}
        net_total: "100.00"
        tax_total: "19.00"
        total: "119.00"
        lines: []
    as: bill
outputs: {state: "${{ bill.state }}"}
"""


@pytest.fixture
def bills(office: Office, tryton: TrytonServer) -> Iterator[Office]:
    """A project that books into the ERP; its password is not set yet."""
    office.write("workflows/bills.yaml", BILLS)
    connect(office, tryton, "erp")
    yield office
    if tryton.process is None:
        tryton.start()


def connect(office: Office, server: TrytonServer, name: str) -> None:
    settings = {"system": "tryton", "url": server.url, "database": server.database, "user": server.user}
    office.write("config/connections.yaml", json.dumps({name: {**settings, "password": {"secret": "erp-password"}}}))


def set_password(office: Office, password: str) -> None:
    assert office("secret", "set", "erp-password", stdin=password).code == 0


def number() -> str:
    return f"R-{uuid4().hex[:8]}"


def booked(server: TrytonServer, number: str) -> int:
    """How many bills the ERP itself holds with this number."""
    with closing(sqlite3.connect(f"file:{server.file}?mode=ro", uri=True)) as database:
        query = "SELECT count(*) FROM account_invoice WHERE reference = ? AND state <> 'cancelled'"
        return int(database.execute(query, (number,)).fetchone()[0])


def test_an_erp_that_is_down_is_told_and_the_bill_is_booked_once_when_it_is_up(
    bills: Office, tryton: TrytonServer
) -> None:
    set_password(bills, PASSWORD)
    wanted = number()
    tryton.stop()
    line = bills.run("bills", number=wanted, code=1)
    assert (line["outcome"], line["code"], line["step"]) == ("failed", "ERP_UNREACHABLE", "Book the bill")
    assert line["message"] == (
        f"connection erp: nothing answers at {tryton.url} ([Errno 111] Connection refused); "
        "check that the ERP runs and that `url` of the connection is right"
    )
    assert bills.run("bills", number=wanted, code=1)["item"] == line["item"]
    assert bills.retry(line["item"])["code"] == "ERP_UNREACHABLE"
    tryton.start()
    done = bills.retry(line["item"])
    assert (done["outcome"], done["outputs"]) == ("done", {"state": "posted"})
    assert bills.run("bills", number=wanted, code=0)["item"] == line["item"]
    assert booked(tryton, wanted) == 1


def test_a_secret_that_is_not_set_and_then_is_wrong_is_told_each_time(bills: Office, tryton: TrytonServer) -> None:
    wanted = number()
    line = bills.run("bills", number=wanted, code=1)
    assert (line["outcome"], line["code"]) == ("failed", "CONFIGURATION")
    assert line["message"] == "secret erp-password is not set; run `secret set erp-password`"
    set_password(bills, "letmein-1984")
    wrong = bills.retry(line["item"])
    assert (wrong["outcome"], wrong["code"]) == ("failed", "ERP_LOGIN_REFUSED")
    assert wrong["message"] == (
        "connection erp: the ERP refuses the log-in of clerkwork; "
        "check `user` of the connection erp, and set its password anew with `secret set`"
    )
    set_password(bills, PASSWORD)
    assert bills.retry(line["item"])["outcome"] == "done"
    assert booked(tryton, wanted) == 1
    kept = b"".join(file.read_bytes() for file in (bills.root / "data").rglob("*") if file.is_file())
    assert b"letmein-1984" not in kept
    assert PASSWORD.encode() not in kept


def test_a_connection_that_is_not_there_is_told_by_check_and_by_run(bills: Office, tryton: TrytonServer) -> None:
    set_password(bills, PASSWORD)
    connect(bills, tryton, "erp-test")
    answer = bills("check", "--json")
    assert answer.code == 2
    assert answer.lines == [
        {
            "file": "workflows/bills.yaml",
            "line": 7,
            "column": 19,
            "severity": "error",
            "found": "unknown connection erp",
            "expected": "expected one of erp-test",
            "advice": "configure erp, or name another one",
        }
    ]
    wanted = number()
    line = bills.run("bills", number=wanted, code=1)
    assert (line["outcome"], line["code"]) == ("failed", "CONFIGURATION")
    assert line["message"] == (f"{bills.root}/config/connections.yaml: there is no connection erp; known: erp-test")
    connect(bills, tryton, "erp")
    assert bills.retry(line["item"])["outcome"] == "done"
    assert booked(tryton, wanted) == 1
