"""`heal`: what stands in for a target on a changed page is listed, shown, written into the file, or rejected."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from cli_office import Office

pytestmark = pytest.mark.browser

PAGE = """<title>Entries</title><h1>New entry</h1><form method=post>
<label>Vendor <input name=vendor id=vendor></label> <label>Reference <input name=ref id=ref></label>
<button id=ok name=ok>Save</button> <button type=button>Print</button></form>"""
WORKFLOW = """\
workflow: entry
inputs: {vendor: text}
steps:
  - name: Enter it   # by hand until 2019
    browser:
      connection: web
      do:
        - open: /
        - fill: {Vendor: "${{ item.vendor }}", Reference: "7"}
        - click: Save  # the only button
        - see: Entry saved
    effect: {key: "${{ item.vendor }}"}
"""


class Web:
    def __init__(self) -> None:
        self.page, self.url = PAGE, ""


@pytest.fixture
def web() -> Iterator[Web]:
    web = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply(web.page.encode())

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self._reply(b"<title>Done</title><p>Entry saved</p>")

        def _reply(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    web.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield web
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def entry(office: Office, web: Web) -> Office:
    """A workflow that ran once on the page as it was."""
    office.write("workflows/entry.yaml", WORKFLOW)
    office.write("config/connections.yaml", f"web: {{base_url: '{web.url}', timeout: 1}}\n")
    assert office("run", "entry", "--item", "vendor=Bleiche AG").code == 0
    assert office("heal", "list").out == "no page has changed under a workflow\n"
    return office


def proposals(office: Office) -> list[dict[str, Any]]:
    return office("heal", "list", "--json").lines


def test_a_mend_is_shown_with_its_reasons_and_written_into_the_file_and_nothing_else(entry: Office, web: Web) -> None:
    web.page = PAGE.replace(">Save<", ">Store<").replace("Vendor <", "Supplier <")
    assert entry("run", "entry", "--item", "vendor=Kranich KG").code == 0
    vendor, save = proposals(entry)
    assert [(one["target"], one["locator"], one["used"]) for one in (vendor, save)] == [
        ("Vendor", "Supplier", True),
        ("Save", "Store", True),
    ]
    said = entry("heal", "show", save["id"], "-o", "heal.html").out
    assert "  10 - - click: Save  # the only button\n  10 + - click: Store  # the only button\n" in said
    assert "tried on 2 recorded pages: 0 times the same, 2 times nothing" in said
    page = (entry.root / "heal.html").read_text()
    assert page.count("data:image/") == 2 and "Save &rarr; Store" in page
    for one in (vendor, save):
        assert entry("heal", "accept", one["id"]).code == 0
    text = (entry.root / "workflows/entry.yaml").read_text()
    assert text == WORKFLOW.replace("click: Save", "click: Store").replace("{Vendor:", "{Supplier:")
    again = entry("run", "entry", "--item", "vendor=Mauersegler SE", "--json")
    assert again.code == 0 and proposals(entry) == []
    assert (
        entry("heal", "accept", save["id"]).err
        == f"clerkwork: {save['id']} is accepted already; see `heal list --all`\n"
    )


def test_what_is_something_else_on_a_recorded_page_is_not_written(entry: Office, web: Web) -> None:
    # The button lost its name, and another one that was there before got a new place: its name is not this one's.
    web.page = PAGE.replace(">Save<", ">Print<").replace("<button type=button>Print</button>", "")
    entry("run", "entry", "--item", "vendor=Kranich KG")
    assert proposals(entry) == []


def test_a_person_says_no(entry: Office, web: Web) -> None:
    web.page = PAGE.replace(">Save<", ">Store<")
    assert entry("run", "entry", "--item", "vendor=Kranich KG").code == 0
    (save,) = proposals(entry)
    said = entry("heal", "reject", save["id"], "--because", "it stores a draft")
    assert said.out == "'Store' is not used for 'Save' again\n"
    (known,) = entry("heal", "list", "--all", "--json").lines
    assert known["state"] == "rejected" and known["reason"].endswith(": it stores a draft")
    assert entry("run", "entry", "--item", "vendor=Mauersegler SE").code == 1


def test_a_target_made_by_an_expression_is_told(entry: Office, web: Web) -> None:
    entry.write("workflows/entry.yaml", WORKFLOW.replace("click: Save", "click: \"${{ 'Sa' + 've' }}\""))
    assert entry("run", "entry", "--item", "vendor=Amsel AG").code == 0
    web.page = PAGE.replace(">Save<", ">Store<")
    assert entry("run", "entry", "--item", "vendor=Kranich KG").code == 0
    (save,) = proposals(entry)
    assert entry("heal", "accept", save["id"]).err == (
        "clerkwork: workflows/entry.yaml: 'Save' does not stand in the step 'Enter it': it is worked out by an expression; "
        "change the expression so that it gives 'Store'\n"
    )


def test_an_unknown_proposal_is_told(entry: Office) -> None:
    assert entry("heal", "show", "tpl_nothing").err == "clerkwork: there is no proposal tpl_nothing; see `heal list`\n"
