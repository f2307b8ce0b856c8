"""The page on the browser bot is true: its YAML is read as it stands, and the example of each verb is run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from bots.browser.actions import BrowserStep
from bots.browser.connection import BrowserConnection
from bots.browser.do import VERBS, raw_lines
from engine.yaml_source import parse_yaml

PAGE = (Path(__file__).parents[2] / "docs" / "browser.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)

ORDERS = """<!doctype html><meta charset=utf-8><title>Orders</title>
<style>#basket, #bolts {width: 120px; height: 30px; border: 1px solid} .menu {display: none}</style>
<div id=cookies>We use cookies <button onclick="cookies.remove()">Accept</button></div>
<h1>New order</h1><form onsubmit="return false">
<label>Customer no. <input name=c></label><label>Remarks <textarea></textarea></label>
<label>Search <input id=s onkeydown="if (event.key === 'Escape') menu.hidden = true"></label>
<label>Terms <select><option>now<option>30 days</select></label>
<label><input type=checkbox> Urgent</label><label><input type=checkbox checked> Newsletter</label>
<label><input type=radio name=k> Person</label><label><input type=radio name=k> Firm</label>
<label>Due <input type=date></label><label>Discount <input type=range min=0 max=50 value=0></label>
<label>City <input list=cities id=city autocomplete=off></label><ul id=hits hidden><li role=option>Berlin</ul>
<label>Drawing <input type=file></label>
<div id=bolts draggable=true>Bolts</div><div id=basket ondragover="event.preventDefault()"
  oncontextmenu="menu.hidden = false; return false">Basket</div><p id=menu hidden>Menu of the basket</p>
<button onmouseover="this.title = 'x'">More</button>
<button onclick="if (confirm('Save it?')) { done.textContent = 'Order saved as 17' }">Save</button></form>
<p id=done></p><table><tr><td>Order number</td><td>A-17</td></tr><tr><td>Total</td><td>1,190.00</td></tr></table>
<h2>Open orders</h2><table id=orders><thead><tr><th>No</th><th>Vendor</th></tr></thead>
<tbody><tr><td>1</td><td>ACME</td></tr><tr><td>2</td><td>Bolt</td></tr></tbody></table>
<button id=rows onclick="this.remove()">More rows</button>
<a href=/help target=_blank>Help</a> <a href=/prices download=prices.csv>Price list</a>
<iframe name=news src=/news></iframe><p style="margin-top: 900px">Terms of use</p>
<script>city.oninput = () => hits.hidden = false; hits.onclick = () => { city.value = 'Berlin'; hits.hidden = true };</script>
"""


def lines_of(block: str) -> Any:
    return parse_yaml(block, "browser.md").value


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_every_example_is_a_right_one(number: int) -> None:
    told = lines_of(BLOCKS[number])
    steps = told if isinstance(told, list) else [told]
    for step in steps:
        if "browser" in step:
            do = [line for line in step["browser"]["do"] if line != "..."]
            BrowserStep.model_validate({**step["browser"], "do": do or ["logout"]})
        elif "type" in next(iter(step.values())):
            (settings,) = step.values()
            BrowserConnection.model_validate(settings | {"password": "x"})
        else:  # further settings of a connection
            given = {name: value for name, value in step.items() if name not in ("client_certificate", "login")}
            BrowserConnection.model_validate({"base_url": "http://x", **given})


def the_example() -> list[dict[str, Any]]:
    (block,) = [block for block in BLOCKS if "Every verb once" in block]
    return list(lines_of(block)[0]["browser"]["do"])


def test_every_verb_has_its_example() -> None:
    assert sorted(VERBS.keys() - {name for name, _argument in raw_lines(the_example())}) == []


@pytest.mark.browser
def test_the_example_of_each_verb_does_what_it_says(bot: Any, site: Any, tmp_path: Path) -> None:
    site.page("/orders", ORDERS)
    site.page("/help", "<title>Help</title><h1>How to order</h1>")
    site.page("/news", "<table><tr><td>Headline</td><td>Bolts are cheap</td></tr></table>")
    site.dynamic("/prices", lambda _request: (200, {"Content-Type": "text/csv"}, b"no,price"))
    site.page("/signed", "<p>Signed in</p>")
    (tmp_path / "plan.pdf").write_bytes(b"%PDF")
    shop = {
        "base_url": site.url,
        "scripts": True,
        "timeout": 5,
        "login": {"url": "/signed", "signed_in": "Signed in"},
    }
    bot.fresh(connections={"shop": shop})
    lines = the_example()
    lines.remove({"login": {}})  # this page has none
    read = bot.do(*lines, connection="shop")
    assert (read["number"], str(read["total"]), read["headline"], read["rows"]) == (
        "A-17",
        "1190.00",
        "Bolts are cheap",
        2,
    )
    assert [row["Vendor"] for row in read["orders"]] == ["ACME", "Bolt"]
    assert read["script"] == "Orders"
