"""The machine: the programs that bots use, and what they read and show."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from commands.examined.finding import Finding, State
from engine.errors import ClerkworkError

LANGUAGES = ("eng", "deu", "fra")
PATIENCE = 20.0


def python() -> Finding:
    return Finding("python", State.OK, f"{sys.version.split()[0]} at {sys.executable}")


def browser() -> Finding:
    from bots.browser.find_chromium import find_browser

    try:
        found = find_browser(headless=True)
    except ClerkworkError as error:
        return Finding("browser", State.MISSING, error.message, error.advice)
    return Finding("browser", State.OK, f"{found.version} at {found.path}")


def tesseract() -> Finding:
    program = shutil.which("tesseract")
    if program is None:
        return Finding("tesseract", State.MISSING, "not installed", "apt install tesseract-ocr, or `make setup`")
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=PATIENCE, check=False)
    version = (answer.stdout or answer.stderr).split("\n")[0].removeprefix("tesseract ")
    listed = subprocess.run([program, "--list-langs"], capture_output=True, text=True, timeout=PATIENCE, check=False)
    languages = sorted(set(listed.stdout.split("\n")[1:]) - {"", "osd"})
    lacking = [language for language in LANGUAGES if language not in languages]
    found = f"{version} with {', '.join(languages) or 'no language'} at {program}"
    if lacking:
        packages = " ".join(f"tesseract-ocr-{language}" for language in lacking)
        return Finding("tesseract", State.WARNING, found, f"apt install {packages}")
    return Finding("tesseract", State.OK, found)


def fonts() -> Finding:
    """A page without fonts is drawn as boxes, and its picture is no evidence."""
    program = shutil.which("fc-list")
    if program is None:
        return Finding("fonts", State.WARNING, "fontconfig is not installed", "apt install fontconfig fonts-liberation")
    answer = subprocess.run([program, ":", "family"], capture_output=True, text=True, timeout=PATIENCE, check=False)
    families = {line.split(",")[0].strip() for line in answer.stdout.splitlines()} - {""}
    if not families:
        return Finding("fonts", State.WARNING, "none", "apt install fonts-liberation")
    return Finding("fonts", State.OK, f"{len(families)} families")


def time_zones() -> Finding:
    """Rules of time zones change some times a year; those of the package go with every update of it."""
    from zoneinfo import TZPATH, ZoneInfo

    ZoneInfo("Europe/Berlin")
    system = next((folder for folder in TZPATH if Path(folder).is_dir()), None)
    found = f"of the system, {system}" if system else f"of the package tzdata {version('tzdata')}"
    return Finding("time zones", State.OK, found)
