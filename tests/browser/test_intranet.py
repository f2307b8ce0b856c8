"""The bot in an intranet of 2004: frames, a popup, dialogs, silence, and sessions that end in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from peers.intranet import Intranet

pytestmark = pytest.mark.browser

LOGIN = {
    "do": [{"fill": {"User": "{username}", "Password": "{password}"}}, {"click": "Logon"}],
    "signed_in": "Log off",
    "expired": "Your session has expired",
}
ENTER = (
    {"open": "/"},
    {"click": "New voucher"},
    {"click": "..."},
    {"tab": "new"},
    {"fill": {"Search": "acme w"}},
    {"click": "Go"},
    {"click": "V100"},
    {"tab": "main"},
    {"fill": {"Document no.": "R-1", "Document date": "01.03.2026", "Amount": "1.190,00"}},
    {"select": {"Tax": "19 % full"}},
    {"check": "Blocked for payment"},
    {"choose": "Credit note"},
    {"upload": {"Attachment": "invoice.pdf"}},
    {"click": "Save"},
    {"dialog": {"answer": "accept", "says": "Post voucher R-1?"}},
)
LOOK_UP = (
    {"open": "/"},
    {"click": "Vouchers"},
    {"fill": {"Document no.": "R-1"}},
    {"click": "Search"},
    {"see": "vouchers, page 1"},
    {"table": {"found": "frame=main >> css=table"}},
)


@pytest.fixture
def intranet() -> Iterator[Intranet]:
    with Intranet() as running:
        yield running


@pytest.fixture
def clerk(bot: Any, intranet: Intranet, tmp_path: Path) -> Any:
    (tmp_path / "invoice.pdf").write_bytes(b"%PDF")
    own = {"base_url": intranet.url, "username": "clerk", "password": intranet.password, "login": LOGIN, "timeout": 5}
    bot.fresh(connections={"intranet": own})
    return bot


def test_a_voucher_is_entered_and_found_again(clerk: Any, intranet: Intranet) -> None:
    clerk.do(*ENTER, connection="intranet")
    (voucher,) = intranet.vouchers
    assert (voucher.vendor, voucher.document, voucher.amount) == ("V100", "R-1", Decimal("1190.00"))
    assert (voucher.tax, voucher.blocked, voucher.kind, voucher.attachment_size) == ("19", True, "C", 4)
    (found,) = clerk.do(*LOOK_UP, connection="intranet")["found"]
    assert (found["Vendor"], found["Amount"]) == ("ACME Werkzeuge GmbH", "1.190,00")


def test_a_session_that_ended_is_begun_anew(clerk: Any, intranet: Intranet) -> None:
    clerk.do(*ENTER, connection="intranet")
    intranet.expire()
    assert len(clerk.do(*LOOK_UP, connection="intranet")["found"]) == 1
    assert len(intranet.vouchers) == 1


def test_the_look_up_tells_that_silence_meant_nothing_was_saved(clerk: Any, intranet: Intranet) -> None:
    intranet.refuse_next = True
    clerk.do(*ENTER, connection="intranet")
    assert clerk.do(*LOOK_UP, connection="intranet")["found"] == []


def test_the_report_is_kept_with_the_run(clerk: Any, intranet: Intranet) -> None:
    intranet.add("R-9")
    report = clerk.do({"open": "/"}, {"click": "Reports"}, {"download": {"pdf": "Download"}}, connection="intranet")[
        "pdf"
    ]
    assert report["name"] == "Voucher journal.pdf"
    assert clerk.context.artifacts[report["artifact"]].read_bytes().startswith(b"%PDF-1.4")
