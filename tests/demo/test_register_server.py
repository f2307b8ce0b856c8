"""The payment register: a real Roundup, entered by its forms as a browser sends them, read back over its interface."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from html import unescape
from pathlib import Path

import httpx
import pytest

from demo.register.server import RegisterServer
from engine.errors import ConfigurationError

PASSWORD = "correct horse"
ENTRY = {"vendor": "ACME GmbH", "invoice_number": "R-1", "amount": "1190.00", "currency": "1", "due_date": "2026-03-01"}


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RegisterServer]:
    with RegisterServer(tmp_path_factory.mktemp("register"), password=PASSWORD) as server:
        yield server


class Person:
    """Someone at a browser: keeps the session's cookie and sends each form with the token its page holds."""

    def __init__(self, register: RegisterServer, password: str = PASSWORD) -> None:
        self.client = httpx.Client(base_url=register.url, follow_redirects=True, trust_env=False, timeout=30)
        self.address = register.url
        names = {"__login_name": register.user, "__login_password": password, "@action": "Login"}
        self.greeting = self.send("/", "/", {**names, "__came_from": f"{self.address}/"})

    def see(self, page: str) -> str:
        return self.client.get(page).text

    def send(
        self, page: str, to: str, fields: dict[str, str], files: dict[str, tuple[str, bytes]] | None = None
    ) -> str:
        token = re.search(r'name="@csrf" type="hidden"\s+value="([^"]+)"', self.see(page))
        assert token is not None
        headers = {"Origin": self.address, "Referer": self.address + page}
        return self.client.post(to, data={**fields, "@csrf": token[1]}, files=files, headers=headers).text

    def enter(self, document: bytes = b"", **fields: str) -> str:
        form = {**ENTRY, **fields, "@template": "item", "@action": "new", "@link@document": "file-1"}
        form["@required"] = "vendor,invoice_number,amount,currency"
        files = {"file-1@content": ("invoice.pdf", document)} if document else None
        return self.send("/entry?@template=item", "/entry", form, files)

    def __enter__(self) -> Person:
        return self

    def __exit__(self, *failure: object) -> None:
        self.client.close()


def test_an_entry_is_given_a_number_and_can_be_found_and_read_back(register: RegisterServer) -> None:
    with Person(register) as person:
        saved = person.enter(b"%PDF-1.4", invoice_number="R-11", erp_bill="4711")
        number = re.search(r"Entry saved: (PR-\d{6})", saved)
        assert number is not None
        assert re.search(rf"<b>Entry number</b></td>\s*<td>{number[1]}</td>", saved)
        assert "1 entries found" in person.see("/entry?invoice_number=R-11&vendor=acme")
        assert "0 entries found" in person.see("/entry?invoice_number=R-1x")
    entry = next(one for one in register.entries() if one["invoice_number"] == "R-11")
    assert entry == {
        "number": number[1],
        "vendor": "ACME GmbH",
        "invoice_number": "R-11",
        "amount": Decimal("1190.00"),
        "currency": "EUR",
        "due_date": date(2026, 3, 1),
        "erp_bill": "4711",
        "documents": 1,
    }


def test_the_search_wants_the_whole_invoice_number(register: RegisterServer) -> None:
    with Person(register) as person:
        person.enter(invoice_number="77001")
        assert "0 entries found" in person.see("/entry?invoice_number=7700")


def test_a_due_date_may_be_left_out(register: RegisterServer) -> None:
    with Person(register) as person:
        assert "Entry saved" in person.enter(invoice_number="R-12", due_date="")
    assert next(one for one in register.entries() if one["invoice_number"] == "R-12")["due_date"] is None


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"amount": "12,50"}, "Amount must be written like 1234.56, but '12,50' was entered"),
        ({"vendor": ""}, "Required entry property vendor not supplied"),
        ({"currency": "-1"}, "Required entry property currency not supplied"),
    ],
)
def test_what_is_refused_is_said_and_not_saved(register: RegisterServer, wrong: dict[str, str], says: str) -> None:
    with Person(register) as person:
        page = person.enter(**{"invoice_number": "refused", **wrong})
    assert says in unescape(page)
    assert not any(one["invoice_number"] == "refused" for one in register.entries())


def test_a_stranger_sees_only_the_log_in_form(register: RegisterServer) -> None:
    with Person(register, password="guessed") as person:
        assert "Invalid login" in person.greeting
        assert "Please log in." in person.see("/entry")
        assert "Vendor" not in person.see("/entry?@template=item")
        assert "Vendor" not in person.see("/entry?@template=search")


def test_the_register_goes_on_after_kill_9_with_the_entries_it_had(tmp_path: Path) -> None:
    first = RegisterServer(tmp_path, password=PASSWORD).start()
    with Person(first) as person:
        person.enter(b"%PDF-1.4")
    before = first.entries()
    first.kill()
    with RegisterServer(tmp_path, password="a new one") as again:
        assert again.url == first.url
        assert again.entries() == before
        with Person(again, password="a new one") as person:
            assert "Entry saved: PR-000002" in person.enter(invoice_number="R-2")


def test_many_entries_are_all_read_back(register: RegisterServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.register.server.PAGE", 2)
    with Person(register) as person:
        for number in range(4):
            person.enter(invoice_number=f"many {number}")
    numbers = [one["invoice_number"] for one in register.entries()]
    assert [number for number in numbers if number.startswith("many")] == [f"many {number}" for number in range(4)]


def test_a_port_that_is_taken_is_said_so(register: RegisterServer, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"(?s)payment register did not start: .*Address already in use"):
        RegisterServer(tmp_path, register.port, password=PASSWORD).start()


@pytest.mark.parametrize("vendor", ["Müller & Söhne, GmbH", "100% Bio_Laden", "O'Reilly (Ireland)", 'The "Best"'])
def test_a_vendor_is_found_by_its_name_as_written(register: RegisterServer, vendor: str) -> None:
    with Person(register) as person:
        person.enter(invoice_number="V-1", vendor=vendor)
        query = str(httpx.QueryParams({"invoice_number": "V-1", "vendor": vendor}))
        assert "1 entries found" in person.see(f"/entry?{query}")
        assert "0 entries found" in person.see("/entry?invoice_number=V-1&vendor=Nobody")
