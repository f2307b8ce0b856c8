"""Popups, tabs and native dialogs: a dialog nobody expected is an exception, never a silent no."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import ApplicationException, Outcome

pytestmark = pytest.mark.browser

OPEN = {"open": "/"}
DELETE = "<button onclick=\"told.textContent = confirm('Really delete?') ? 'Deleted' : 'Kept'\">Delete</button><p id=told></p>"


def test_a_dialog_is_answered_as_the_next_line_says(site: Any, bot: Any) -> None:
    site.page("/", DELETE)
    bot.do(OPEN, {"click": "Delete"}, {"dialog": "accept"}, {"see": "Deleted"})
    bot.do(OPEN, {"click": "Delete"}, {"dialog": {"answer": "dismiss", "says": "really"}}, {"see": "Kept"})


def test_a_prompt_gets_its_text(site: Any, bot: Any) -> None:
    site.page("/", "<button onclick=\"told.textContent = 'Because ' + prompt('Why?')\">Void</button><p id=told></p>")
    bot.do(OPEN, {"click": "Void"}, {"dialog": {"text": "a duplicate"}}, {"see": "Because a duplicate"})


def test_a_dialog_nobody_expects_is_dismissed_and_an_exception(site: Any, quick: Callable[..., Any]) -> None:
    site.page("/", DELETE)
    with pytest.raises(ApplicationException) as caught:
        quick(OPEN, {"click": "Delete"}, {"see": "Deleted"})
    assert (caught.value.code, caught.value.outcome) == ("DIALOG_UNEXPECTED", Outcome.UNKNOWN)
    assert str(caught.value) == (
        f"the page opened a dialog that the step does not expect; it was dismissed: confirm 'Really delete?' ({site.url}/); "
        "write `dialog: accept` or `dialog: dismiss` after the verb that opens it"
    )


def test_a_dialog_that_says_something_else_is_not_accepted(site: Any, quick: Callable[..., Any]) -> None:
    site.page("/", DELETE)
    with pytest.raises(ApplicationException, match="Really delete") as caught:
        quick(OPEN, {"click": "Delete"}, {"dialog": {"answer": "accept", "says": "Save changes"}})
    assert caught.value.code == "DIALOG_UNEXPECTED"


def test_a_dialog_that_does_not_come_is_told(site: Any, quick: Callable[..., Any]) -> None:
    site.page("/", "<button>Delete</button>")
    with pytest.raises(ApplicationException, match="no dialog opened") as caught:
        quick(OPEN, {"click": "Delete"}, {"dialog": "accept"})
    assert caught.value.code == "DIALOG_MISSING"


def test_a_popup_is_used_and_closes_itself(site: Any, bot: Any) -> None:
    site.page(
        "/",
        "<table><tr><td>Vendor</td><td><input id=vendor></td><td>"
        "<a href='#' onclick=\"window.open('/lookup', 'l', 'width=300,height=200')\">Look up</a></td></tr></table>",
    )
    site.page(
        "/lookup",
        "<title>Vendors</title><a href='#' onclick=\"opener.vendor.value = 'ACME'; window.close()\">Take ACME</a>",
    )
    read = bot.do(OPEN, {"click": "Look up"}, {"tab": "new"}, {"click": "Take ACME"}, {"read": {"vendor": "Vendor"}})
    assert read["vendor"] == "ACME"


def test_tabs_are_named_by_their_title(site: Any, bot: Any, quick: Callable[..., Any]) -> None:
    site.page("/", "<title>Start</title><a href=/report target=_blank>Report</a>")
    site.page("/report", "<title>Report of May</title><p>Total: 42</p>")
    assert (
        bot.do(OPEN, {"click": "Report"}, {"tab": "report of may"}, {"read": {"t": "Total"}}, {"tab": "main"})["t"]
        == "42"
    )
    with pytest.raises(ApplicationException, match="there is no window 'June'; open are: 'Start'"):
        quick(OPEN, {"tab": "June"})
