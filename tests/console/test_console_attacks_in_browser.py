"""Attacks that need a browser: scripts that were stored as data, and pages of other sites, in real Chromium."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Error, Page

from console.queue_filter import QueueFilter
from console.saved_views import save_view
from console.sessions import Viewer
from engine.comments import comment
from engine.exceptions import Person
from engine.ids import new_id
from engine.store import tables
from tests.console.conftest import signed_in
from tests.console.office import NOW, Office, csrf_of
from tests.documents.paper import ENGLISH, draw

pytestmark = pytest.mark.browser

EVIL = (
    "<script>window.ran='script'</script><img src=x onerror=\"window.ran='img'\">"
    "<svg onload=\"window.ran='svg'\">\"'><iframe srcdoc=\"<script>parent.ran='frame'</script>\">"
    "<a href=\"javascript:window.ran='link'\">here</a>{{7*7}}${{ 7*7 }}"
)
PICTURE = b"<svg xmlns='http://www.w3.org/2000/svg'><script>window.ran='stored svg'</script></svg>"


@contextmanager
def other_site(page: str) -> Iterator[str]:
    """A page of a site that is not the console's, on this machine under another name."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Not into the output of the tests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def open_page(chromium: Browser, staffed: Office) -> Iterator[Callable[[str], Page]]:
    with ExitStack() as stack:
        yield lambda name: stack.enter_context(signed_in(chromium, staffed, name))


def kept(office: Office, run: str, name: str, content: bytes, media_type: str) -> str:
    values = {"id": new_id("art"), "run": run, "path": "steps.0", "name": name, "media_type": media_type}
    values |= {"sha256": office.services.artifacts.put(content), "size": len(content), "created": NOW}
    with office.database.write() as transaction:
        transaction.execute(tables.artifacts.insert().values(**values))
    return str(values["id"])


def test_attack_13_stored_xss_through_ocr_text_file_name_log_and_svg_runs_nowhere(
    staffed: Office, open_page: Callable[[str], Page]
) -> None:
    """Everything that comes from outside holds a script; every page is opened, and nothing runs or is even refused."""
    named = "<svg onload=window.ran='file'>\".pdf"
    seller = "<script>window.ran='ocr'</script> Ltd|12 Mill Lane|Leeds LS1 2AB|VAT no: GB 980 7806 84"
    drawn = draw(staffed.folder / named, ENGLISH, total="Total due|£392.00", seller=seller)
    paper, order = staffed.work("invoice-intake", file=str(drawn)), staffed.work("orders", n=EVIL, confidence=0.4)
    failed = staffed.work("orders", n=EVIL, fail="refused")
    run = str(staffed.exception(failed)["run"])
    files = [
        kept(staffed, run, "log.txt", EVIL.encode(), "text/plain"),
        kept(staffed, run, EVIL[:150], PICTURE, "image/svg+xml"),
        kept(staffed, run, "page.html", EVIL.encode(), "text/html"),
    ]
    ada = Viewer("ada", "supervisor", ("accounts", "buyers"), "", "")
    with staffed.database.write() as transaction:
        comment(transaction, failed, Person("ada", ("buyers",)), f"@root {EVIL}", NOW)
        save_view(transaction, ada, EVIL[:60], QueueFilter(code=EVIL[:200]), NOW)
        theirs = tables.exceptions.c.item == failed
        transaction.execute(tables.exceptions.update().where(theirs).values(message=EVIL, code="X<b>"))
        alert = {"id": "alert_1", "channel": EVIL, "what": "disk", "subject": EVIL, "fingerprint": "f", "number": 1}
        alert |= {"message": EVIL, "first": NOW, "last": NOW, "tries": 0}
        transaction.execute(tables.alerts.insert().values(**alert))
    page = open_page("root")
    complaints: list[str] = []
    downloads = 0
    page.on("dialog", lambda dialog: complaints.append(f"a dialog: {dialog.message}"))
    page.on("console", lambda told: complaints.append(told.text) if "Content Security" in told.text else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    fingerprint = staffed.exception(failed)["fingerprint"]
    for place in (
        *("/", "/?assigned=all", "/items", "/effects", "/alerts", "/calls", "/vendors", "/users"),
        *(f"/items/{item}" for item in (paper, order, failed)),
        *(f"/exceptions/{item}" for item in (paper, order, failed)),
        *(f"/runs/{run}", f"/runs/{run}/replay", f"/causes/{fingerprint}"),
        *(f"/artifacts/{name}" for name in files),
    ):
        try:
            page.goto(staffed.address + place)
        except Error as error:
            # A page or a picture with scripts in it is given as a file, and opened by no browser here.
            assert "Download is starting" in error.message, place
            downloads += 1
            continue
        page.wait_for_timeout(50)
        assert page.evaluate("window.ran ?? null") is None, place
        assert not complaints, f"{place}: {complaints}"
    assert downloads == 2


def test_attack_15_csrf_a_page_of_another_site_decides_nothing(
    staffed: Office, open_page: Callable[[str], Page]
) -> None:
    """A form that sends itself, a request in the background and a frame, from a browser that is signed in."""
    item = staffed.work("orders", n="20 chairs", confidence=0.4)
    with staffed.client("ada") as client:
        token = csrf_of(client.get("/").text)
    target = f"{staffed.address}/exceptions/{item}"
    attack = f"""<form id=f method=post action="{target}/reject" target=hidden>
      <input name=csrf value={token}><input name=reason value=mine></form>
      <iframe name=hidden></iframe><iframe id=framed src="{target}"></iframe><script>
      f.submit();
      const body = new URLSearchParams({{csrf: "{token}", reason: "mine"}});
      Promise.allSettled([
        fetch("{target}/reject", {{method: "POST", mode: "no-cors", credentials: "include", body}}),
        fetch("{target}", {{credentials: "include"}}).then(answer => answer.text()),
      ]).then(done => {{ window.done = done.map(one => one.status + String(one.value)).join(" "); }});
      </script>"""
    page = open_page("ada")
    with other_site(attack) as address:
        page.goto(address)
        page.wait_for_function("window.done")
        assert "20 chairs" not in str(page.evaluate("window.done"))
        for frame in page.frames[1:]:
            assert "20 chairs" not in frame.content()
    assert staffed.state(item) == "waiting"
    page.goto(target)
    assert "20 chairs" in page.content(), "the person is still signed in"


def test_attack_15_cross_site_event_streams_another_site_hears_nothing(
    staffed: Office, open_page: Callable[[str], Page]
) -> None:
    listener = f"""<script>window.heard = [];
      const stream = new EventSource("{staffed.open()}/queue/events", {{withCredentials: true}});
      for (const kind of ["open", "message", "changed", "error"])
        stream.addEventListener(kind, event => {{ window.heard.push(kind); if (kind == "error") stream.close(); }});
      </script><script src="{staffed.address}/queue/rows"></script>"""
    page = open_page("ada")
    with other_site(listener) as address:
        page.goto(address)
        page.wait_for_function("window.heard.length")
        staffed.work("orders", n="20 chairs", confidence=0.4)
        page.wait_for_timeout(1500)
        assert page.evaluate("window.heard") == ["error"]
