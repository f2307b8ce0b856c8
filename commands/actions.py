"""`actions`: the reference of actions, from the same models that check a workflow."""

from __future__ import annotations

import json
from pathlib import Path

import click

from commands.session import Session, options
from engine.errors import UsageError

REPOSITORY = Path(__file__).parents[1]


@click.command()
@click.argument("name", required=False)
@click.option("--schema", is_flag=True, help="Print the JSON Schema of workflow files, for editors.")
@click.option(
    "--write",
    is_flag=True,
    help="Write schema.json beside the workflows (in this repository: the references in docs too).",
)
@options
def actions(session: Session, name: str | None, schema: bool, write: bool) -> None:
    """List the actions that steps can name, or explain the one called NAME."""
    from commands.reference import page, reference
    from commands.registry import load_actions
    from engine.nearest import suggestion
    from engine.schema import workflow_schema

    registry = load_actions(session.project)
    if schema:
        click.echo(json.dumps(workflow_schema(registry), indent=1))
        return
    entries = reference(registry)
    if write:
        _write(session, json.dumps(workflow_schema(registry), indent=1), page(entries))
        return
    if name is None:
        if session.as_json:
            for entry in entries.values():
                session.line(entry.as_data())
            return
        lines = [(entry.name, entry.effect, entry.line) for entry in entries.values()]
        session.table(["action", "effect", "does"], lines, none="")
        return
    if name not in entries:
        raise UsageError(f"there is no action {name}", advice=suggestion(name, entries, "list them with `actions`"))
    session.line(entries[name].as_data()) if session.as_json else session.say(entries[name].as_text())


def _write(session: Session, schema: str, reference: str) -> None:
    from engine.workflow_test import schema_of_tests

    folder = session.project.workflow_folders[0]
    files = {
        folder / "schema.json": schema + "\n",
        folder / "test.schema.json": json.dumps(schema_of_tests(), indent=1) + "\n",
    }
    if session.project.root == REPOSITORY:
        from commands.function_reference import function_page
        from engine.functions import FUNCTIONS

        files[REPOSITORY / "docs" / "actions.md"] = reference
        files[REPOSITORY / "docs" / "functions.md"] = function_page(FUNCTIONS)
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        session.line({"file": str(file)}) if session.as_json else session.say(f"wrote {file}")
