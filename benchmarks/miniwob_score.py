"""How many small web tasks the verbs solve: pages of MiniWoB++, one workflow for each kind of task, a few seeds each.

The pages come from the package `miniwob`, of which nothing else is used. A page draws its task from a seed, says in a
sentence what to do, and gives a reward at the end: 1 for all of it. The workflow reads that sentence and takes it
apart by expressions of the language; no Python knows a task.
"""

from __future__ import annotations

import json
import mimetypes
import os
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from engine.errors import ConfigurationError

HERE = Path(__file__).parent / "miniwob"
RUNNER = Path(__file__).parents[1] / "runner.py"
PACKAGE = "miniwob==1.1.0"
SEEDS = (1, 2, 3)
MANY = tuple(range(1, 11))  # with --full
PATIENCE = 240.0  # seconds for the seeds of one task

# Starts the task as the package's own driver does, and tells the server how it ended.
START = """<script>
addEventListener("load", () => {
  const end = core.endEpisode;
  core.endEpisode = (reward, ...rest) => {
    const running = core.EP_TIMER !== null;
    end(reward, ...rest);
    const of = `${location.search}&task=${location.pathname.slice(9, -5)}&raw=${reward}`;
    if (running) fetch(`/reward${of}&why=${encodeURIComponent(rest[1] || "")}`, { keepalive: true });
  };
  const begin = () => (WOB_TASK_READY ? (Math.seedrandom(SEED), core.startEpisodeReal()) : setTimeout(begin, 20));
  begin();
});
</script>"""


@dataclass(frozen=True)
class Row:
    """One task: of how many seeds the page gave its whole reward, and what went wrong with the others."""

    task: str
    solved: int
    seeds: int
    seconds: float
    wrong: list[str]


@dataclass
class Rewards:
    """What the pages said: `(task, seed)` to the raw reward and its reason."""

    told: dict[tuple[str, int], tuple[float, str]] = field(default_factory=dict)

    def of(self, task: str, seed: int) -> tuple[float, str]:
        """The reward; none where the task did not come to its end, or ended after the workflow did."""
        return self.told.get((task, seed), (0.0, "it did not come to an end"))


def tasks() -> list[str]:
    """The tasks for which there is a workflow."""
    return sorted(path.stem for path in HERE.glob("*.yaml"))


def measure(names: Sequence[str] = (), *, full: bool = False, seeds: Sequence[int] = ()) -> Iterator[Row]:
    """One row for each task, as it is done. ConfigurationError where the pages or the task are not to be had."""
    known = tasks()
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ConfigurationError(f"there is no workflow for {', '.join(unknown)}; there is one for {', '.join(known)}")
    chosen = list(seeds) or list(MANY if full else SEEDS)
    with tempfile.TemporaryDirectory() as folder, _served(pages()) as (url, rewards):
        project = _project(Path(folder), url)
        for name in names or known:
            yield _play(project, name, chosen, rewards)


def pages() -> Path:
    """The folder of the pages: of the package where it is installed, else fetched once into the cache."""
    if not at_hand():
        _fetch(_cache())
    return _installed() or _cache() / "miniwob" / "html"


def at_hand() -> bool:
    """Whether the pages are here, so that nothing has to be fetched."""
    return _installed() is not None or (_cache() / "miniwob" / "html").is_dir()


def _installed() -> Path | None:
    spec = find_spec("miniwob")
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]) / "html"


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "clerkwork" / PACKAGE.replace("==", "-")


def _fetch(cache: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, PACKAGE]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        wheels = list(Path(folder).glob("*.whl"))
        if done.returncode != 0 or not wheels:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise ConfigurationError(
                f"the pages of MiniWoB++ are not here and could not be fetched: {reason}; "
                f"connect to a package index, or `pip install {PACKAGE}`"
            )
        with zipfile.ZipFile(wheels[0]) as wheel:
            wheel.extractall(cache)


@contextmanager
def _served(root: Path) -> Iterator[tuple[str, Rewards]]:
    rewards = Rewards()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            given = {name: values[0] for name, values in parse_qs(asked.query).items()}
            if asked.path == "/reward":
                key = (given["task"], int(given["seed"]))
                rewards.told.setdefault(key, (float(given["raw"]), given.get("why", "")))
                self.reply(204, "text/plain", b"")
                return
            path = (root / unquote(asked.path).lstrip("/")).resolve()
            if not path.is_relative_to(root.resolve()) or not path.is_file():
                self.reply(404, "text/plain", b"not here")
                return
            content = path.read_bytes()
            if path.suffix == ".html" and "seed" in given:
                content = content.replace(b"</body>", START.replace("SEED", given["seed"], 1).encode() + b"</body>", 1)
            self.reply(200, mimetypes.guess_type(path.name)[0] or "application/octet-stream", content)

        def reply(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            if status != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", rewards
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _project(project: Path, url: str) -> Path:
    for part in ("workflows", "config"):
        (project / part).mkdir()
    (project / "config" / "settings.yaml").write_text("timezone: UTC\n", "utf-8")
    (project / "config" / "connections.yaml").write_text(f"wob: {{base_url: '{url}', timeout: 5}}\n", "utf-8")
    for path in HERE.glob("*.yaml"):
        (project / "workflows" / path.name).write_text(path.read_text("utf-8"), "utf-8")
    return project


def _play(project: Path, name: str, seeds: Sequence[int], rewards: Rewards) -> Row:
    """One workflow with an item for each seed, in a process as a person starts it."""
    items = project / f"{name}.jsonl"
    items.write_text("".join(json.dumps({"seed": seed}) + "\n" for seed in seeds), "utf-8")
    began = time.monotonic()
    command = [sys.executable, str(RUNNER), "run", name, "--items", items.name, "--json", "--project", "."]
    environment = {**os.environ, "CLERKWORK_LOG": "error"}
    done = subprocess.run(
        command, cwd=project, capture_output=True, text=True, env=environment, check=False, timeout=PATIENCE
    )
    seconds = time.monotonic() - began
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode in (2, 4) or not told:
        return Row(name, 0, len(seeds), seconds, [(done.stderr.strip() or done.stdout.strip())[-600:]])
    # A task that is lost also stops what comes after it: its own word comes first, then the workflow's.
    ended = [f"{one.get('outcome')}: {one.get('message')}" for one in told if one.get("outcome") != "done"]
    outcomes = [(seed, *rewards.of(name, seed)) for seed in seeds]
    wrong = [f"seed {seed}: reward {raw:g} {why}".rstrip() for seed, raw, why in outcomes if raw < 1]
    return Row(name, len(seeds) - len(wrong), len(seeds), seconds, [*wrong, *ended] if wrong else [])
