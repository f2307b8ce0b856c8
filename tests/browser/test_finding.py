"""A person's words find the right thing on pages nobody made for robots; two of a kind are never guessed between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import ApplicationException, BusinessException, Outcome

pytestmark = pytest.mark.browser

OPEN = {"open": "/"}


def shown_after_filling(site: Any, bot: Any, html: str, label: str) -> dict[str, str]:
    site.page("/", f"<form method=post action=/save>{html}<input type=submit value=Send></form>")
    bot.do(OPEN, {"fill": {label: "hello"}}, {"click": "Send"}, {"see": "Saved"})
    return {name: value for name, value in site.posts[-1][1].items() if value}


FIELDS = {
    "a label with for": ("<label for=x>Vendor</label><input id=x name=good><input name=bad>", "Vendor"),
    "a label around it": ("<label>Vendor <input name=good></label><input name=bad>", "Vendor"),
    "aria-label": ("<input name=bad><input aria-label=Vendor name=good>", "Vendor"),
    "aria-labelledby": ("<b id=l>Vendor</b><input name=bad><input aria-labelledby=l name=good>", "Vendor"),
    "a placeholder": ("<input name=bad><input placeholder=Vendor name=good>", "Vendor"),
    "a title": ("<input name=bad><input title=Vendor name=good>", "Vendor"),
    "a test id": ("<input name=bad><input data-testid=vendor-field name=good>", "vendor-field"),
    "the cell left of it": (
        "<table><tr><td>Customer no</td><td><input name=good></td></tr><tr><td>City</td><td><input name=bad></td></tr>"
        "</table>",
        "Customer no",
    ),
    "the cell above it": (
        "<table><tr><td>City</td><td>Customer no</td></tr><tr><td><input name=bad></td><td><input name=good></td></tr>"
        "</table>",
        "Customer no",
    ),
    "nested tables": (
        "<table><tr><td><table><tr><td>City</td><td><table><tr><td><input name=bad></td></tr></table></td></tr></table>"
        "</td><td><table><tr><td>Zip</td><td><font><input name=good></font></td></tr></table></td></tr></table>",
        "Zip",
    ),
    "the text before it": ("Name: <input name=bad><br>Vendor: <input name=good><br>", "Vendor"),
    "two fields in one cell": ("<table><tr><td>From <input name=good> To <input name=bad></td></tr></table>", "From"),
    "a label above without for": (
        "<div><label>City</label><input name=bad></div><div><label>Vendor</label><input name=good></div>",
        "Vendor",
    ),
    "a block above it": (
        "<div>Vendor</div><div><input name=good></div><div>City</div><div><input name=bad></div>",
        "Vendor",
    ),
    "marks of a required field": ("<label for=x>* Vendor:</label><input id=x name=good>", "Vendor"),
    "a label in capitals by style": (
        "<label for=x style='text-transform:uppercase'>Vendor</label><input id=x name=good>",
        "VENDOR",
    ),
    "label=": ("<input placeholder=Vendor name=bad><label>Vendor <input name=good></label>", "label=Vendor"),
    "css=": ("<input name=bad><input name=good>", "css=input[name=good]"),
    "xpath=": ("<input name=bad><input name=good>", "xpath=//input[2]"),
    "role=": ("<input type=checkbox><textarea name=good aria-label=Note></textarea>", 'role=textbox[name="Note"]'),
    "near=": ("<p>City <input name=bad></p><p><i>Vendor</i> <b>!</b> <input name=good></p>", "near=Vendor"),
    "a section": (
        "<fieldset><legend>Sender</legend>City <input name=bad></fieldset>"
        "<fieldset><legend>Receiver</legend>City <input name=good></fieldset>",
        "section=Receiver >> City",
    ),
    "a heading as scope": (
        "<div><h2>Sender</h2><p>City <input name=bad></p></div><div><h2>Receiver</h2><p>City <input name=good></p></div>",
        "Receiver >> City",
    ),
    "a column in a row": (
        "<table><tr><th>Item</th><th>Amount</th></tr><tr><td>Pens</td><td><input name=bad></td></tr>"
        "<tr><td>Ink</td><td><input name=good></td></tr></table>",
        "row=Ink >> Amount",
    ),
    "labels in one line and fields in the next": (
        "<div style='display:grid;grid-template-columns:200px 200px'><label>City</label><label>Vendor</label>"
        "<input name=bad><input name=good></div>",
        "Vendor",
    ),
    "an order that only the style gives": (
        "<style>div {display: flex; flex-direction: row-reverse; justify-content: flex-end}</style>"
        "<div><input name=good><span>Vendor</span></div><div><input name=bad><span>City</span></div>",
        "Vendor",
    ),
    "a label that lies in the field": (
        "<style>div {position: relative; margin: 9px} span {position: absolute; left: 9px; top: 3px; font-size: 11px}</style>"
        "<div><input name=good><span>Vendor</span></div><div><input name=bad><span>City</span></div>",
        "Vendor",
    ),
    "a label at the left of a wide page": (
        "<div style='display:flex'><div style='width:220px'>City</div><div><input name=bad></div></div>"
        "<div style='display:flex'><div style='width:220px'>Vendor</div><div><input name=good></div></div>",
        "Vendor",
    ),
    "the header of a grid without a table": (
        "<div role=grid><div role=row><span role=columnheader>Item</span><span role=columnheader>Amount</span></div>"
        "<div role=row><span role=gridcell>Ink</span><span role=gridcell><input name=good></span></div></div>"
        "<p>Item <input name=bad></p>",
        "Amount",
    ),
    "a scope in a scope": (
        "<h2>Old</h2><table><tr><th>Item<th>Amount</tr><tr><td>Ink<td><input name=bad></tr></table>"
        "<h2>New</h2><table><tr><th>Item<th>Amount</tr><tr><td>Pens<td><input name=bad></tr>"
        "<tr><td>Ink<td><input name=good></tr></table>",
        "section=New >> row=Ink >> Amount",
    ),
    "css in a row": (
        "<table><tr><td>Pens<td><input name=bad></tr><tr><td>Ink<td><input name=good></tr></table>",
        "row=Ink >> css=input",
    ),
    "xpath in a section": (
        "<section aria-label=Old><input name=bad></section><section aria-label=New><input name=good></section>",
        "section=New >> xpath=//input",
    ),
    "near= as a scope": (
        "<div><b>Sender</b> City <input name=bad></div><div><b>Receiver</b> City <input name=good></div>",
        "near=Receiver >> City",
    ),
    "a shadow root in a shadow root": (
        "<input type=hidden name=good id=copy><div id=host></div><script>const outer = host.attachShadow({mode: 'open'});"
        "outer.innerHTML = '<p>Vendor</p><div></div>';"
        "const inner = outer.querySelector('div').attachShadow({mode: 'open'});"
        "inner.innerHTML = '<table><tr><td>Vendor<td><input></table>';"
        "inner.querySelector('input').oninput = event => { copy.value = event.target.value; }</script>",
        "Vendor",
    ),
    "a shadow root": (
        "<input type=hidden name=good id=copy><div id=host></div><script>const root = host.attachShadow({mode: 'open'});"
        "root.innerHTML = '<label>Vendor <input></label>';"
        "root.querySelector('input').oninput = event => { copy.value = event.target.value; }</script>",
        "Vendor",
    ),
}


@pytest.mark.parametrize("how", FIELDS)
def test_a_field_is_found_by(how: str, site: Any, bot: Any) -> None:
    html, label = FIELDS[how]
    assert shown_after_filling(site, bot, html, label) == {"good": "hello"}


CLICKS = {
    "a button": ("<button onclick='hit()'>Save</button>", "Save"),
    "a submit button's value": ("<input type=button value='Save' onclick='hit()'>", "Save"),
    "a link": ("<a href='#' onclick='hit()'>Save</a>", "Save"),
    "a picture's alternative text": ("<img alt=Save width=9 height=9 onclick='hit()'>", "Save"),
    "a picture button": ("<input type=image alt=Save width=9 height=9 onclick='hit();return false'>", "Save"),
    "any text": ("<table><tr><td onclick='hit()'><font>Save</font></td></tr></table>", "Save"),
    "spans in a button": ("<button onclick='hit()'><span>Save</span> <span>entry</span></button>", "Save entry"),
    "the spelling, where two differ by it": ("<button>save</button><button onclick='hit()'>Save</button>", "Save"),
    "the row": (
        "<table><tr><td>4710</td><td><a href='#'>Edit</a></td></tr>"
        "<tr><td>4711</td><td><a href='#' onclick='hit()'>Edit</a></td></tr></table>",
        "row=4711 >> Edit",
    ),
    "an exact name, not a longer one": ("<button>Save and close</button><button onclick='hit()'>Save</button>", "Save"),
    "one link written twice": ("<a href=/other><img alt='' width=9 height=9>Next</a> <a href=/other>Next</a>", "Next"),
    "what hides another": ("<button style='display:none'>Save</button><button onclick='hit()'>Save</button>", "Save"),
}


@pytest.mark.parametrize("how", CLICKS)
def test_a_click_finds(how: str, site: Any, bot: Any) -> None:
    html, target = CLICKS[how]
    site.page("/", f"{html}<p id=told></p><script>function hit() {{ told.textContent = 'It was hit' }}</script>")
    site.page("/other", "It was hit")
    bot.do(OPEN, {"click": target}, {"see": "It was hit"})


def test_all_frames_of_a_frameset_are_searched(site: Any, bot: Any) -> None:
    site.page("/", "<frameset cols='20%,80%'><frame name=menu src=/menu><frame name=work src=/list></frameset>")
    site.page("/menu", "<a href=/form target=work>New entry</a>")
    site.page("/list", "Nothing yet")
    site.page(
        "/form",
        "<form method=post action=/save><table><tr><td>Vendor</td><td><input name=vendor></td></tr>"
        "</table><input type=submit value=Save></form>",
    )
    bot.do(OPEN, {"click": "New entry"}, {"fill": {"Vendor": "ACME"}}, {"click": "Save"}, {"see": "Saved"})
    assert site.posts == [("/save", {"vendor": "ACME"})]


def test_a_frame_narrows_where_to_look(site: Any, bot: Any) -> None:
    site.page("/", "<iframe name=left src=/left></iframe><iframe name=right src=/right></iframe>")
    site.page("/left", "<p>City</p><b>Bonn</b>")
    site.page("/right", "<table><tr><td>City</td><td>Rome</td></tr></table>")
    assert bot.do(OPEN, {"read": {"city": "frame=right >> City"}})["city"] == "Rome"
    assert bot.do(OPEN, {"frame": "right"}, {"read": {"city": "City"}})["city"] == "Rome"


def test_what_appears_later_is_awaited(site: Any, bot: Any) -> None:
    site.page(
        "/",
        '<script>setTimeout(() => document.body.innerHTML = \'<button onclick="this.textContent = `Done`">'
        "Save</button>', 300)</script>",
    )
    bot.do(OPEN, {"click": "Save"}, {"see": "Done"})


def test_two_that_fit_are_an_error_that_lists_them_with_the_locators_to_write(
    site: Any, quick: Callable[..., Any]
) -> None:
    site.page(
        "/",
        "<table><tr><td>4710</td><td><button id=a>Delete</button></td></tr>"
        "<tr><td>4711</td><td><button name=b>Delete</button></td></tr></table>",
    )
    with pytest.raises(ApplicationException) as caught:
        quick(OPEN, {"click": "Delete"})
    assert caught.value.code == "ELEMENT_AMBIGUOUS"
    assert caught.value.outcome is Outcome.NOT_DONE
    assert str(caught.value) == (
        f"'Delete' fits 2 elements on {site.url}/:\n"
        "  button 'Delete' near '4710 Delete': row=4710 >> Delete\n"
        "  button 'Delete' near '4711 Delete': row=4711 >> Delete\n"
        "; say which: `row=... >> Delete`, `section=... >> Delete`, or one of the locators above"
    )


SEVERAL = {
    "sections": (
        "<fieldset><legend>Sender</legend><label>City <input></label></fieldset>"
        "<fieldset><legend>Receiver</legend><label>City <input></label></fieldset>",
        "City",
        ["section=Sender >> City", "section=Receiver >> City"],
    ),
    "rows that differ in their second cell": (
        "<table><tr><td>Pens<td>red<td><a href=/1>Edit</a></tr><tr><td>Pens<td>blue<td><a href=/2>Edit</a></tr></table>",
        "Edit",
        ["row=red >> Edit", "row=blue >> Edit"],
    ),
    "a column of fields": (
        "<table><tr><th>Item<th>Amount</tr><tr><td>Pens<td><input></tr><tr><td>Ink<td><input></tr></table>",
        "Amount",
        ["row=Pens >> Amount", "row=Ink >> Amount"],
    ),
    "a text that stands there twice": (
        "<h2>Sender</h2><p><i>City</i> <input></p><h2>Receiver</h2><p><i>City</i> <input></p>",
        "near=City",
        ["section=Sender >> near=City", "section=Receiver >> near=City"],
    ),
    "nothing that tells them apart": (
        "<p><button>Go</button></p><p><button>Go</button></p>",
        "Go",
        ["css=p:nth-of-type(1) > button", "css=p:nth-of-type(2) > button"],
    ),
    "frames": (
        "<iframe name=left srcdoc='<button>Go</button>'></iframe><iframe name=right srcdoc='<button>Go</button>'></iframe>",
        "Go",
        ["frame=left >> Go", "frame=right >> Go"],
    ),
}


@pytest.mark.parametrize("how", SEVERAL)
def test_each_of_several_is_told_with_words_that_fit_it_alone(
    how: str, site: Any, bot: Any, quick: Callable[..., Any]
) -> None:
    html, target, locators = SEVERAL[how]
    site.page("/", html)
    verb = {"fill": {target: "x"}} if "<input" in html else {"click": target}
    with pytest.raises(ApplicationException) as caught:
        quick(OPEN, verb)
    assert [line.rsplit(": ", 1)[1] for line in caught.value.message.splitlines() if line.startswith("  ")] == locators
    for locator in locators:
        quick(OPEN, {"fill": {locator: "x"}} if "<input" in html else {"click": locator})


def test_what_is_not_there_is_told_with_what_is(site: Any, quick: Callable[..., Any]) -> None:
    site.page("/", "<h1>Entry</h1><button>Save entry</button> <a href=/>Cancel</a>")
    with pytest.raises(ApplicationException) as caught:
        quick(OPEN, {"click": "Save"})
    assert caught.value.code == "ELEMENT_NOT_FOUND"
    assert str(caught.value) == (
        f"there is no button, link or text 'Save' on {site.url}/; seen there: 'Save entry', 'Cancel', 'Entry'; "
        "write one of the names seen, or a locator (label=, text=, css=, row= ... >> ...)"
    )


def test_what_is_hidden_is_told_so(site: Any, quick: Callable[..., Any]) -> None:
    site.page("/", "<div style='display:none'><label>Vendor <input></label></div>")
    with pytest.raises(ApplicationException, match=r"the field 'css=input' is on .* but hidden"):
        quick(OPEN, {"fill": {"css=input": "x"}})


def test_what_lies_over_a_button_is_named(site: Any, quick: Callable[..., Any]) -> None:
    site.page("/", "<button>Save</button><div id=veil style='position:fixed;inset:0'></div>")
    with pytest.raises(
        ApplicationException, match=r"'Save' could not be used in \d s: <div id=\"veil\"></div> lies over"
    ):
        quick(OPEN, {"click": "Save"})


def test_a_locator_that_is_no_css_is_the_authors_to_mend(site: Any, quick: Callable[..., Any]) -> None:
    site.page("/", "<p>x</p>")
    with pytest.raises(BusinessException, match="does not understand the locator css=div>>>") as caught:
        quick(OPEN, {"click": "css=div>>>"})
    assert caught.value.code == "BAD_LOCATOR"


TWO_SECTIONS = """<form>{first}<label>Street <input value=A></label>{between}{second}{rest}</form>"""


@pytest.mark.parametrize(
    ("first", "between", "second"),
    [
        ("<h2>Sender</h2>", "", "<h2>Receiver</h2>"),
        ("<fieldset><legend>Sender</legend>", "</fieldset>", "<fieldset><legend>Receiver</legend>"),
    ],
)
def test_what_a_section_has_no_more_is_not_taken_from_another(
    site: Any, quick: Any, first: str, between: str, second: str
) -> None:
    page = TWO_SECTIONS.format(first=first, between=between, second=second, rest="<label>City <input></label>")
    site.page("/", page)
    with pytest.raises(ApplicationException) as raised:
        quick({"open": "/"}, {"fill": {"section=Receiver >> Street": "B"}}, seconds=1)
    assert raised.value.code == "ELEMENT_NOT_FOUND"
