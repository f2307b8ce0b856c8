"""Other tools on the page that moves: Robot Framework Browser and Selenium, each in an environment made for the run.

They are no dependencies of ours. One that does not install here is named with the reason instead of figures.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bots.browser.find_chromium import find_executable

HERE = Path(__file__).parent / "challenge"
LIMIT = 300  # seconds for each call of another program


class Missing(Exception):
    """A tool cannot be had on this machine, or does not work there; the text says why."""


Turn = Callable[[], tuple[str, float]]
"""One turn: what the page shows as the result, and the seconds of the whole process."""


@contextmanager
def peers(url: str, people: list[dict[str, str]]) -> Iterator[dict[str, Turn | str]]:
    """Each tool by name: a function that plays one turn, or the reason why it cannot."""
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        (room / "people.json").write_text(json.dumps({"PEOPLE": people}), encoding="utf-8")
        named = {
            "CHALLENGE_URL": url,
            "CHALLENGE_BROWSER": find_executable(True),
            "CHALLENGE_DRIVER": shutil.which("chromedriver") or "",
        }
        made: dict[str, Turn | str] = {}
        for name, make in (("Robot Framework Browser", _robot), ("Selenium", _selenium)):
            try:
                command = make(room)
            except Missing as reason:
                made[name] = str(reason)
            else:
                made[name] = _player(command, {**os.environ, **named}, room)
        yield made


def _player(command: list[str], environment: dict[str, str], room: Path) -> Turn:
    def turn() -> tuple[str, float]:
        began = time.monotonic()
        told = _run(command, room, environment)
        return told, time.monotonic() - began

    return turn


def _robot(room: Path) -> list[str]:
    if shutil.which("npm") is None:
        raise Missing("it needs npm, which is not here")
    python = _environment(room / "robot", "robotframework-browser")
    _run([str(python.parent / "rfbrowser"), "init", "--skip-browsers"], room)
    test = ["--output", "NONE", "--log", "NONE", "--report", "NONE", str(HERE / "peer.robot")]
    return [str(python), "-m", "robot", "--variablefile", str(room / "people.json"), *test]


def _selenium(room: Path) -> list[str]:
    if shutil.which("chromedriver") is None:
        raise Missing("it needs chromedriver, which is not here (Debian: chromium-driver)")
    python = _environment(room / "selenium", "selenium")
    return [str(python), str(HERE / "peer_selenium.py")]


def _environment(folder: Path, package: str) -> Path:
    """A virtual environment with one package; its Python."""
    _run([sys.executable, "-m", "venv", str(folder)], folder.parent)
    python = folder / "bin" / "python"
    _run([str(python), "-m", "pip", "install", "--quiet", package], folder.parent)
    return python


def _run(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> str:
    """What it writes. Missing with its last words where it fails."""
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=LIMIT, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Missing(f"{Path(command[0]).name}: {error}") from error
    if done.returncode != 0:
        words = (done.stderr or done.stdout).strip().splitlines() or ["without a word"]
        raise Missing(f"{Path(command[0]).name} ended with {done.returncode}: {words[-1][:120]}")
    return done.stdout
