"""Pages that change fields, focus and forms while somebody works in them: nothing gets lost, nothing goes elsewhere."""

from __future__ import annotations

import time
from typing import Any

import pytest

from engine.errors import ApplicationException

pytestmark = pytest.mark.browser

# A number is shown by one field and typed into another, which takes its place while it has the focus.
TWO_FIELDS = """<form method=post action=/save><div><label id=l>Unit price</label>
<input id=shown aria-labelledby=l><input id=typed name=price type=number step=any hidden></div><button>Send</button></form>
<script>
  shown.onfocus = () => { shown.hidden = true; typed.hidden = false; setTimeout(() => typed.focus()); };
  typed.onblur = () => { typed.hidden = true; shown.hidden = false; setTimeout(() => { shown.value = Number(typed.value).toFixed(4); }, 150); };
</script>"""


def test_a_field_that_another_takes_the_place_of_is_filled_there(site: Any, bot: Any) -> None:
    site.page("/", TWO_FIELDS)
    bot.do({"open": "/"}, {"fill": {"Unit price": "12.50"}}, {"click": "Send"}, {"see": "Saved"})
    assert site.posts == [("/save", {"price": "12.50"})]


def test_what_is_written_on_a_button_goes_before_the_hint_of_another(site: Any, bot: Any) -> None:
    site.page(
        "/",
        "<button title=Add onclick=\"told.textContent='hint'\">+</button>"
        "<button onclick=\"told.textContent='written'\">ADD</button><p id=told></p>",
    )
    bot.do({"open": "/"}, {"click": "Add"}, {"see": "written"})


def test_keys_reach_no_other_field_when_the_page_moves_the_focus(site: Any, bot: Any) -> None:
    site.page(
        "/",
        "<label>Account <input id=a></label><label>Kind <select id=k><option>Line<option>Merged</select></label>"
        "<script>a.addEventListener('keyup', () => setTimeout(() => k.focus(), 0), { once: true })</script>",
    )
    read = bot.do({"open": "/"}, {"type": {"Account": "Merchandise"}}, {"read": {"account": "Account", "kind": "Kind"}})
    assert (read["account"], read["kind"]) == ("Merchandise", "Line")


def test_a_page_that_never_leaves_the_focus_alone_is_told(site: Any, quick: Any) -> None:
    site.page(
        "/",
        "<label>Account <input id=a></label><label>Kind <select id=k><option>Line<option>Merged</select></label>"
        "<script>a.addEventListener('keyup', () => k.focus())</script>",
    )
    with pytest.raises(ApplicationException) as raised:
        quick({"open": "/"}, {"type": {"Account": "Merchandise"}})
    assert raised.value.code == "VALUE_NOT_KEPT"
    assert raised.value.message.startswith("the page moves the focus to another field while 'Account' is typed (")


def test_a_field_that_is_full_hands_over_to_the_next(site: Any, bot: Any) -> None:
    boxes = "".join(
        f'<input aria-label="Digit {n}" maxlength=1 oninput="this.nextElementSibling?.focus()">' for n in range(1, 5)
    )
    site.page("/", boxes)
    read = bot.do({"open": "/"}, {"type": {"Digit 1": "4711"}}, {"read": {f"d{n}": f"Digit {n}" for n in range(1, 5)}})
    assert [read[f"d{n}"] for n in range(1, 5)] == list("4711")


def test_a_form_that_comes_anew_with_an_answer_is_waited_for(site: Any, bot: Any) -> None:
    def late(_request: Any) -> tuple[int, dict[str, str], bytes]:
        time.sleep(0.4)
        return 200, {"Content-Type": "text/plain"}, b"new"

    site.dynamic("/next", late)
    site.page(
        "/",
        "<button onclick=\"fetch('/next').then((one) => one.text()).then(() => { kept.append(note.value); note.outerHTML = note.outerHTML; })\">"
        "New line</button><label>Note <input id=note></label><p>Kept: <b id=kept></b></p>",
    )
    read = bot.do(
        {"open": "/"}, {"click": "New line"}, {"fill": {"Note": "second"}}, {"wait": 0.6}, {"read": {"note": "Note"}}
    )
    assert read["note"] == "second"
