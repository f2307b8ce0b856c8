"""Values, tables and counts as a person reads them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bots.browser.values import as_kind
from engine.errors import ApplicationException, BusinessException

pytestmark = pytest.mark.browser

OPEN = {"open": "/"}
ORDERS = (
    "<h2>Open orders</h2><table id=orders><thead><tr><th>No<th>Vendor<th>Total</tr></thead>"
    "<tbody><tr><td>1<td>ACME<td><input value=10.00></tr><tr><td>2<td>Brandt<td>20.00</tr></tbody>"
    "<tfoot><tr><td><td>Sum<td>30.00</tr></tfoot></table><table><tr><td>Footer</td></tr></table>"
)


@pytest.mark.parametrize(
    ("html", "source", "value"),
    [
        ("<label>Number <input value=4711></label>", "Number", "4711"),
        ("<label>Terms <select><option>14<option selected>30 days</select></label>", "Terms", "30 days"),
        ("<table><tr><td>Number</td><td>4711</td></tr></table>", "label=Number", "4711"),
        ("<table><tr><th>Number</th><th>City</th></tr><tr><td>4711</td><td>Bonn</td></tr></table>", "City", "Bonn"),
        ("<dl><dt>Number</dt><dd>4711</dd></dl>", "Number", "4711"),
        ("<b>Number:</b> 4711<br><b>City:</b> Bonn", "Number", "4711"),
        ("<p>Number: 4711</p>", "Number", "4711"),
        ("<div><span>Number</span><span>4711</span></div>", "Number", "4711"),
        ("<p id=n>4711</p>", "css=#n", "4711"),
        ("<table><tr><td>ACME</td><td>x</td></tr><tr><td>Brandt</td><td>y</td></tr></table>", "row=Brandt >> css=td:nth-child(2)", "y"),
    ],
)  # fmt: skip
def test_a_value_is_read_beside_its_label(html: str, source: str, value: str, site: Any, bot: Any) -> None:
    site.page("/", html)
    assert bot.do(OPEN, {"read": {"value": source}})["value"] == value


def test_a_value_is_read_as_what_it_is(site: Any, bot: Any) -> None:
    site.page("/", "<p>Total: 1.234,50 €</p><p>Due: 01.03.2026</p>")
    read = bot.do(OPEN, {"read": {"total": {"from": "Total", "as": "money"}, "due": {"from": "Due", "as": "date"}}})
    assert (read["total"], read["due"]) == (Decimal("1234.50"), date(2026, 3, 1))


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,234.50", "1234.50"), ("1.234,5", "1234.5"), ("EUR 12", "12"), ("-3.20", "-3.20"), ("(7.00)", "-7.00"),
     ("1 234,00 €", "1234.00"), ("1,234", "1234"), ("0.125", "0.125"), ("1'234.00", "1234.00")],
)  # fmt: skip
def test_numbers_are_read_in_every_usual_writing(text: str, value: str) -> None:
    assert as_kind(text, "number", "x") == Decimal(value)


def test_a_value_of_another_kind_is_told() -> None:
    with pytest.raises(BusinessException, match="'Total' on /x shows 'none', which is not a money"):
        as_kind("none", "money", "'Total' on /x")


def test_a_table_becomes_records(site: Any, bot: Any) -> None:
    site.page("/", ORDERS)
    records = [{"No": "1", "Vendor": "ACME", "Total": "10.00"}, {"No": "2", "Vendor": "Brandt", "Total": "20.00"}]
    assert bot.do(OPEN, {"table": {"a": "css=#orders", "b": "Open orders", "c": "Vendor"}}) == {
        "url": f"{site.url}/", "a": records, "b": records, "c": records,
    }  # fmt: skip


def test_a_table_is_read_over_its_pages(site: Any, bot: Any) -> None:
    row = "<table><caption>Orders</caption><tr><th>No<th>City</tr><tr><td>{}<td>Bonn</tr></table>"
    site.page("/", row.format(1) + "<a href=/2>Next</a>")
    site.page("/2", row.format(2) + "<a href=/3>Next</a>")
    site.page("/3", row.format(3) + "<button disabled>Next</button>")
    records = bot.do(OPEN, {"table": {"orders": {"from": "Orders", "pages": "Next"}}})["orders"]
    assert [record["No"] for record in records] == ["1", "2", "3"]


def test_a_table_that_is_not_there_is_told(site: Any, quick: Callable[..., Any]) -> None:
    site.page("/", "<h1>Nothing</h1>")
    with pytest.raises(ApplicationException, match="there is no table 'Orders' on"):
        quick(OPEN, {"table": {"orders": "Orders"}})


def test_counting_waits_until_the_page_is_at_rest(site: Any, bot: Any) -> None:
    site.dynamic("/rows", lambda _request: (__import__("time").sleep(0.3), (200, {}, b"<tr><td>1<tr><td>2"))[1])
    site.page("/", "<table id=results><tbody id=b></tbody></table><script>fetch('/rows').then(r => r.text()).then(t => "
              "{ b.innerHTML = t })</script>")  # fmt: skip
    assert bot.do(OPEN, {"count": {"rows": "table#results tbody tr"}})["rows"] == 2
    site.page("/", "<table id=results></table>")
    assert bot.do(OPEN, {"count": {"rows": "table#results tbody tr"}})["rows"] == 0


def test_verbs_are_repeated_and_done_only_if(site: Any, bot: Any) -> None:
    site.page("/", "<button onclick='n.textContent++'>More</button><p>Count: <b id=n>0</b></p>")
    read = bot.do(
        OPEN,
        {"repeat": {"times": 3, "do": [{"click": "More"}, {"read": {"n": "css=#n"}}]}},
        {"if": {"see": "Cookies", "do": [{"click": "Accept"}], "else": [{"read": {"end": "css=#n"}}]}},
    )
    assert (read["n"], read["end"]) == (["1", "2", "3"], "3")


def test_verbs_are_repeated_for_each_row(site: Any, bot: Any) -> None:
    site.page(
        "/", "<label>Name <input id=n></label><button onclick=\"o.append(n.value + ' ')\">Add</button><p id=o></p>"
    )
    rounds = [[{"fill": {"Name": name}}, {"click": "Add"}, {"read": {"so_far": "css=#o"}}] for name in ("Ada", "Bo")]
    read = bot.do(OPEN, {"repeat": {"for_each": ["Ada", "Bo"], "do": rounds}})
    assert read["so_far"] == ["Ada", "Ada Bo"]


def test_repeating_ends_when_a_text_is_seen_and_not_for_ever(site: Any, bot: Any, quick: Callable[..., Any]) -> None:
    site.page(
        "/", "<button onclick=\"if (++n > 2) document.body.append('Enough')\">More</button><script>n = 0</script>"
    )
    bot.do(OPEN, {"repeat": {"until": "Enough", "do": [{"click": "More"}]}}, {"see": "Enough"})
    with pytest.raises(ApplicationException, match="repeat did not come to its end in 2 rounds"):
        quick(OPEN, {"repeat": {"while": "More", "at_most": 2, "do": [{"click": "More"}]}})


LIST = """<table id=t><tr><th>No<th>City</tr><tr><td>1<td>Bonn</tr></table><p id=more></p><script>
let page = 1;
const draw = () => { document.querySelector('#more').innerHTML = page < 3 || %(always)s ? '<a href=# onclick="go()">Next</a>' : ''; };
window.go = () => { setTimeout(() => {
  page += 1; draw();
  if (page < 4) document.querySelector('#t td').textContent = page; }, %(delay)d); };
setInterval(draw, 150); draw();
</script>"""


def test_rows_are_not_read_twice_where_the_next_page_comes_late(site: Any, bot: Any) -> None:
    """The list is drawn anew all the time, and shows its old rows for a while after the click."""
    site.page("/", LIST % {"delay": 600, "always": "false"})
    records = bot.do(OPEN, {"table": {"rows": {"from": "css=#t", "pages": "Next"}}})["rows"]
    assert [record["No"] for record in records] == ["1", "2", "3"]


def test_a_next_that_leads_nowhere_ends_the_pages(site: Any, bot: Any) -> None:
    site.page("/", LIST % {"delay": 0, "always": "true"})
    records = bot.do(OPEN, {"table": {"rows": {"from": "css=#t", "pages": "Next"}}})["rows"]
    assert [record["No"] for record in records] == ["1", "2", "3"]
