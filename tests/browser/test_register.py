"""The payment register: a real application that nobody made for robots, from signing in to the look-up afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from demo.register.server import RegisterServer
from engine.errors import ApplicationException, BusinessException, Outcome

pytestmark = pytest.mark.browser

PASSWORD = "correct horse"
ENTER = (
    {"open": "/entry?@template=item"},
    {"fill": {"Vendor": "ACME", "Invoice number": "R-1", "Amount": Decimal("12.50"), "Due date": "2026-03-01"}},
    {"select": {"Currency": "CHF"}},
    {"click": "Save"},
    {"see": "Entry saved"},
    {"read": {"entry_no": "Entry number"}},
)


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RegisterServer]:
    with RegisterServer(tmp_path_factory.mktemp("register"), password=PASSWORD) as server:
        yield server


def settings(register: RegisterServer, **more: Any) -> dict[str, Any]:
    login = {
        "url": "/",
        "do": [{"fill": {"User name": "{username}", "Password": "{password}"}}, {"click": "Log in"}],
        "signed_in": "Signed in as",
        "expired": "Please log in.",
    }
    own = {"base_url": register.url, "username": "clerkwork", "password": PASSWORD, "login": login, "timeout": 5}
    return {"connections": {"register": {**own, "error_texts": ["Error:", "Invalid login"], **more}}}


def test_an_entry_is_made_and_found_again(register: RegisterServer, bot: Any, tmp_path: Path) -> None:
    (tmp_path / "invoice.pdf").write_bytes(b"%PDF-1.4 invoice")
    bot.fresh(**settings(register))
    lines = [*ENTER[:3], {"upload": {"Document": "invoice.pdf"}}, *ENTER[3:]]
    made = bot.do(*lines, connection="register")
    (entry,) = register.entries()
    assert made["entry_no"] == entry["number"] == "PR-000001"
    assert (entry["vendor"], entry["amount"], entry["currency"]) == ("ACME", Decimal("12.50"), "CHF")
    assert entry["due_date"] == date(2026, 3, 1)
    assert entry["documents"] == 1
    found = bot.do(
        {"open": "/entry"},
        {"click": "Find an entry"},
        {"fill": {"Invoice number": "R-1", "Vendor": "ACME"}},
        {"click": "Search"},
        {"see": "entries found"},
        {"count": {"rows": "css=tr.entry"}},
        {"table": {"entries": "css=table:has(tr.entry)"}},
        connection="register",
        reads=True,
    )
    assert found["rows"] == 1
    assert found["entries"][0]["Vendor"] == "ACME"


def test_what_the_register_refuses_is_a_business_exception(register: RegisterServer, bot: Any) -> None:
    bot.fresh(**settings(register))
    before = len(register.entries())
    wrong = {"fill": {"Vendor": "ACME", "Invoice number": "R-2", "Amount": "12,50"}}
    with pytest.raises(BusinessException) as caught:
        bot.do(ENTER[0], wrong, *ENTER[2:], connection="register")
    assert caught.value.code == "PAGE_REFUSED"
    assert "Amount must be written like 1234.56" in caught.value.message
    assert len(register.entries()) == before


def test_a_wrong_password_is_told(register: RegisterServer, bot: Any) -> None:
    bot.fresh(**settings(register, password="wrong", timeout=3, keep_session=False))
    with pytest.raises(
        ApplicationException, match="signing in to register as clerkwork failed: .*Invalid login"
    ) as caught:
        bot.do(*ENTER, connection="register")
    assert (caught.value.code, caught.value.outcome) == ("LOGIN_REFUSED", Outcome.NOT_DONE)
