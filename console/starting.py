"""Starting an item by hand: who may, with which files, and what came of it."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.datastructures import UploadFile

from console.access import Refused
from console.desk import Desk, Trial
from console.permissions import Permission
from console.services import ConsoleServices
from console.sessions import Viewer
from console.start_form import PREFIX, WAS, asked, given_of, manual_of, who_may
from engine import acts
from engine.acts import Did
from engine.artifacts import Artifacts
from engine.errors import UsageError
from engine.inputs import WrongInputs
from engine.language import Workflow

_TOKEN = re.compile(r"[0-9a-f]{32}")
_KEPT = re.compile(r"([0-9a-f]{64})/([^/\\\0]{1,150})")


@dataclass(frozen=True)
class Start:
    """What a form carries. `files` maps an input to `digest/name` of a file that is kept already."""

    typed: Mapping[str, str]
    files: Mapping[str, str]
    token: str

    @classmethod
    def of(cls, workflow: Workflow, form: Mapping[str, Any], folder: Artifacts) -> Start:
        """The form with its files kept, so that nothing that was sent is lost with a mistake elsewhere."""
        typed, files = {}, {}
        for spec in asked(workflow):
            sent, was = form.get(PREFIX + spec.name), form.get(WAS + spec.name)
            if spec.type != "file":
                typed[spec.name] = sent if isinstance(sent, str) else "false" if spec.type == "bool" else ""
            elif isinstance(sent, UploadFile) and sent.filename:
                files[spec.name] = f"{folder.put(sent.file.read())}/{_plain(sent.filename)}"
            elif isinstance(was, str) and _KEPT.fullmatch(was):
                files[spec.name] = was
        token = form.get("token")
        return cls(typed, files, token if isinstance(token, str) and _TOKEN.fullmatch(token) else "")


def may_start(viewer: Viewer, workflow: Workflow) -> bool:
    manual = manual_of(workflow)
    named = manual.settings.by if manual is not None else []
    asked_for = not named or any(viewer.person.answers_for(name) for name in named)
    return viewer.may(Permission.RUN) and asked_for


def start(services: ConsoleServices, viewer: Viewer, workflow: Workflow, form: Start) -> tuple[str, bool]:
    """Queue the item: its id, and whether it is new. WrongInputs, ItemError: it cannot be made; Refused: not by you."""
    desk = _desk(services, viewer, workflow)
    if not form.token:
        raise UsageError("this form was not made by the console", advice="open it anew")
    with _given(workflow, form, services.artifacts) as given:
        item, is_new = desk.add(workflow, given, f"once_{form.token}")
    if is_new:
        with services.database.write() as transaction:
            acts.note(transaction, Did(viewer.name, "started", item=item, workflow=workflow.id), services.clock.now())
    return item, is_new


def try_out(services: ConsoleServices, viewer: Viewer, workflow: Workflow, form: Start) -> Trial:
    """What it would do, without doing it; the same errors as `start`."""
    desk = _desk(services, viewer, workflow)
    with _given(workflow, form, services.artifacts) as given:
        return desk.try_out(workflow, given)


def _desk(services: ConsoleServices, viewer: Viewer, workflow: Workflow) -> Desk:
    if not may_start(viewer, workflow):
        named = who_may(workflow)
        raise Refused(
            f"{viewer.name} may not start {workflow.title}",
            f"it is started by {named}" if named else "it needs the permission to run; an admin can give it",
        )
    return services.the_desk


@contextmanager
def _given(workflow: Workflow, form: Start, folder: Artifacts) -> Iterator[dict[str, Any]]:
    """The inputs with each file under its own name, as long as the item is made."""
    given = given_of(workflow, form.typed)
    with tempfile.TemporaryDirectory(prefix="clerkwork-") as place:
        for name, kept in form.files.items():
            digest, _, file = kept.partition("/")
            if not folder.path(digest).is_file():
                raise WrongInputs(
                    workflow.id, {name: f"{name} was {file}, which is not kept any more; choose it again"}
                )
            path = Path(place) / name / file
            path.parent.mkdir()
            path.write_bytes(folder.get(digest))
            given[name] = str(path)
        yield given


def _plain(name: str) -> str:
    """A file name as a person sees it, without folders and control characters."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable()).lstrip(".")[-150:] or "file"
