"""The evidence of a run, step by step, as one HTML page that needs nothing else."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from console.timeline import StepView, Timeline
from engine.artifacts import Artifacts

PAGE = Path(__file__).with_name("replay.html")
POLICY = "; ".join(
    (
        "sandbox allow-scripts",
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "script-src 'unsafe-inline'",
        "img-src data:",
        "frame-src 'self'",
        "frame-ancestors 'none'",
    )
)
"""Under which a browser shows it: what a web system once showed is not of the console's origin."""
_TOLD = {"duration_ms", "url", "target", "found", "called", "box", "value", "fields"}


def replay_of(timeline: Timeline, folder: Artifacts) -> tuple[str, int]:
    """The page, and how many steps it goes through."""
    frames = list(_frames(timeline, folder))
    return _page(timeline, frames), len(frames)


def has_pages(timeline: Timeline) -> bool:
    """Whether a browser was at work, so that there is something to see."""
    return any(_verb(row) for view in timeline.steps for row in view.events)


def ending(timeline: Timeline) -> str:
    """How the run ended, or how its item stands while it has not."""
    return str(timeline.run["outcome"] or timeline.item["state"])


def _frames(timeline: Timeline, folder: Artifacts) -> Iterator[dict[str, Any]]:
    """One entry for each verb, and one for each step without verbs."""
    for view in timeline.steps:
        entry = view.entry
        about = {"step": entry.title or entry.path, "state": entry.status}
        verbs = [row for row in view.events if _verb(row)]
        pages = _pages(view, folder)
        pictures = {str(row["name"]): row for row in view.pictures}
        for number, row in enumerate(verbs):
            told = {key: value for key, value in row["data"].items() if key in _TOLD}
            last = number == len(verbs) - 1
            yield {
                **about,
                "verb": str(row["name"]).removeprefix("browser."),
                "at": _time(row["at"]),
                **told,
                "page": pages[number] if number < len(pages) else None,
                "picture": _picture(pictures.get("after.jpg"), folder) if last else None,
            }
        stopped = list(_stopped(view))
        for at, why in stopped:
            yield {
                **about,
                "verb": "stopped",
                "at": at,
                "value": why,
                "picture": _picture(pictures.get("failure.jpg"), folder),
            }
        if not verbs and not stopped:
            yield {**about, "verb": entry.kind or "step", "at": _time(entry.started)}


def _stopped(view: StepView) -> Iterator[tuple[str, str]]:
    """When and why: as the bot told it where it did, for what is raised then may speak of the item alone."""
    failed = [row for row in view.events if row["name"] == "browser.failed"]
    for row in failed:
        yield _time(row["at"]), f"{row['data']['code']}: {row['data']['message']}"
    for problem in [] if failed else view.raised:
        yield _time(problem["created"]), f"{problem['code']}: {problem['message']}"


def _verb(row: Any) -> bool:
    return str(row["name"]).startswith("browser.") and "duration_ms" in row["data"]


def _pages(view: StepView, folder: Artifacts) -> list[dict[str, Any] | None]:
    """The page after each verb of the last attempt, as the bot kept it."""
    kept = [row for row in view.artifacts if row["name"] == "pages.json"]
    if not kept:
        return []
    told = json.loads(folder.get(str(kept[-1]["sha256"])))
    pages = told["pages"]
    return [pages[index] if 0 <= index < len(pages) and pages[index]["html"] else None for index in told["verbs"]]


def _picture(row: Any, folder: Artifacts) -> str | None:
    if row is None:
        return None
    content = base64.b64encode(folder.get(str(row["sha256"]))).decode()
    return f"data:{row['media_type']};base64,{content}"


def _time(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


def _page(timeline: Timeline, frames: list[dict[str, Any]]) -> str:
    about = {
        "run": timeline.run["id"],
        "workflow": timeline.item["workflow"],
        "item": timeline.item["id"],
        "state": ending(timeline),
        "started": _time(timeline.run["started"]),
        "frames": frames,
    }
    data = json.dumps(about, ensure_ascii=False, default=str).replace("<", "\\u003c")
    return PAGE.read_text(encoding="utf-8").replace("/*about*/{}", data)
