"""How fast the browser bot works, beside a script in raw Playwright and the least that a page can take, in one run.

A page in the manner of the RPA Challenge: ten rounds of seven fields whose ids, order and places are new each round,
and a clock from Start to the last Submit. Everybody works on the same page in turn: a busy machine is busy for all.
"""

from __future__ import annotations

import csv
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from benchmarks.browser_peers import Missing, Turn, peers
from bots.browser.find_chromium import find_executable

HERE = Path(__file__).parent / "challenge"
RUNNER = Path(__file__).parents[1] / "runner.py"
TURNS, MANY = 3, 9  # how often each plays; with --full
_RESULT = re.compile(r"(\d+) of (\d+) fields right in (\d+) ms")


@dataclass(frozen=True)
class Row:
    """One figure: who, what, its value, its ratio to raw Playwright, and the goal where there is one."""

    who: str
    right: str
    page_ms: float | None  # None for one that is not installed
    whole_s: float | None
    ratio: float | None  # how many times faster than raw Playwright by the page's clock
    goal: str = ""
    pages: float | None = None  # the page's clock beside that without the pages kept for `replay`, the fastest of each


@dataclass
class Played:
    """The turns of one player: the page's clock in ms, and the whole process in seconds where it is one."""

    page: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    right: int = 0
    of: int = 0

    def note(self, text: str, seconds: float = 0.0) -> None:
        """Take a page's own result. Raises ValueError where it shows none."""
        match = _RESULT.search(text)
        if match is None:
            raise ValueError(f"the page shows {text!r}; expected its result")
        self.right += int(match[1])
        self.of += int(match[2])
        self.page.append(float(match[3]))
        if seconds:
            self.whole.append(seconds)


def people() -> list[dict[str, str]]:
    """The ten people, by the labels of the form."""
    with (HERE / "people.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def measure(*, full: bool = False, turns: int | None = None) -> list[Row]:
    """Let everybody play in turn; the medians. With `full` more often, and beside other tools.

    ConfigurationError where there is no browser.
    """
    turns = turns or (MANY if full else TURNS)
    ours = {name: Played() for name in ("batch", "single")}
    bare = {name: Played() for name in ours}
    players: dict[str, Played] = {}
    absent: dict[str, str] = {
        name: "not installed: --full installs it" for name in ("Robot Framework Browser", "Selenium")
    }
    nobody: AbstractContextManager[dict[str, Turn | str]] = nullcontext({})
    with challenge() as url, peers(url, people()) if full else nobody as others:
        for _turn in range(turns):
            for name, played in ours.items():
                _workflow(name, url, played)
                _workflow(name, url, bare[name], bare=True)
            _raw(url, players)
            for name, play in others.items():
                _other(name, play, players, absent)
    raw = statistics.median(players[_RAW].page)
    names = {"batch": "Clerkwork, a round at once", "single": "Clerkwork, a verb for each field"}
    goals = {"batch": "<= 500 ms, >= 4 x, pages < 1.10", "single": ">= 0.87 x, pages < 1.10"}
    rows = [_row(names[name], played, raw, goals[name], bare[name]) for name, played in ours.items()]
    rows += [_row(name, played, raw) for name, played in players.items()]
    return rows + [Row(name, why, None, None, None) for name, why in absent.items()]


def _other(name: str, play: Turn | str, players: dict[str, Played], absent: dict[str, str]) -> None:
    if isinstance(play, str):
        absent[name] = f"not installed: {play}"
        return
    try:
        players.setdefault(name, Played()).note(*play())
        absent.pop(name, None)
    except Missing as reason:
        players.pop(name)
        absent[name] = f"did not play: {reason}"


def _row(who: str, played: Played, raw: float, goal: str = "", bare: Played | None = None) -> Row:
    page = statistics.median(played.page)
    whole = statistics.median(played.whole) if played.whole else 0.0
    pages = min(played.page) / min(bare.page) if bare is not None else None  # noise only adds: the fastest has least
    return Row(who, f"{played.right}/{played.of}", page, whole, raw / page, goal, pages)


@contextmanager
def challenge() -> Iterator[str]:
    """The page on a local server; its address."""
    listed = json.dumps(people(), ensure_ascii=False)
    page = (HERE / "page.html").read_text(encoding="utf-8").replace("/*people*/[]", listed).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _workflow(name: str, url: str, played: Played, *, bare: bool = False) -> None:
    """One run of the YAML, as a person starts it: a process of its own, with journal, ledger and evidence.

    `bare` keeps all evidence but the pages for `replay`.
    """
    program = ["-m", "benchmarks.browser_bare"] if bare else [str(RUNNER)]
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        for part in ("workflows", "config"):
            (project / part).mkdir()
        (project / "config" / "settings.yaml").write_text("timezone: UTC\n", "utf-8")
        (project / "workflows" / f"{name}.yaml").write_text((HERE / f"{name}.yaml").read_text("utf-8"), "utf-8")
        (project / "config" / "connections.yaml").write_text(f"form: {{base_url: '{url}'}}\n", "utf-8")
        rows = [{key.lower().replace(" ", "_"): value for key, value in one.items()} for one in people()]
        (project / "items.jsonl").write_text(json.dumps({"people": rows, "round": 1}) + "\n", "utf-8")
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, *program, "run", name, "--items", "items.jsonl", "--json", "--project", "."],
            cwd=project,
            capture_output=True,
            text=True,
            env={**os.environ, "CLERKWORK_LOG": "error", "PYTHONPATH": str(RUNNER.parent)},
            check=False,
        )
        seconds = time.monotonic() - began
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0 or not told:
        raise ValueError(
            f"the workflow {name} ended with {done.returncode}: {done.stdout[-500:]} {done.stderr[-1500:]}"
        )
    played.note(told[0]["outputs"]["result"], seconds)


_RAW = "raw Playwright, one fill a field"
_RAW_BATCH = "raw Playwright, one call a round"
_FLOOR = "the floor: one call for everything"


def _raw(url: str, players: dict[str, Played]) -> None:
    """What a Python programmer writes; and what a page takes at the least, set in one call by its own script."""
    from playwright.sync_api import sync_playwright

    for name, play in ((_RAW, _fill), (_RAW_BATCH, _fill_in_page), (_FLOOR, _all_in_page)):
        began = time.monotonic()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_executable(True), args=_arguments())
            page = browser.new_page()
            page.goto(url)
            page.click("text=Start")
            play(page)
            result = page.inner_text("#result")
            browser.close()
        players.setdefault(name, Played()).note(result, time.monotonic() - began)


def _arguments() -> list[str]:
    return ["--no-sandbox"] if os.geteuid() == 0 else []


def _fill(page: Any) -> None:
    for person in people():
        for label, value in person.items():
            page.locator(f"xpath=//label[text()={label!r}]/following-sibling::input").fill(value)
        page.locator("input[type=submit]").click()


_SET = """([person, submit]) => {
  for (const label of document.querySelectorAll("label")) label.nextElementSibling.value = person[label.textContent];
  if (submit) document.querySelector("input[type=submit]").click();
}"""


def _fill_in_page(page: Any) -> None:
    for person in people():
        page.evaluate(_SET, [person, False])
        page.locator("input[type=submit]").click()


def _all_in_page(page: Any) -> None:
    page.evaluate(f"people => people.forEach(person => ({_SET})([person, true]))", people())
