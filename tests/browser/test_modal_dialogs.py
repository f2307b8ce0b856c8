"""What a person can reach: a dialog over the page hides what lies behind it, whatever it is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import ApplicationException

pytestmark = pytest.mark.browser

OPEN = {"open": "/"}
BEHIND = "<label>Name <input id=behind></label><button onclick=\"behind.value = 'added'\">Add</button>"
INSIDE = "<label>Name <input id=inside></label><button onclick=\"inside.value += ' added'; layer.%s\">Add</button>"
LAYER = "position:fixed;inset:0;background:#0006"
DIALOGS = {
    "in its layer": f"<div id=layer style='{LAYER}'><div style='margin:80px'>{INSIDE % 'remove()'}</div></div>",
    "beside its backdrop": f"<div style='{LAYER}' id=back></div><div id=layer style='position:fixed;top:90px;left:90px'>"
    f"{INSIDE % 'remove(), back.remove()'}</div>",
    "of the browser": f"<dialog id=layer>{INSIDE % 'close()'}</dialog><script>layer.showModal()</script>",
}
READ = {"read": {"behind": "css=#behind"}}


@pytest.mark.parametrize("dialog", DIALOGS)
def test_what_lies_behind_a_dialog_is_not_meant(dialog: str, site: Any, bot: Any) -> None:
    site.page("/", BEHIND + DIALOGS[dialog])
    told = bot.do(OPEN, {"fill": {"Name": "Inside"}}, {"read": {"name": "Name"}}, {"click": "Add"}, READ)
    assert (told["name"], told["behind"]) == ("Inside", "")
    assert bot.do({"click": "Add"}, READ)["behind"] == "added"  # the dialog has gone


def test_a_field_that_the_dialog_names_less_plainly_is_still_the_one_that_is_reached(site: Any, bot: Any) -> None:
    inside = "<table><tr><td>Name</td><td><input id=inside></td></tr></table>"
    site.page("/", f"{BEHIND}<div id=layer style='{LAYER}'>{inside}</div>")
    assert bot.do(OPEN, {"fill": {"Name": "Inside"}}, READ, {"read": {"inside": "css=#inside"}})["inside"] == "Inside"


def test_a_shell_that_fills_the_window_hides_nothing_of_itself(site: Any, bot: Any) -> None:
    site.page("/", f"<div style='{LAYER}'>{BEHIND}</div>")
    assert bot.do(OPEN, {"click": "Add"}, READ)["behind"] == "added"


def test_two_of_one_name_without_a_dialog_are_still_told_apart_by_the_author(
    site: Any, quick: Callable[..., Any]
) -> None:
    site.page("/", BEHIND + INSIDE % "remove()")
    with pytest.raises(ApplicationException, match="'Add' fits 2 elements") as caught:
        quick(OPEN, {"click": "Add"})
    assert caught.value.code == "ELEMENT_AMBIGUOUS"


def test_the_word_on_a_button_goes_before_the_tooltip_of_another(site: Any, bot: Any) -> None:
    site.page("/", "<p id=told></p><button title=Add onclick=\"told.textContent = 'tooltip'\"></button>"
              "<button onclick=\"told.textContent = 'word'\">Add</button>")  # fmt: skip
    assert bot.do(OPEN, {"click": "Add"}, {"read": {"told": "css=#told"}})["told"] == "word"


def test_toolbars_that_look_alike_are_told_apart_by_what_stands_before_them(
    site: Any, quick: Callable[..., Any]
) -> None:
    bars = "".join(f"<div><div>{title}</div><div><button>New</button></div></div>" for title in ("Lines", "Taxes"))
    site.page("/", bars)
    with pytest.raises(ApplicationException, match=r"section=Lines >> New[\s\S]*section=Taxes >> New"):
        quick(OPEN, {"click": "New"})
