"""A click reaches what was meant, once: also on a page that draws it anew, moves it or leaves while it is clicked."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import ApplicationException

pytestmark = pytest.mark.browser

OPEN = {"open": "/"}

# The page draws itself anew as soon as the bot has found the button: by the look at its place, or at what lies there.
DRAWN_ANEW = """<div id=all></div><p>Saved <b id=n>0</b> times, deleted <b id=d>0</b> times</p><script>
let drawn = 0;
const draw = () => {{ drawn += 1; all.innerHTML = `{html}`; }};
const upon = (owner, name) => {{
  const own = owner[name];
  owner[name] = function (...given) {{
    if (drawn <= {times}) setTimeout(draw, 0);
    return own.apply(this, given);
  }};
}};
upon({hook});
draw();
</script>"""
PLACE, TOPMOST = "Element.prototype, 'getBoundingClientRect'", "Document.prototype, 'elementFromPoint'"
SAVE = "<button onclick='n.textContent++'>Save</button>"
SWAPPED = (
    "${drawn % 2 ? \"<button onclick='n.textContent++'>Save</button>\" : ''}"
    "<button onclick='d.textContent++'>Drop</button>"
    "${drawn % 2 ? '' : \"<button onclick='n.textContent++'>Save</button>\"}"
)


@pytest.mark.parametrize("hook", [PLACE, TOPMOST])
@pytest.mark.parametrize("verb", ["click", "double_click"])
def test_a_button_drawn_anew_after_it_was_found_is_found_again(hook: str, verb: str, site: Any, bot: Any) -> None:
    html = SAVE.replace("onclick", "ondblclick") if verb == "double_click" else SAVE
    site.page("/", DRAWN_ANEW.format(html=html, hook=hook, times=3))
    assert bot.do(OPEN, {verb: "Save"}, {"read": {"n": "css=#n"}})["n"] == "1"


def test_what_comes_under_the_mouse_instead_gets_no_click(site: Any, bot: Any) -> None:
    site.page("/", DRAWN_ANEW.format(html=SWAPPED, hook=TOPMOST, times=1))
    read = bot.do(OPEN, {"click": "Save"}, {"read": {"saved": "css=#n", "dropped": "css=#d"}})
    assert (read["saved"], read["dropped"]) == ("1", "0")


def test_a_button_that_is_drawn_anew_by_its_own_click_is_clicked_once(site: Any, bot: Any) -> None:
    site.page(
        "/",
        "<p>Saved <b id=n>0</b> times</p><div id=all></div><script>"
        'const draw = () => { all.innerHTML = \'<button onmousedown="setTimeout(draw, 200)" '
        'onclick="n.textContent++; draw()">Save</button>\' }; draw()</script>',
    )
    assert bot.do(OPEN, {"click": "Save"}, {"wait": 0.5}, {"read": {"n": "css=#n"}})["n"] == "1"


@pytest.mark.parametrize(
    "goes",
    [
        "<a href=/slow>Go</a>",
        "<form method=post action=/slow><button>Go</button></form>",
        "<button onclick=\"location.href = '/slow'\">Go</button>",
        "<form id=f action=/slow></form><button onclick='f.submit()'>Go</button>",
        "<a href=\"javascript:location.assign('/slow')\">Go</a>",
        "<form id=f action=/slow></form><a href='javascript:f.submit()'>Go</a>",
        "<form method=post action=/slow><input type=image alt=Go width=9 height=9></form>",
    ],
)
def test_what_follows_a_click_is_meant_for_the_page_it_leads_to(goes: str, site: Any, bot: Any) -> None:
    def slow(_request: Any) -> tuple[int, dict[str, str], bytes]:
        time.sleep(0.4)
        return 200, {"Content-Type": "text/html"}, b"<p>Place: <b>there</b></p>"

    site.page("/", f"<p>Place: <b>here</b></p>{goes}")
    site.dynamic("/slow", slow)
    site.on_post("/slow", lambda _form: slow(None)[2].decode())
    assert bot.do(OPEN, {"click": "Go"}, {"read": {"place": "Place"}})["place"] == "there"


def test_a_click_that_sends_without_leaving_is_not_waited_for(site: Any, bot: Any) -> None:
    site.page(
        "/",
        "<form onsubmit='event.preventDefault(); n.textContent++'><button>Send</button></form><b id=n>0</b>"
        "<a href='#top' onclick='n.textContent++'>Up</a>",
    )
    bot.do(OPEN)
    began = time.monotonic()
    rounds = [[{"click": "Send"}, {"click": "Up"}] for _ in range(5)]
    assert bot.do(OPEN, {"repeat": {"for_each": [1] * 5, "do": rounds}}, {"read": {"n": "css=#n"}})["n"] == "10"
    assert time.monotonic() - began < 4


@pytest.mark.parametrize(
    "html",
    [
        "<div style='height:3000px'></div><button onclick='hit()'>Save</button>",
        "<div style='height:90px;overflow:auto'><div style='height:900px'></div><button onclick='hit()'>Save</button></div>",
        "<style>@keyframes m {from {margin-left: 300px}}</style>"
        "<button style='animation: m .4s linear' onclick='hit()'>Save</button>",
        "<button id=b disabled onclick='hit()'>Save</button><script>setTimeout(() => b.disabled = false, 300)</script>",
        "<button onclick='hit()'>Save</button><div id=veil style='position:fixed;inset:0'></div>"
        "<script>setTimeout(() => veil.remove(), 300)</script>",
        "<label>Save<input type=checkbox style='opacity:0' onclick='hit()'></label>",
        "<div id=host></div><script>host.attachShadow({mode: 'open'}).innerHTML = "
        "'<button onclick=\"hit()\"><slot>Save</slot></button>'</script>",
        "<div id=host>Save</div><script>host.attachShadow({mode: 'open'}).innerHTML = "
        "'<button onclick=\"hit()\"><slot></slot></button>'</script>",
        "<button onclick='hit()'><span style='display:contents'>Save</span></button>",
        "<iframe srcdoc=\"<button onclick='parent.hit()'>Save</button>\"></iframe>",
    ],
)
def test_a_click_waits_for_what_is_not_ready_and_goes_where_it_is(html: str, site: Any, bot: Any) -> None:
    site.page("/", f"<b id=n>0</b><script>function hit() {{ n.textContent++ }}</script>{html}")
    assert bot.do(OPEN, {"click": "Save"}, {"read": {"n": "css=#n"}})["n"] == "1"


def test_a_page_that_never_stops_drawing_is_given_up_within_the_time_of_the_verb(
    site: Any, quick: Callable[..., Any]
) -> None:
    site.page("/", DRAWN_ANEW.format(html=SAVE, hook=f"{PLACE}); upon({TOPMOST}", times=10**6))
    began = time.monotonic()
    with pytest.raises(
        ApplicationException, match=r"'Save' could not be used in \d s: the page drew it anew again and again"
    ):
        quick(OPEN, {"double_click": "Save"})
    assert time.monotonic() - began < 8


def test_the_mouse_goes_to_a_place_of_a_chart_and_never_beside_it(bot: Any, quick: Any, site: Any) -> None:
    chart = "<canvas width=200 height=100 aria-label=Chart></canvas><p id=told>nowhere</p><script>"
    site.page("/", chart + "onmousemove = (e) => { const b = document.querySelector('canvas').getBoundingClientRect();"
              "told.textContent = `at ${e.clientX - b.left} ${e.clientY - b.top}` }</script>")  # fmt: skip
    bot.do({"open": "/"}, {"hover": {"target": "css=canvas", "at": {"right": 120, "down": 40}}}, {"see": "at 120 40"})
    with pytest.raises(
        ApplicationException, match="the place 220, 40 lies outside 'css=canvas', which is 200 x 100 pixels large"
    ):
        quick({"open": "/"}, {"hover": {"target": "css=canvas", "at": {"right": 220, "down": 40}}})
