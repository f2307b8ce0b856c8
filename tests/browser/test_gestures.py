"""Dragging, sliding, taking suggestions, printing, and scripts where they are allowed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.errors import ApplicationException, BusinessException

pytestmark = pytest.mark.browser

OPEN = {"open": "/"}

BOARD = """<style>.list { width: 200px; min-height: 80px; border: 1px solid; margin: 10px; float: left }</style>
<div class=list id=open>Open<p draggable=true id=a>Invoice 17</p></div><div class=list id=done>Approved</div>
<script>
a.ondragstart = event => event.dataTransfer.setData("text", "a");
done.ondragover = event => event.preventDefault();
done.ondrop = event => { event.preventDefault(); done.append(document.getElementById(event.dataTransfer.getData("text"))); };
</script>"""

KNOB = """<div id=track style="width:300px;height:20px;background:#ccc;position:relative">
<div id=knob title=Knob style="width:20px;height:20px;background:#333;position:absolute"></div></div><p id=at>0</p>
<script>
knob.onmousedown = start => {
  const from = start.clientX - knob.offsetLeft;
  onmousemove = move => { knob.style.left = Math.min(280, Math.max(0, move.clientX - from)) + "px"; };
  onmouseup = () => { onmousemove = onmouseup = null; at.textContent = knob.offsetLeft; };
};
</script>"""

SLIDERS = """<label>Volume <input type=range min=0 max=50 step=5 id=v></label>
<span id=name>Heat</span><div role=slider tabindex=0 aria-labelledby=name aria-valuemin=0 aria-valuemax=10 aria-valuenow=3 id=h>o</div>
<div role=slider tabindex=0 aria-label=Silent>o</div>
<script>
h.onkeydown = event => {
  const now = +h.getAttribute("aria-valuenow") + ({ ArrowRight: 2, ArrowLeft: -2 }[event.key] || 0);
  if (now >= 0 && now <= 10) h.setAttribute("aria-valuenow", now);
};
</script>"""

CITIES = """<label>City <input id=city autocomplete=off></label><ul id=list style="display:none"></ul><ul><li>Berlin is elsewhere too</li></ul>
<script>
const all = ["Berlin (DE)", "Bern (CH)", "Berlin (US)"];
city.oninput = () => setTimeout(() => {
  const found = all.filter(one => city.value && one.toLowerCase().includes(city.value.toLowerCase()));
  list.innerHTML = found.map(one => `<li>${one}</li>`).join("");
  list.style.display = found.length ? "" : "none";
}, 200);
list.onclick = event => { city.value = %s; list.style.display = "none"; };
</script>"""


def test_a_thing_is_dragged_onto_another(site: Any, bot: Any) -> None:
    site.page("/", BOARD)
    read = bot.do(OPEN, {"drag": {"Invoice 17": "Approved"}}, {"read": {"done": "css=#done"}})
    assert "Invoice 17" in read["done"]


def test_a_thing_is_dragged_some_way(site: Any, bot: Any) -> None:
    site.page("/", KNOB)
    read = bot.do(OPEN, {"drag": {"css=#knob": {"right": 120}}}, {"read": {"at": "css=#at"}})
    assert read["at"] == "120"


def test_sliders_stand_where_they_were_set(site: Any, bot: Any) -> None:
    site.page("/", SLIDERS)
    bot.do(OPEN, {"slider": {"Volume": Decimal(35), "Heat": Decimal(9)}}, {"see": "css=#h[aria-valuenow='9']"})
    assert bot.do({"read": {"volume": "Volume"}})["volume"] == "35"


@pytest.mark.parametrize(
    ("label", "value", "told"),
    [
        ("Volume", 60, "the slider 'Volume' goes from 0 to 50, and the value is 60"),
        ("Heat", 8, "the slider 'Heat' stands at 9 and cannot be brought to 8 by its keys"),
        ("Silent", 8, "'Silent' is no slider that tells its value"),
    ],
)
def test_a_slider_that_cannot_stand_there_is_told(
    label: str, value: int, told: str, site: Any, quick: Callable[..., Any]
) -> None:
    site.page("/", SLIDERS)
    with pytest.raises((ApplicationException, BusinessException), match=told):
        quick(OPEN, {"slider": {label: Decimal(value)}})


def test_a_suggestion_is_taken(site: Any, bot: Any) -> None:
    site.page("/", CITIES % "event.target.textContent")
    city = {"City": {"type": "Ber", "choose": "Berlin (US)"}}
    assert bot.do(OPEN, {"autocomplete": city}, {"read": {"city": "City"}})["city"] == "Berlin (US)"
    assert bot.do(OPEN, {"autocomplete": {"City": "Bern"}}, {"read": {"city": "City"}})["city"] == "Bern (CH)"


def test_a_flag_before_a_name_is_no_part_of_it(site: Any, bot: Any) -> None:
    page = CITIES % "event.target.textContent"
    site.page(
        "/",
        page.replace(
            '"Berlin (DE)"', '"\N{REGIONAL INDICATOR SYMBOL LETTER D}\N{REGIONAL INDICATOR SYMBOL LETTER E} Germany"'
        ),
    )
    choice = {"City": {"type": "Germ", "choose": "Germany"}}
    assert bot.do(OPEN, {"autocomplete": choice}, {"read": {"city": "City"}})["city"].endswith("Germany")


def test_a_field_that_is_drawn_anew_while_one_types_is_typed_in_again(site: Any, bot: Any) -> None:
    late = "<script>const field = city; field.addEventListener('input', () => { if (!field.n) { field.n = 1; field.value = '' } })</script>"
    site.page("/", CITIES % "event.target.textContent" + late)
    city = {"City": {"type": "B", "choose": "Bern (CH)"}}
    assert bot.do(OPEN, {"autocomplete": city}, {"read": {"city": "City"}})["city"] == "Bern (CH)"


def test_what_is_not_suggested_is_told_with_what_is(site: Any, quick: Callable[..., Any]) -> None:
    site.page("/", CITIES % "event.target.textContent")
    with pytest.raises(BusinessException) as caught:
        quick(OPEN, {"autocomplete": {"City": {"type": "Ber", "choose": "Berlin"}}})
    assert caught.value.code == "PAGE_REFUSED"
    assert "does not suggest 'Berlin'; it suggests 'Berlin (DE)', 'Bern (CH)', 'Berlin (US)'" in caught.value.message


def test_a_suggestion_that_the_field_does_not_take_over_is_told(site: Any, quick: Callable[..., Any]) -> None:
    site.page("/", CITIES % '"?"')
    with pytest.raises(ApplicationException, match=r"'City' does not show 'Bern \(CH\)' after it was taken") as caught:
        quick(OPEN, {"autocomplete": {"City": {"type": "Bern", "choose": "Bern (CH)"}}})
    assert caught.value.code == "VALUE_NOT_KEPT"


def test_a_page_is_printed(site: Any, bot: Any, tmp_path: Path) -> None:
    site.page("/", "<h1>Receipt 4711</h1>")
    kept = bot.do(OPEN, {"pdf": {"receipt": "out/receipt.pdf"}})["receipt"]
    assert Path(kept["path"]).read_bytes().startswith(b"%PDF-")
    assert kept["name"] == "receipt.pdf"
    assert bot.do(OPEN, {"pdf": "page"})["page"]["artifact"]


def test_scripts_run_only_where_the_connection_allows_them(site: Any, quick: Callable[..., Any]) -> None:
    site.page("/", "<title>Hello</title>")
    with pytest.raises(BusinessException) as caught:
        quick(OPEN, {"script": "document.title"})
    assert caught.value.code == "SCRIPT_NOT_ALLOWED"
    assert caught.value.message == "the step runs a script, and portal does not allow scripts"
    assert quick(OPEN, {"script": "document.title"}, scripts=True)["script"] == "Hello"
    several = {"script": {"code": "const n = 20; return n + 1", "name": "n"}}
    assert quick(OPEN, several, scripts=True)["n"] == 21


DRAWN = """<div id=track tabindex=0>o</div><p id=now>3</p>
<script>
track.onkeydown = event => { now.textContent = +now.textContent + ({ ArrowRight: 1, ArrowLeft: -1 }[event.key] || 0); };
</script>"""


def test_a_slider_whose_value_stands_elsewhere_is_moved_until_it_stands_there(site: Any, bot: Any) -> None:
    site.page("/", DRAWN)
    read = bot.do(
        OPEN, {"slider": {"css=#track": {"to": Decimal(-4), "shown": "css=#now"}}}, {"read": {"v": "css=#now"}}
    )
    assert read["v"] == "-4"


def test_a_button_and_an_entry_of_a_list_are_read_by_what_they_show(site: Any, bot: Any) -> None:
    site.page("/", "<ul><li id=one>12 pieces</li></ul><button id=buy>Buy for 90</button>")
    assert bot.do(OPEN, {"read": {"one": "css=#one", "buy": "css=#buy"}}) | {"url": ""} == {
        "one": "12 pieces",
        "buy": "Buy for 90",
        "url": "",
    }


SORTED = """<ul id=list style="width:200px;padding:0;list-style:none"></ul>
<script>
const names = ["Ann", "Bob", "Cid", "Dee"];
const draw = () => { list.innerHTML = names.map(one => `<li style="height:30px">${one}</li>`).join(""); };
let held = null;
list.onmousedown = event => { held = event.target.textContent; event.preventDefault(); };
onmousemove = event => {
  // An entry gives way only to one that is past its middle.
  if (!held) return;
  const from = names.indexOf(held);
  [...list.children].forEach((one, at) => {
    const box = one.getBoundingClientRect(), middle = box.top + box.height / 2;
    if ((at > from && event.clientY > middle + 2) || (at < from && event.clientY < middle - 2)) { names.splice(at, 0, ...names.splice(names.indexOf(held), 1)); }
  });
};
onmouseup = () => { held = null; draw(); };
draw();
</script>"""


@pytest.mark.parametrize(
    ("what", "place", "order"),
    [("Bob", 3, "Ann Cid Bob Dee"), ("Dee", 1, "Dee Ann Bob Cid"), ("Ann", 4, "Bob Cid Dee Ann")],
)
def test_an_entry_of_a_list_is_dragged_to_the_place_of_another(
    what: str, place: int, order: str, site: Any, bot: Any
) -> None:
    site.page("/", SORTED)
    read = bot.do(OPEN, {"drag": {what: f"css=#list > li:nth-of-type({place})"}}, {"read": {"order": "css=#list"}})
    assert read["order"] == order
