"""Proof of an effect, and the page's own words that it refused."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import ApplicationException, BusinessException, Outcome

pytestmark = pytest.mark.browser

OPEN = {"open": "/"}
FORM = "<form method=post action=/save><label>Vendor <input name=v></label><button>Save</button></form>"
SAVE = ({"fill": {"Vendor": "ACME"}}, {"click": "Save"}, {"see": "Entry saved"})


def test_what_is_seen_proves_it(site: Any, bot: Any) -> None:
    site.page("/", FORM)
    site.on_post("/save", lambda _form: "<script>setTimeout(() => document.body.append('Entry saved'), 200)</script>")
    assert bot.do(OPEN, *SAVE)["url"] == f"{site.url}/save"


def test_words_are_whole_words(site: Any, quick: Callable[..., Any]) -> None:
    site.page("/", "Unsaved changes in entry 47110")
    for text in ("saved", "entry 4711"):
        with pytest.raises(ApplicationException, match="was not seen"):
            quick(OPEN, {"see": text})


@pytest.mark.parametrize(
    "html",
    [
        "<p class=error>Vendor is unknown</p>",
        "<div class='alert alert-danger' role=alert>Vendor is unknown</div>",
        "<p class=error-message>Vendor is unknown</p>",
        "<span id=lblError>Vendor is unknown</span>",
        "<font color=red>Attention: Vendor is unknown</font>",
    ],
)
def test_a_page_that_refuses_is_a_business_exception_with_its_words(
    html: str, site: Any, quick: Callable[..., Any]
) -> None:
    site.page("/", FORM)
    site.on_post("/save", lambda _form: html + FORM)
    began = time.monotonic()
    with pytest.raises(BusinessException) as caught:
        quick(OPEN, *SAVE, seconds=20, error_texts=["Attention:"])
    assert time.monotonic() - began < 18, "it is told at once, not after the timeout"
    assert caught.value.code == "PAGE_REFUSED"
    assert "Vendor is unknown" in caught.value.message
    assert "Vendor is unknown" in str(caught.value.details["text"])


def test_an_error_after_something_was_saved_before_is_no_certain_refusal(site: Any, quick: Callable[..., Any]) -> None:
    site.page("/", FORM)
    answers = iter([f"Entry saved {FORM}", f"<p class=error>Vendor is known</p> {FORM}"])
    site.on_post("/save", lambda _form: next(answers))
    with pytest.raises(ApplicationException) as caught:
        quick(OPEN, *SAVE, *SAVE)
    assert (caught.value.code, caught.value.outcome) == ("PAGE_REFUSED", Outcome.UNKNOWN)


def test_an_error_without_a_proof_after_it_is_found_at_the_end(site: Any, quick: Callable[..., Any]) -> None:
    site.page("/", FORM)
    site.on_post("/save", lambda _form: "<p class=error>Vendor is unknown</p>")
    with pytest.raises(ApplicationException, match="Vendor is unknown") as caught:
        quick(OPEN, {"click": "Save"})
    assert (caught.value.code, caught.value.outcome) == ("PAGE_REFUSED", Outcome.UNKNOWN), "a warning may look the same"
    with pytest.raises(BusinessException, match="Vendor is unknown"):
        quick(OPEN, {"click": "Save"}, error_texts=["is unknown"])


def test_the_browsers_own_validation_is_a_refusal(site: Any, quick: Callable[..., Any]) -> None:
    site.page("/", "<form method=post><label>Vendor <input required></label><button>Save</button></form>")
    with pytest.raises(BusinessException, match="Vendor: Please fill out this field"):
        quick(OPEN, {"click": "Save"}, {"see": "Entry saved"})


def test_what_stood_there_before_is_no_answer(site: Any, bot: Any) -> None:
    html = "<p class=error>2 errors since Monday</p><p role=alert class=alert-success>Entry saved</p>"
    site.page("/", "<p class=error>2 errors since Monday</p>" + FORM)
    site.on_post("/save", lambda _form: html)
    bot.do(OPEN, *SAVE)


def test_what_is_not_seen_is_told_with_what_is(site: Any, quick: Callable[..., Any]) -> None:
    site.page("/", FORM)
    site.on_post("/save", lambda _form: "<h1>Entry stored</h1>")
    with pytest.raises(ApplicationException) as caught:
        quick(OPEN, *SAVE)
    assert (caught.value.code, caught.value.outcome) == ("ELEMENT_NOT_FOUND", Outcome.UNKNOWN)
    assert re.sub(r"\d s;", "N s;", str(caught.value)) == (
        f"'Entry saved' was not seen on {site.url}/save within N s; seen there: 'Entry stored'; "
        "see whether what was done before took; else write what the page really shows"
    )


def test_see_not_waits_until_it_is_gone(site: Any, bot: Any, quick: Callable[..., Any]) -> None:
    site.page("/", "<p id=w>Please wait</p><script>setTimeout(() => w.remove(), 200)</script>")
    bot.do(OPEN, {"see_not": "Please wait"})
    site.page("/", "<p>Please wait</p>")
    with pytest.raises(ApplicationException, match="'Please wait' is still seen"):
        quick(OPEN, {"see_not": "Please wait"})


def test_the_address_proves_it(site: Any, bot: Any, quick: Callable[..., Any]) -> None:
    site.page("/", "<a href=/entries/4711>Go</a>")
    site.page("/entries/4711", "x")
    bot.do(OPEN, {"click": "Go"}, {"url": "/entries/*"})
    with pytest.raises(ApplicationException, match="the address did not come to contain '/done'"):
        quick(OPEN, {"click": "Go"}, {"url": "/done"})


def test_errors_before_anything_was_sent_are_certainly_not_done(site: Any, quick: Callable[..., Any]) -> None:
    site.page("/", FORM)
    with pytest.raises(ApplicationException) as caught:
        quick(OPEN, {"fill": {"Nothing": "x"}}, {"click": "Save"})
    assert caught.value.outcome is Outcome.NOT_DONE


def test_a_form_that_sends_itself_counts_as_sent(site: Any, quick: Callable[..., Any]) -> None:
    site.page(
        "/", "<form method=post><label>Kind <select onchange='form.submit()'><option>a<option>b</select></label></form>"
    )
    with pytest.raises(ApplicationException) as caught:
        quick(OPEN, {"select": {"Kind": "b"}}, {"see": "Nothing"})
    assert caught.value.outcome is Outcome.UNKNOWN


def test_what_goes_wrong_with_data_after_saving_does_not_undo_the_saving(site: Any, quick: Callable[..., Any]) -> None:
    site.page("/", FORM)
    site.on_post("/save", lambda _form: "<p>Entry saved</p><p>Total: none</p>")
    with pytest.raises(ApplicationException) as caught:
        quick(OPEN, *SAVE, {"read": {"total": {"from": "Total", "as": "money"}}})
    assert (caught.value.code, caught.value.outcome) == ("NOT_A_MONEY", Outcome.UNKNOWN)
