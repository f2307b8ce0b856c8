"""`init DIR`: a new project that works at once."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import click

from commands.session import Session, options
from engine.errors import UsageError

TEMPLATE = Path(__file__).parent / "new_project"
SETTINGS = Path(__file__).parents[1] / "config" / "settings.yaml"


@click.command()
@click.argument("folder", metavar="DIR")
@options
def init(session: Session, folder: str) -> None:
    """Make a new project in DIR: settings, connections, an inbox, and one workflow that runs at once, with its test."""
    root = Path(folder).expanduser()
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise UsageError(f"{root} is there already and is not an empty folder", advice="name a new or an empty one")
    try:
        made = _make(root.resolve())
    except OSError as error:
        raise UsageError(
            f"{root} cannot be made: {error.strerror}", advice="choose a folder you can write to"
        ) from error
    if session.as_json:
        session.line({"project": str(root.resolve()), "files": made})
        return
    session.say(f"made a project in {root}:")
    for name in made:
        session.say(f"  {name}")
    session.say(f"\nnow: cd {root} && clerkwork test && clerkwork run workflows/hello.yaml")


def _make(root: Path) -> list[str]:
    from commands.registry import load_actions
    from config.project import Project
    from config.settings import load_settings
    from engine.schema import workflow_schema
    from engine.workflow_test import schema_of_tests

    shutil.copytree(TEMPLATE, root, dirs_exist_ok=True)
    (root / "gitignore").rename(root / ".gitignore")
    shutil.copyfile(SETTINGS, root / "config" / "settings.yaml")
    (root / "inbox").mkdir()
    registry = load_actions(Project(root, load_settings(root / "config" / "settings.yaml")))
    (root / "workflows" / "schema.json").write_text(json.dumps(workflow_schema(registry), indent=1) + "\n")
    (root / "workflows" / "test.schema.json").write_text(json.dumps(schema_of_tests(), indent=1) + "\n")
    return sorted(str(path.relative_to(root)) + "/" * path.is_dir() for path in root.rglob("*") if _is_leaf(path))


def _is_leaf(path: Path) -> bool:
    return path.is_file() or not any(path.iterdir())
