"""Whole jobs in an intranet of 2004: framesets, no labels, popups, dialogs, silence after saving, sessions that end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from engine.errors import ApplicationException, BusinessException, Outcome
from tests.peers.intranet import EXPIRED, Intranet

pytestmark = pytest.mark.browser

HOME = {"open": "/"}
FORM = (HOME, {"click": "New voucher"}, {"see": "Document date"})
VALUES = {"fill": {"Document no.": "R-1", "Amount": "1.190,00", "Document date": "01.03.2026"}}
SAVE = ({"click": "Save"}, {"dialog": {"answer": "accept", "says": "Post voucher"}})
LOOK_UP = (
    HOME,
    {"click": "Vouchers"},
    {"fill": {"Document no.": "R-1"}},
    {"click": "Search"},
    {"see": "page 1"},
    {"table": {"vouchers": "Voucher"}},
)


@pytest.fixture
def intranet() -> Iterator[Intranet]:
    with Intranet() as running:
        yield running


@pytest.fixture
def work(bot: Any, intranet: Intranet) -> Any:
    login = {"signed_in": "ACCOUNTING WORKBENCH", "expired": EXPIRED}
    settings = {"base_url": intranet.url, "username": "clerk", "password": "letmein", "login": login, "timeout": 4}

    def do(*lines: Any, **step: Any) -> dict[str, Any]:
        bot.fresh(connections={"intranet": {**settings, **step.pop("settings", {})}})
        return dict(bot.do(*lines, connection="intranet", **step))

    return do


def test_a_voucher_is_entered_and_looked_up(work: Any, intranet: Intranet, tmp_path: Path) -> None:
    (tmp_path / "R-1.pdf").write_bytes(b"%PDF")
    work(
        *FORM,
        {"click": "..."},
        {"tab": "new"},
        {"fill": {"Search": "bolt"}},
        {"click": "Go"},
        {"click": "V200"},
        {"tab": "main"},
        VALUES,
        {"fill": {"Text": "Schrauben & Müttern", "Tax": "19 % full"}},
        {"check": "Blocked for payment"},
        {"choose": "Credit note"},
        {"upload": {"Attachment": "R-1.pdf"}},
        *SAVE,
    )
    (voucher,) = intranet.vouchers
    assert (voucher.vendor, voucher.document, voucher.amount) == ("V200", "R-1", Decimal("1190.00"))
    assert (voucher.day, voucher.tax, voucher.text) == (date(2026, 3, 1), "19", "Schrauben & Müttern")
    assert (voucher.blocked, voucher.kind, voucher.attachment) == (True, "C", "R-1.pdf")
    (found,) = work(*LOOK_UP, reads=True)["vouchers"]
    assert (found["Voucher"], found["Vendor"], found["Amount"]) == (str(voucher.number), "Bolt & Söhne KG", "1.190,00")


def test_a_field_with_a_shown_name_beside_it_is_the_one_that_is_typed_into(work: Any, intranet: Intranet) -> None:
    work(*FORM, VALUES, {"fill": {"Vendor": "V100"}}, *SAVE)
    assert [voucher.vendor for voucher in intranet.vouchers] == ["V100"]


def test_silence_after_bad_input_is_found_out_by_the_look_up(work: Any, intranet: Intranet) -> None:
    work(*FORM, VALUES, {"fill": {"Vendor": "V999"}}, *SAVE)
    assert work(*LOOK_UP, reads=True)["vouchers"] == []


def test_an_alert_instead_of_the_question_is_dismissed_and_told(work: Any, intranet: Intranet) -> None:
    with pytest.raises(ApplicationException, match=r"alert 'Document no\. is missing!'") as caught:
        work(*FORM, *SAVE)
    assert (caught.value.code, caught.value.outcome) == ("DIALOG_UNEXPECTED", Outcome.UNKNOWN)
    assert intranet.vouchers == []


def test_a_session_that_ended_inside_the_frame_is_renewed(work: Any, intranet: Intranet) -> None:
    intranet.add("R-1")
    work(*LOOK_UP, reads=True)
    intranet.expire()
    assert len(work(*LOOK_UP, reads=True)["vouchers"]) == 1


def test_a_voucher_is_deleted_in_its_row(work: Any, intranet: Intranet) -> None:
    for document in ("R-1", "R-2", "R-3"):
        intranet.add(document)
    work(HOME, {"click": "Vouchers"}, {"click": "row=R-2 >> Delete"}, {"dialog": "accept"}, {"see_not": "R-2"})
    assert [voucher.document for voucher in intranet.vouchers] == ["R-1", "R-3"]


def test_two_fit_without_the_row(work: Any, intranet: Intranet) -> None:
    intranet.add("R-1")
    intranet.add("R-2")
    with pytest.raises(ApplicationException, match="'Delete' fits 2 elements") as caught:
        work(HOME, {"click": "Vouchers"}, {"click": "Delete"})
    assert caught.value.code == "ELEMENT_AMBIGUOUS"


def test_a_list_is_read_over_its_pages(work: Any, intranet: Intranet) -> None:
    for number in range(12):
        intranet.add(f"R-{number}")
    listed = work(HOME, {"click": "Vouchers"}, {"table": {"all": {"from": "Voucher", "pages": "next"}}}, reads=True)
    assert [record["Document no."] for record in listed["all"]] == [f"R-{number}" for number in range(12)]


@pytest.mark.parametrize("link", ["Download", "Show"])
def test_a_report_is_kept_whether_it_comes_as_a_file_or_in_a_viewer(link: str, work: Any, intranet: Intranet) -> None:
    intranet.add("R-1")
    got = work(HOME, {"click": "Reports"}, {"download": {"journal": {"click": link, "to": f"{link}.pdf"}}})["journal"]
    assert Path(got["path"]).read_bytes().startswith(b"%PDF-1.4")
    assert "R-1" in PdfReader(got["path"]).pages[0].extract_text(), "what was entered stands in the report"


def test_a_lost_answer_is_no_certainty_and_the_look_up_finds_the_voucher(work: Any, intranet: Intranet) -> None:
    intranet.lose_next_answer = True
    with pytest.raises(ApplicationException) as caught:
        work(*FORM, VALUES, {"fill": {"Vendor": "V100"}}, *SAVE, {"see": "Saved"}, settings={"timeout": 2})
    assert caught.value.outcome is Outcome.UNKNOWN
    assert len(work(*LOOK_UP, reads=True)["vouchers"]) == 1


def test_a_value_too_long_for_its_field_is_told_before_anything_is_sent(work: Any, intranet: Intranet) -> None:
    told = r"the field 'Document no\.' takes 16 characters, and the value has 20"
    work(HOME)
    with pytest.raises(BusinessException, match=told):
        work({"open": "/voucher"}, {"fill": {"Document no.": "R" * 20}}, *SAVE)
    with pytest.raises(ApplicationException, match=told) as caught:
        work(*FORM, {"fill": {"Document no.": "R" * 20}}, *SAVE)
    assert caught.value.outcome is Outcome.UNKNOWN, "a click in a menu is a click"
    assert not any(request.startswith("POST /voucher") for request in intranet.requests)


def test_a_wrong_password_is_told(work: Any, intranet: Intranet) -> None:
    with pytest.raises(ApplicationException, match="'ACCOUNTING WORKBENCH' was not seen") as caught:
        work(HOME, settings={"password": "wrong", "timeout": 2, "keep_session": False})
    assert caught.value.code == "LOGIN_REFUSED"
