"""Pages: templates filled with what a view gives. Everything is escaped; an unknown name is an error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from console import words
from console.permissions import Permission
from console.services import ConsoleServices
from console.sessions import Viewer
from console.subject import is_file, own_key
from console.times import Times
from console.zone import zone_of
from engine.measures import tiles

TEMPLATES = Path(__file__).parent / "templates"


class Pages:
    """`show(request, viewer, "queue.html", **values)`."""

    def __init__(self, services: ConsoleServices) -> None:
        self.services = services
        self.environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.filters |= {
            "value": words.value,
            "state": words.state,
            "number": words.number,
            "count": words.count,
            "json": words.as_json,
            "size": words.size,
            "browser": words.browser,
            "sentence": words.sentence,
            "share": tiles.share,
            "milliseconds": tiles.span,
            "minutes": words.minutes,
        }
        self.environment.globals |= {
            "Permission": Permission,
            "kinds": words.KINDS,
            "states": words.STATES,
            "outcomes": words.OUTCOMES,
            "label": words.label,
            "is_file": is_file,
            "own_key": own_key,
            "company_account": services.company.label if services.company is not None else "",
        }

    def show(
        self, request: Request, viewer: Viewer | None, template: str, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """The page as an answer. `times` formats moments for the viewer's zone, `viewer` is who is signed in."""
        zone = zone_of(request, self.services.timezone)
        times = Times(self.services.clock.now(), zone)
        page = self.environment.get_template(template)
        text = page.render(request=request, viewer=viewer, times=times, zone=str(zone), **values)
        return HTMLResponse(text, status_code=status)


def pages_of(request: Request) -> Pages:
    pages: Pages = request.app.state.pages
    return pages
