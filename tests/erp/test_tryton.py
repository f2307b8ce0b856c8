"""Tryton when things go wrong: unreachable, refused, silent, busy, written to by two. The failures are real ones
(a stopped server, a wrong password) or those of a proxy before the real server."""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from erp_invoices import invoice
from fakes.context import PlainContext
from peers.tryton import PASSWORD, connection_to
from peers.unreliable_proxy import UnreliableProxy, unreliable_proxy

from connectors.erp.bills import BookedBill, CreateBill, create_bill, preview_bill, settle_bill
from connectors.erp.parties import FindParty, find_party
from connectors.erp.port import connect
from demo.erp.server import TrytonServer
from engine.action import Done, NotDone
from engine.errors import ApplicationException, ConfigurationError, Outcome

pytestmark = pytest.mark.tryton

CREATE = "model.account.invoice.create"
POST = "model.account.invoice.post"


@pytest.fixture
def proxy(tryton: TrytonServer) -> Iterator[UnreliableProxy]:
    with unreliable_proxy(tryton.url) as proxy:
        yield proxy


@pytest.fixture
def through(tryton: TrytonServer, proxy: UnreliableProxy, tmp_path: Path) -> Iterator[PlainContext]:
    """A context whose ERP is reached through the proxy."""
    settings = connection_to(tryton, url=proxy.url, timeout=5)
    with PlainContext(tmp_path, connections={"erp": settings}, key=f"key/{uuid4().hex}") as context:
        yield context


def context_with(folder: Path, **settings: Any) -> PlainContext:
    return PlainContext(folder, connections={"erp": settings}, key=f"key/{uuid4().hex}")


def ask(document: dict[str, Any]) -> CreateBill:
    return CreateBill(connection="erp", bill=document)


def failure(context: PlainContext, document: dict[str, Any] | None = None) -> ApplicationException:
    with pytest.raises(ApplicationException) as caught:
        create_bill(ask(document or invoice()), context)
    return caught.value


def test_an_erp_that_is_down_is_told_so_and_nothing_was_done(tryton: TrytonServer, tmp_path: Path) -> None:
    with context_with(tmp_path, **connection_to(tryton, url="http://127.0.0.1:9")) as context:
        error = failure(context)
    assert (error.code, error.outcome) == ("ERP_UNREACHABLE", Outcome.NOT_DONE)
    assert str(error) == (
        "connection erp: nothing answers at http://127.0.0.1:9 ([Errno 111] Connection refused); "
        "check that the ERP runs and that `url` of the connection is right"
    )


def test_a_wrong_password_names_the_connection_and_how_to_set_it(tryton: TrytonServer, tmp_path: Path) -> None:
    with context_with(tmp_path, **connection_to(tryton, password="wrong", user="nobody")) as context:
        error = failure(context)
    assert (error.code, error.outcome) == ("ERP_LOGIN_REFUSED", Outcome.NOT_DONE)
    assert str(error) == (
        "connection erp: the ERP refuses the log-in of nobody; "
        "check `user` of the connection erp, and set its password anew with `secret set`"
    )
    assert "wrong" not in str(context.events)


def test_a_password_that_was_set_anew_is_used_at_once(tryton: TrytonServer, tmp_path: Path) -> None:
    with context_with(tmp_path, **connection_to(tryton, password="old one", user="clerkwork")) as context:
        assert failure(context).code == "ERP_LOGIN_REFUSED"
        context.connections["erp"] = connection_to(tryton)
        assert find_party(FindParty(connection="erp", name="Nordwind Handels GmbH"), context).found


def test_a_database_that_is_not_there_is_named(tryton: TrytonServer, tmp_path: Path) -> None:
    with context_with(tmp_path, **connection_to(tryton, database="production")) as context:
        error = failure(context)
    assert (error.code, error.outcome) == ("ERP_NO_DATABASE", Outcome.NOT_DONE)
    assert error.message == f"connection erp: {tryton.url} has no database production"


def test_a_company_that_is_not_there_is_named(tryton: TrytonServer, tmp_path: Path) -> None:
    with context_with(tmp_path, **connection_to(tryton, company="Südwind")) as context:
        error = failure(context)
    assert error.message == "connection erp: the user clerkwork sees 0 companies named 'Südwind'"


def test_a_company_may_be_chosen_by_name(tryton: TrytonServer, tmp_path: Path) -> None:
    with context_with(tmp_path, **connection_to(tryton, company="Nordwind Handels GmbH")) as context:
        assert create_bill(ask(invoice()), context).state == "posted"


def test_an_unknown_system_names_those_there_are(tryton: TrytonServer, tmp_path: Path) -> None:
    with (
        context_with(tmp_path, **connection_to(tryton, system="sap")) as context,
        pytest.raises(ConfigurationError) as caught,
    ):
        connect(context, "erp")
    assert str(caught.value) == (
        "connection erp: system is 'sap', which is no ERP known here; write one of: fake, tryton"
    )


def test_a_tax_that_the_connection_names_wrongly_is_asked_for(tryton: TrytonServer, tmp_path: Path) -> None:
    with (
        context_with(tmp_path, **connection_to(tryton, taxes={"19": "Vorsteuer"})) as context,
        pytest.raises(Exception, match="the ERP has 0 purchase taxes for 19 %: none; name the right one"),
    ):
        create_bill(ask(invoice()), context)


def test_an_expired_session_is_renewed_without_a_word(tryton: TrytonServer, tmp_path: Path) -> None:
    with context_with(tmp_path, **connection_to(tryton)) as context:
        create_bill(ask(invoice()), context)
        with closing(sqlite3.connect(tryton.file)) as database, database:
            database.execute("DELETE FROM ir_session")
        context.key = "next"
        assert create_bill(ask(invoice()), context).state == "posted"
    assert "ERP_SESSION_EXPIRED" in [data["outcome"] for _, data in context.events]


@pytest.mark.parametrize("method", [CREATE, POST, "model.ir.attachment.create"])
def test_an_answer_that_was_lost_is_unknown_and_looked_up(
    through: PlainContext, proxy: UnreliableProxy, method: str
) -> None:
    Path(through.folder / "scan.pdf").write_bytes(b"%PDF-1.7 a scan")
    wanted = CreateBill(connection="erp", bill=invoice(), attach="scan.pdf")
    proxy.swallow(method)
    with pytest.raises(ApplicationException) as caught:
        create_bill(wanted, through)
    assert (caught.value.code, caught.value.outcome) == ("ERP_NO_ANSWER", Outcome.UNKNOWN)
    settled = settle_bill(wanted, through)
    assert isinstance(settled, Done)
    assert isinstance(settled.result, BookedBill)
    (bill,) = connect(through, "erp").bills(key=through.key)
    assert (settled.result.id, settled.result.state, bill.state) == (bill.id, "posted", "posted")
    assert len(connect(through, "erp").attachments(bill.id)) == 1


def test_silence_says_what_was_sent_and_how_long_was_waited(through: PlainContext, proxy: UnreliableProxy) -> None:
    through.connections["erp"] = {**through.connections["erp"], "timeout": 1}
    proxy.delay(CREATE, 1.5)
    error = failure(through)
    assert error.outcome is Outcome.UNKNOWN
    assert str(error) == (
        "connection erp: model.account.invoice.create was sent and not answered within 1 s (timed out); "
        "check the ERP; what became of it is looked up before anything is sent again"
    )


def test_no_call_outlives_the_deadline_of_its_step(through: PlainContext, proxy: UnreliableProxy) -> None:
    find_party(FindParty(connection="erp", name="Nobody"), through)  # logs in
    through.deadline = through.now()
    proxy.delay("model.party.party.search_read", 1)
    with pytest.raises(ApplicationException, match="not answered within 0 s"):
        find_party(FindParty(connection="erp", name="Nobody"), through)


def test_a_reading_call_that_was_never_answered_changed_nothing(through: PlainContext, proxy: UnreliableProxy) -> None:
    proxy.swallow("model.account.tax.search_read")
    error = failure(through)
    assert (error.code, error.outcome) == ("ERP_NO_ANSWER", Outcome.NOT_DONE)
    assert settle_bill(ask(invoice()), through) == NotDone()


def test_an_erp_that_asks_to_wait_is_given_the_time(through: PlainContext, proxy: UnreliableProxy) -> None:
    proxy.answer(CREATE, 503, {"Retry-After": "7"})
    error = failure(through)
    assert (error.code, error.outcome, error.retry_after) == ("ERP_BUSY", Outcome.NOT_DONE, 7.0)
    assert error.message == "connection erp: the ERP asks to come back later (HTTP 503)"


def test_the_time_to_wait_may_be_a_date(through: PlainContext, proxy: UnreliableProxy) -> None:
    proxy.answer(CREATE, 429, {"Retry-After": "Fri, 31 Dec 2100 23:59:59 GMT"})
    assert (failure(through).retry_after or 0) > 86400


def test_a_refusal_after_the_draft_was_made_is_not_reported_as_nothing_done(
    through: PlainContext, proxy: UnreliableProxy
) -> None:
    proxy.answer(POST, 503)
    document = invoice()
    assert failure(through, document).outcome is Outcome.UNKNOWN
    settled = settle_bill(ask(document), through)
    assert isinstance(settled, Done)


def test_a_busy_database_is_tried_again_shortly(through: PlainContext, proxy: UnreliableProxy) -> None:
    proxy.answer(CREATE, 200, body=b'{"id": 1, "error": ["database is locked", ""]}')
    assert create_bill(ask(invoice()), through).state == "posted"
    assert proxy.seen.count(CREATE) == 2


def test_what_is_no_tryton_is_told_so(through: PlainContext, proxy: UnreliableProxy) -> None:
    proxy.answer("common.db.login", 200, body=b"<html>Welcome to nginx!</html>")
    assert failure(through).message == (
        f"connection erp: what answers at {proxy.url} is no Tryton ('<html>Welcome to nginx!</html>')"
    )


def test_an_error_inside_the_erp_is_unknown_where_something_was_to_be_written(
    through: PlainContext, proxy: UnreliableProxy
) -> None:
    proxy.answer(CREATE, 200, body=b'{"id": 1, "error": ["list index out of range", ""]}')
    error = failure(through)
    assert (error.code, error.outcome) == ("ERP_ERROR", Outcome.UNKNOWN)
    assert error.message == "connection erp: the ERP failed inside: list index out of range"


def test_a_question_of_the_erp_is_for_a_person_and_leaves_no_draft(
    through: PlainContext, proxy: UnreliableProxy
) -> None:
    proxy.answer(POST, 200, body=b'{"id":1,"error":["UserWarning",["abc.invoice_taxes","The taxes differ.",""]]}')
    document = invoice()
    with pytest.raises(Exception, match="the ERP asks before it goes on: The taxes differ.; check it in the ERP"):
        create_bill(ask(document), through)
    assert connect(through, "erp").bills(key=through.key) == []


def test_a_look_up_that_finds_nothing_waits_as_long_as_the_connection_says(
    tryton: TrytonServer, tmp_path: Path
) -> None:
    with context_with(tmp_path, **connection_to(tryton, settle_after=0.3)) as context:
        before = context.now()
        assert settle_bill(ask(invoice()), context) == NotDone()
        assert (context.now() - before).total_seconds() >= 0.3


def test_a_preview_writes_nothing_at_all(tryton: TrytonServer, tmp_path: Path) -> None:
    with context_with(tmp_path, **connection_to(tryton)) as context:
        find_party(FindParty(connection="erp", name="Nobody"), context)  # logs in, which makes a session
        before = row_counts(tryton)
        preview_bill(ask(invoice()), context)
        assert row_counts(tryton) == before


def row_counts(server: TrytonServer) -> dict[str, int]:
    with closing(sqlite3.connect(server.file)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}


def test_every_call_is_noted_without_secrets(tryton: TrytonServer, tmp_path: Path) -> None:
    with context_with(tmp_path, **connection_to(tryton)) as context:
        create_bill(ask(invoice()), context)
    noted = [data for name, data in context.events if name == "erp.call"]
    assert {"connection": "erp", "method": POST, "outcome": "ok"}.items() <= noted[-2].items()
    assert PASSWORD not in str(noted)


def test_the_user_of_the_demo_may_not_make_users(tryton: TrytonServer, tmp_path: Path) -> None:
    with context_with(tmp_path, **connection_to(tryton)) as context:
        erp = connect(context, "erp")
        erp.currencies()
        token = base64.b64decode(erp.session._authorization.split()[1])  # type: ignore[attr-defined]
        assert token.startswith(b"clerkwork:")
        answer = httpx.post(
            f"{tryton.url}/{tryton.database}/rpc/",
            json={"id": 1, "method": "model.res.user.create", "params": [[{"name": "x", "login": "x"}], {}]},
            headers={"Authorization": "Session " + base64.b64encode(token).decode()},
        )
    assert answer.json()["error"][0] == "UserError"


def test_two_workers_that_book_for_one_new_vendor_at_once_make_one_party(tryton: TrytonServer, tmp_path: Path) -> None:
    seller = {"name": f"Neu {uuid4().hex[:8]} GmbH", "tax_id": None}

    def work(number: int) -> BookedBill:
        with context_with(tmp_path, **connection_to(tryton)) as context:
            booked: BookedBill = create_bill(ask(invoice(seller=seller)), context)
            return booked

    with ThreadPoolExecutor(4) as pool:
        booked = list(pool.map(work, range(5)))
    assert len({bill.number for bill in booked}) == 5
    with context_with(tmp_path, **connection_to(tryton)) as context:
        assert len(connect(context, "erp").parties(seller["name"], None)) == 1
