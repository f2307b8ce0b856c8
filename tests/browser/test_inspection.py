"""What can be named on a page: the words that are listed name just the thing they are listed for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bots.browser.connection import BrowserConnection
from bots.browser.inspection import Inspection, inspect
from bots.browser.step import open_session

pytestmark = pytest.mark.browser

RUNNER = Path(__file__).parents[2] / "runner.py"
WANTS = {"click": "click", "upload": "file", "check": "tick", "choose": "tick"}

FORM = """<title>Vendors</title><h1>New vendor</h1>
<label>Name <input></label><label for=c>City</label><input id=c><input placeholder="Search vendors"><input>
<select aria-label=Terms><option>30 days</select><label><input type=checkbox> Active</label>
<label><input type=radio name=k> Person</label><label><input type=radio name=k> Company</label><input type=file title=Contract>
<label>IBAN <input readonly value=DE89></label>
<button>Save</button><input type=submit value=Cancel><a href=/x>Help</a><button title="Close it">x</button><button></button>"""

ROWS = """<h2>Open orders</h2><table><tr><th>No</th><th>Vendor</th><th></th></tr>
<tr><td>4711</td><td>ACME</td><td><button>Edit</button><button>Delete</button></td></tr>
<tr><td>4712</td><td>Brandt</td><td><button>Edit</button><button>Delete</button></td></tr></table>
<h2>Old orders</h2><table><tr><th>Order</th><th>Vendor</th></tr><tr><td>1</td><td>Nord</td></tr></table>"""

OLD = """<form><table><tr><td>Customer no.:</td><td><input name=f1></td><td>Date</td><td><input name=f2></td></tr>
<tr><td colspan=2>Remarks</td></tr><tr><td colspan=2><textarea name=f3></textarea></td></tr></table>
<table><tr><td>Item</td><td>Price</td></tr><tr><td><input name=a1></td><td><input name=a2></td></tr>
<tr><td><input name=b1></td><td><input name=b2></td></tr></table><input type=button value=OK></form>"""


def seen(site: Any, bot: Any, page: str = "/") -> tuple[Inspection, int]:
    """The inspection of a page, and how many of its words were followed back to where they came from."""
    connection = BrowserConnection(base_url=site.url)
    followed = 0
    with open_session(connection, None, True, bot.fresh()) as session:
        session.windows.open(page)
        found = inspect(session)
        for one in found.things:
            want: Any = WANTS.get(one.verb, "field")
            back = session.finder.find(one.write, want)
            assert back.box == one.box, f"{one.write!r} names another thing than the {one.role} it is listed for"
            assert not one.frame or one.frame in (back.frame.name, back.frame.url.rsplit("/", 1)[-1])
            followed += 1
        for table in found.tables:
            records = session.reading.table(table.write, None, 1)
            assert (len(records), list(records[0])) == (table.rows, table.headers)
            followed += 1
    return found, followed


def test_fields_and_buttons_are_listed_by_the_words_a_person_would_say(site: Any, bot: Any) -> None:
    site.page("/", FORM)
    found, followed = seen(site, bot)
    written = [f"{one.verb}: {one.write}" for one in found.things if not one.write.startswith("css=")]
    assert written == [
        "fill: Name", "fill: City", "fill: Search vendors", "select: Terms", "check: Active", "choose: Person",
        "choose: Company", "upload: Contract", "fill: IBAN", "click: Save", "click: Cancel", "click: Help", "click: x",
    ]  # fmt: skip
    assert [one.name for one in found.things if one.closed] == ["IBAN"]
    assert found.title == "Vendors"
    assert followed == 15


def test_things_of_one_name_are_told_apart_by_their_row(site: Any, bot: Any) -> None:
    site.page("/", ROWS)
    found, _ = seen(site, bot)
    assert [(one.write, one.others) for one in found.things] == [
        ("row=4711 >> Edit", 1), ("row=4711 >> Delete", 1), ("row=4712 >> Edit", 1), ("row=4712 >> Delete", 1),
    ]  # fmt: skip
    assert [(table.write, table.headers, table.rows) for table in found.tables] == [
        ("Open orders", ["No", "Vendor", "column 3"], 2), ("Old orders", ["Order", "Vendor"], 1),
    ]  # fmt: skip


def test_fields_without_labels_are_listed_by_what_stands_beside_them(site: Any, bot: Any) -> None:
    site.page("/", OLD)
    found, _ = seen(site, bot)
    assert [one.write for one in found.things][:3] == ["Customer no.", "Date", "Remarks"]


def test_all_frames_are_listed(site: Any, bot: Any) -> None:
    site.page("/", "<frameset cols='30%,*'><frame name=menu src=/menu><frame name=work src=/work></frameset>")
    site.page("/menu", "<a href=/list target=work>List</a><button>Save</button>")
    site.page("/work", OLD + "<button>Save</button>")
    found, _ = seen(site, bot)
    assert {one.frame for one in found.things} == {"menu", "work"}
    assert [one.write for one in found.things if one.name == "Save"] == ["frame=menu >> Save", "frame=work >> Save"]
    assert "Customer no." in [one.write for one in found.things]


def test_the_command_lists_a_page(site: Any, tmp_path: Path) -> None:
    site.page("/", ROWS)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.yaml").write_text("timezone: UTC\n")
    call = [sys.executable, str(RUNNER), "inspect", "--project", str(tmp_path)]
    told = subprocess.run([*call, "--json", site.url], capture_output=True, text=True, check=True)
    assert json.loads(told.stdout)["things"][0]["write"] == "row=4711 >> Edit"
    told = subprocess.run([*call, site.url], capture_output=True, text=True, check=True)
    assert "click: row=4712 >> Delete" in told.stdout
    assert "table: {rows: Open orders}" in told.stdout
    refused = subprocess.run([*call, "/orders"], capture_output=True, text=True)
    assert (refused.returncode, refused.stderr) == (
        2,
        "clerkwork: '/orders' is no address; expected http://... or https://..., or a path with --connection\n",
    )
