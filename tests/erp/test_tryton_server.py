"""The demo's ERP server itself: it starts again on what it had, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from erp_invoices import invoice
from fakes.context import PlainContext
from peers.tryton import PASSWORD, connection_to

from connectors.erp.bills import CreateBill, create_bill
from connectors.erp.connection import ErpConnection
from connectors.erp.port import connect
from demo.erp import database
from demo.erp.books import booked_bills
from demo.erp.server import TrytonServer
from engine.errors import ConfigurationError

pytestmark = pytest.mark.tryton
ROOT = Path(__file__).resolve().parents[2]

STARTER = """
import sys, time
from pathlib import Path
from demo.erp.server import TrytonServer
server = TrytonServer(Path(sys.argv[1]), password="x").start()
print(server.pid, flush=True)
time.sleep(60)
"""


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_killed_server_goes_on_where_it_was_on_the_same_port(tmp_path: Path) -> None:
    server = TrytonServer(tmp_path / "erp", password=PASSWORD).start()
    try:
        url = server.url
        with PlainContext(tmp_path, connections={"erp": connection_to(server)}, key="k") as context:
            bill = create_bill(CreateBill(connection="erp", bill=invoice()), context)
            server.kill()
            assert server.pid is None
            server = TrytonServer(tmp_path / "erp").start()
            assert server.url == url
            (there,) = connect(context, "erp").bills(key="k")
        assert (there.id, there.state) == (bill.id, "posted")
    finally:
        server.stop()


def test_a_server_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", STARTER, str(tmp_path / "erp")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": "."}) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        assert is_running(pid)
        starter.send_signal(signal.SIGKILL)
    end = time.monotonic() + 10
    while is_running(pid) and time.monotonic() < end:
        time.sleep(0.05)
    assert not is_running(pid)


def test_a_port_that_is_taken_is_told_with_the_log(tmp_path: Path, tryton: TrytonServer) -> None:
    with pytest.raises(ConfigurationError) as caught:
        TrytonServer(tmp_path / "erp", port=tryton.port).start()
    message = str(caught.value)
    assert message.startswith("the demo's ERP did not start: ")
    assert "Address already in use" in message
    assert message.endswith(f"read {tmp_path / 'erp' / 'tryton.log'}; if the port is taken, stop what holds it")


def test_two_that_need_the_database_at_once_build_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = []

    def build(target: Path) -> None:
        time.sleep(0.2)
        built.append(target)
        target.write_text("a database")

    monkeypatch.setenv("CLERKWORK_CACHE", str(tmp_path))
    monkeypatch.setattr(database, "build_database", build)
    threads = [threading.Thread(target=database.cached_database) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert built == [database.cached_database()]
    assert built[0].is_relative_to(tmp_path)


def test_what_the_builder_says_is_told_when_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(ConfigurationError, match="the demo's ERP database could not be built: .*install the packages"):
        database.build_database(tmp_path / "tryton.sqlite")
    assert not (tmp_path / "tryton.sqlite").exists()


def test_a_password_for_a_user_that_is_not_there_is_refused(tmp_path: Path) -> None:
    copy = tmp_path / "tryton.sqlite"
    database.copy_database(copy)
    with pytest.raises(ConfigurationError, match="has no user nobody; remove the file; it is made anew"):
        database.set_password(copy, "nobody", "x")


def test_what_is_booked_is_read_back_without_a_run(tmp_path: Path, tryton: TrytonServer) -> None:
    settings = connection_to(tryton)
    with PlainContext(tmp_path, connections={"erp": settings}, key="read back") as context:
        bill = create_bill(CreateBill(connection="erp", bill=invoice()), context)
    totals = {entry.key: entry.total for entry in booked_bills(ErpConnection.model_validate(settings))}
    assert totals["read back"] == bill.total


def test_on_a_server_that_serves_many_at_once_every_bill_is_booked_once(tmp_path: Path) -> None:
    with TrytonServer(tmp_path / "erp", password=PASSWORD, parallel=True) as server:

        def work(number: int) -> str:
            with PlainContext(tmp_path, connections={"erp": connection_to(server)}, key=f"k{number}") as context:
                return str(create_bill(CreateBill(connection="erp", bill=invoice()), context).id)

        with ThreadPoolExecutor(3) as pool:
            made = list(pool.map(work, range(6)))
        there = booked_bills(ErpConnection.model_validate(connection_to(server)))
    assert sorted(made) == sorted(bill.id for bill in there)
    assert {(bill.state, bill.key) for bill in there} == {("posted", f"k{number}") for number in range(6)}
