"""`replay`: a run's evidence as one file that a person opens in any browser."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

RUNNER = Path(__file__).parents[2] / "runner.py"
PAGE = b"""<title>Entries</title><style>button { color: red }</style><h1>New entry</h1>
<form method=post><label>Vendor <input name=v></label><label>Password <input type=password name=p></label><button>Save</button></form>
<script>document.body.dataset.ran = 'yes'</script>"""
WORKFLOW = """\
workflow: entry
inputs: {vendor: text}
steps:
  - name: Enter it
    browser:
      base_url: URL
      do:
        - open: /
        - fill: {Vendor: "${{ item.vendor }}", Password: hunter2-secret}
        - click: Save
        - see: PROOF
    effect: {key: "${{ item.vendor }}"}
"""


@pytest.fixture
def url() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply(PAGE)

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
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def clerkwork(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(RUNNER), *arguments, "--project", str(project)],
        capture_output=True,
        text=True,
        cwd=project,
    )


def replayed(project: Path, url: str, proof: str) -> tuple[dict[str, Any], Path]:
    """Run the workflow once and write its replay; the item as told, and the file."""
    (project / "config").mkdir()
    (project / "config" / "settings.yaml").write_text("timezone: UTC\n")
    (project / "workflows").mkdir()
    source = WORKFLOW.replace("URL", url).replace("PROOF", proof)
    (project / "workflows" / "entry.yaml").write_text(source.replace("PROOF", proof))
    told = json.loads(clerkwork(project, "run", "entry", "--item", "vendor=ACME & Sons", "--json").stdout)
    made = clerkwork(project, "replay", told["run"], "-o", "seen.html", "--json")
    assert made.returncode == 0, made.stderr
    return told, project / "seen.html"


def test_a_run_is_shown_step_by_step_and_the_keys_go_through_it(tmp_path: Path, url: str) -> None:
    from playwright.sync_api import sync_playwright

    from bots.browser.find_chromium import find_executable

    told, file = replayed(tmp_path, url, "Entry saved")
    assert told["outcome"] == "done"
    assert "hunter2" not in file.read_text("utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_executable(True), args=["--no-sandbox"])
        page = browser.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri())
        steps = page.locator("nav button")
        assert [text.split("\n")[0] for text in steps.all_inner_texts()] == [
            "open /", "fill Vendor, Password", "click Save", "see Entry saved",
        ]  # fmt: skip
        page.keyboard.press("ArrowRight")
        assert page.locator("[aria-current=step]").inner_text().startswith("fill Vendor")
        assert "ACME & Sons" in page.locator("dl").inner_text()
        shown = page.frame_locator("iframe")
        assert shown.locator("input[name=v]").input_value() == "ACME & Sons"
        assert shown.locator("body").get_attribute("data-ran") == "yes", "as the page had become"
        assert shown.locator("script").count() == 0
        assert page.locator(".stage i").count() == 2, "both fields are marked"
        page.keyboard.press("ArrowRight")
        assert "Entry saved" in shown.locator("body").inner_text()
        assert [one for one in asked if not one.startswith(("file:", "about:", "data:"))] == []
        browser.close()


def test_a_failed_run_ends_with_why_and_its_picture(tmp_path: Path, url: str) -> None:
    told, file = replayed(tmp_path, url.replace("URL", url), "Nothing like that")
    assert told["outcome"] in ("uncertain", "failed")
    text = file.read_text("utf-8")
    assert "'Nothing like that' was not seen on" in text
    assert "data:image/jpeg;base64," in text


def test_a_run_that_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.yaml").write_text("timezone: UTC\n")
    told = clerkwork(tmp_path, "replay", "run_none")
    assert (told.returncode, told.stderr) == (2, "clerkwork: there is no run run_none; open its item\n")
