"""How well targets are found again on pages that changed, and whether anything else is ever taken for them.

Each target of each page is learned once on the page as it is. Then the page is changed in many ways, and the same line
of YAML runs again with what was learned. The page itself knows which element it was and tells what was used.
"""

from __future__ import annotations

import json
import random
import threading
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from bots.browser.actions import BrowserStep, browser
from bots.browser.connection import BrowserConnection
from bots.browser.healing import remembered
from bots.browser.healing.fingerprint import Fingerprint, key_of
from bots.browser.step import open_session
from bots.browser.targets import Want, parse
from commands.outside_run import OutsideRun
from commands.session import Session
from engine.errors import ItemError
from engine.memory import Memory
from engine.store.database import Database
from engine.store.memory import StoredMemory
from engine.store.tables import metadata

HERE = Path(__file__).parent / "healing"
PAGES = HERE / "pages"
KINDS = (
    "nothing",
    "ids",
    "classes",
    "order",
    "wrappers",
    "wording",
    "renamed",
    "language",
    "redesign",
    "upgrade",
    "ids moved",
    "gone",
    "replaced",
)
LOST = frozenset({"gone", "replaced"})
"""Changes after which the element is no more: whatever is used is wrong."""
WANTS: Sequence[Want] = ("field", "click", "tick", "value")
PATIENCE = 0.35  # seconds that the bot waits for a target: the pages are still
TYPED = "77"


@dataclass(frozen=True)
class Case:
    """One target of a page under one change. `by` is `words` or `path`: how the author wrote it."""

    page: str
    want: Want
    target: str
    by: str
    path: str
    text: str
    kind: str
    seed: int


@dataclass
class Row:
    """What became of the cases of one kind of change."""

    change: str
    cases: int = 0
    found: int = 0  # the locator still held
    healed: int = 0
    refused: int = 0
    wrong: int = 0  # something else stood in for it
    misled: int = 0  # the locator still led somewhere: to another element
    examples: list[str] = field(default_factory=list)


class Trial(OutsideRun):
    """A context in which a step can be run again and again, as one of any workflow, with a memory of its own."""

    def __init__(self, session: Session, database: Database, url: str) -> None:
        super().__init__(session, "bench healing", 3600.0)
        self.dry_run = False
        self.run, self.step, self.item = "run_1", "steps.0", "item_1"
        self.url = url
        self.events: list[tuple[str, Mapping[str, Any]]] = []
        self._database = database

    def connection(self, name: str, model: type[Any]) -> Any:
        return model.model_validate({"base_url": self.url, "timeout": PATIENCE})

    def kept(self, name: str) -> str | None:
        return None

    def keep(self, name: str, text: str | None) -> None:
        """Nobody signs in."""

    @contextmanager
    def _memory(self, change: bool) -> Iterator[Memory]:
        with self._database.write() if change else self._database.read() as transaction:
            yield StoredMemory(transaction, remembered.TOPIC)

    def memory(self, *, change: bool = False) -> AbstractContextManager[Memory]:
        return self._memory(change)

    def __enter__(self) -> Trial:
        return self

    def event(self, name: str, **data: Any) -> None:
        self.events.append((name, data))


def measure(
    session: Session, folder: Path, *, each: int, pages: Path = PAGES, kinds: Sequence[str] = KINDS, seed: int = 1
) -> Iterator[Row]:
    """One row for each kind of change, then one for all. `each` is how many targets of a kind a page gives."""
    database = Database(f"sqlite:///{folder}/memory.sqlite")
    metadata.create_all(database.engine)
    rows = {kind: Row(kind) for kind in kinds}
    try:
        with _served(pages) as (url, used), Trial(session, database, url) as trial:
            for page in sorted(path.stem for path in pages.glob("*.html")):
                for case in _cases(trial, page, each, kinds, seed):
                    _judge(trial, case, used, rows[case.kind])
    finally:
        database.close()
    total = Row("all")
    for row in rows.values():
        for name in ("cases", "found", "healed", "refused", "wrong", "misled"):
            setattr(total, name, getattr(total, name) + getattr(row, name))
    yield from rows.values()
    yield total


def _cases(trial: Trial, page: str, each: int, kinds: Sequence[str], seed: int) -> Iterator[Case]:
    """Each kind of change for some targets of a page, those with words of their own and those by a path alike."""
    for want in WANTS:
        targets = _targets(trial, page, want)
        drawn = random.Random(zlib.crc32(f"{page} {want} {seed}".encode()))
        drawn.shuffle(targets)
        for number, (path, words, css, text) in enumerate(targets[:each]):
            by = "path" if number % 3 == 2 or words.startswith("css=") else "words"
            target = css if by == "path" else words
            for kind in kinds:
                yield Case(page, want, target, by, path, text, kind, drawn.randrange(10**6))


_LOOK = """([index]) => {
  const one = globalThis[Symbol.for('clerkwork.page')].take(0, index);
  return [one.textContent, one.tagName, one.type || '', !!(one.readOnly || one.disabled)];
}"""
_WRITTEN = frozenset({"", "text", "textarea", "search", "email", "tel", "url", "password"})


def _targets(trial: Trial, page: str, want: Want) -> list[tuple[str, str, str, str]]:
    """Path, words, CSS and text of what a verb of this kind can use."""
    trial.workflow = ""
    found = []
    with open_session(BrowserConnection(base_url=trial.url), None, False, trial) as session:
        session.page.goto(f"{trial.url}/{page}")
        frame = session.page.main_frame
        request: dict[str, Any] = {"want": want, "wide": False, "parts": [], "fetch": True}
        for index, print in enumerate(session.finder.call(frame, "prints", request)):
            text, tag, type, closed = frame.evaluate(_LOOK, [index])
            words = session.finder.call(frame, "words", {"want": want, "index": index, "parts": []})
            if want == "field" and (tag not in ("INPUT", "TEXTAREA") or type not in _WRITTEN or closed):
                continue
            shows = tag not in ("INPUT", "SELECT", "TEXTAREA") and any(one.isdigit() for one in text)
            if want == "value" and (words.startswith("css=") or " >> " in words or not shows):
                continue
            found.append((print["path"], words, _css(print["path"]), text))
    return found


def _css(path: str) -> str:
    steps = [step.split(":") for step in path.split("/")]
    written = [tag if not place else f"{tag}:nth-of-type({place[0]})" for tag, *place in steps]
    return "css=" + " > ".join(written)


def _lines(case: Case, address: str) -> list[dict[str, Any]]:
    verbs: dict[str, dict[str, Any]] = {
        "field": {"fill": {case.target: TYPED}},
        "click": {"click": case.target},
        "tick": {"check": case.target},
        "value": {"read": {"value": case.target}},
    }
    return [{"open": address}, verbs[case.want], *([] if case.want == "value" else [{"see": "All recorded."}])]


def _judge(trial: Trial, case: Case, used: list[dict[str, Any]], row: Row) -> None:
    """Learn it on the page as it is, then run on the changed one; count what became of it."""
    learned = _learned(trial, case, used)
    if learned is None:
        return
    trial.workflow = f"{case.page} {case.target} {case.kind} {case.seed}"
    remembered.keep(trial.memory, trial.workflow, trial.step, "item_1", [learned], trial.now())
    trial.events.clear()
    used.clear()
    row.cases += 1
    refusal, value = None, None
    try:
        value = _run(trial, _lines(case, _address(case, case.kind)))
    except ItemError as error:
        refusal = f"{error.code} {error.message}"
    healed = any(name == "browser.healed" for name, _data in trial.events)
    if case.want == "value":
        right = None if value is None else value.split() == case.text.split() and case.kind not in LOST
    else:
        right = used[0]["right"] if used else None
    _count(row, case, right, healed, refusal, used)


def _count(
    row: Row, case: Case, right: bool | None, healed: bool, refusal: str | None, used: list[dict[str, Any]]
) -> None:
    told = f"{case.page}: {case.want} {case.target!r} ({case.kind} {case.seed})"
    if right is False:
        row.wrong += healed
        row.misled += not healed
        row.examples.append(f"WRONG {'healed' if healed else 'found'} {told}: {used[:1]}")
    elif right is None:
        row.refused += 1
        row.examples.append(f"refused {told}: {(refusal or 'nothing was used')[-300:]}")
    elif healed:
        row.healed += 1
    else:
        row.found += 1


def _learned(trial: Trial, case: Case, used: list[dict[str, Any]]) -> Fingerprint | None:
    """What the bot remembers of the target; None where it cannot use it on the page as it is."""
    trial.workflow = f"{case.page} {case.want} {case.target}"
    key = (key_of(parse(case.target)), case.want)
    known = remembered.whole(trial.memory, trial.workflow, trial.step, key)
    if known is None:
        used.clear()
        try:
            _run(trial, _lines(case, _address(case, "nothing")))
        except ItemError:
            return None
        if case.want != "value" and not (used and used[0]["right"]):
            return None
        known = remembered.whole(trial.memory, trial.workflow, trial.step, key)
    return known


def _run(trial: Trial, lines: list[dict[str, Any]]) -> str | None:
    step = BrowserStep.model_validate({"connection": "page", "do": lines})
    return getattr(browser(step, trial), "value", None)


def _address(case: Case, kind: str) -> str:
    given = {"kind": kind, "seed": case.seed, "path": case.path, "want": case.want}
    return f"/{case.page}?{urlencode(given)}"


@contextmanager
def _served(pages: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The pages, changed as the address asks; what they say was used."""
    used: list[dict[str, Any]] = []
    script = (HERE / "change.js").read_text("utf-8")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            path = pages / f"{asked.path.strip('/')}.html"
            if not path.is_file():
                self.reply(404, b"not here")
                return
            given = {name: values[0] for name, values in parse_qs(asked.query).items()}
            content = path.read_text("utf-8")
            if given:
                case = json.dumps({**given, "seed": int(given["seed"])})
                content += f"<script>(() => {{ const CASE = {case};\n{script}\n}})();</script>"
            self.reply(200, content.encode())

        def do_POST(self) -> None:
            used.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.reply(200, b"")

        def reply(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", used
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
