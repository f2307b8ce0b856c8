"""Which Chromium this machine has. A system browser is used; Playwright's own download is never required."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.errors import ConfigurationError

SETTING = "CLERKWORK_BROWSER"

_HEADLESS_ONLY = ("chromium-headless-shell", "headless_shell", "chrome-headless-shell")
_WITH_WINDOW = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
_OF_PLAYWRIGHT = (
    "chromium_headless_shell-*/chrome-*/headless_shell",
    "chromium_headless_shell-*/chrome-headless-shell-*/chrome-headless-shell",
    "chromium-*/chrome-*/chrome",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser on this machine. `kind` is `headless-shell` (no window possible) or `chromium`."""

    path: str
    version: str
    kind: str


def find_browser(headless: bool) -> Browser:
    """The browser that the bot will use, with its version as the program tells it.

    The order: the CLERKWORK_BROWSER variable, chromium-headless-shell (launches four times as fast), chromium,
    Google Chrome, the one Playwright may have downloaded. ConfigurationError names what to install.
    """
    path = find_executable(headless)
    return Browser(path, _version(path), _kind(path))


def find_executable(headless: bool) -> str:
    """The path alone, without starting the program."""
    named = os.environ.get(SETTING)
    if named:
        found = shutil.which(named)
        if found is None:
            raise ConfigurationError(
                f"{SETTING} is {named!r}, and there is no such program",
                advice="give the full path of a Chromium or Chrome, or unset it",
            )
        return found
    for candidate in _candidates(headless):
        return candidate
    raise ConfigurationError(
        "no Chromium or Chrome was found on this machine",
        advice=f"install one (Debian: apt install chromium chromium-headless-shell) or set {SETTING} to its path",
    )


def launch_arguments() -> list[str]:
    """Chromium refuses its sandbox for root (containers), so it is given up there and only there."""
    quiet = [
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--disable-quic",
    ]
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [*quiet, "--no-sandbox"] if is_root else quiet


def _candidates(headless: bool) -> Iterator[str]:
    for name in (*_HEADLESS_ONLY, *_WITH_WINDOW) if headless else _WITH_WINDOW:
        found = shutil.which(name)
        if found is not None:
            yield found
    for pattern in _OF_PLAYWRIGHT:
        for path in sorted(_playwright_folder().glob(pattern), reverse=True):
            if headless or _kind(str(path)) == "chromium":
                yield str(path)


def _playwright_folder() -> Path:
    named = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    if named and named != "0":
        return Path(named)
    mac = Path.home() / "Library" / "Caches" / "ms-playwright"
    return mac if mac.is_dir() else Path.home() / ".cache" / "ms-playwright"


def _kind(path: str) -> str:
    return "headless-shell" if "headless" in Path(path).name else "chromium"


def _version(path: str) -> str:
    try:
        answer = subprocess.run(
            [path, "--version"], capture_output=True, text=True, timeout=20, check=True, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ConfigurationError(
            f"{path} does not start: {error}", advice=f"repair it, or set {SETTING} to another browser"
        ) from error
    found = re.search(r"\d+(\.\d+)+", answer.stdout)
    return found.group() if found else answer.stdout.strip()
