"""`actions`: the reference; and the actions a project brings itself."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from cli_office import Office

REPOSITORY = Path(__file__).parents[2]

PLUGIN = """
from pydantic import BaseModel, Field
from engine.action import action


class Greet(BaseModel):
    \"\"\"Whom.\"\"\"

    name: str = Field(description="who is greeted")
    times: int = 1


class Greeting(BaseModel):
    text: str


@action("hello.greet")
def greet(input: Greet, context) -> Greeting:
    \"\"\"Greet somebody.

    As often as asked.
    \"\"\"
    return Greeting(text="hello " * input.times + input.name)
"""


def test_every_action_is_listed_with_its_effect(office: Office) -> None:
    told = {line["action"]: line for line in office("actions", "--json").lines}
    assert told["document.read"]["effect"] == "reads"
    assert told["erp.create_bill"]["effect"] == "once, looked up after a crash"
    assert told["set"]["effect"] == "steers the run"
    assert list(told) == sorted(told)
    assert all(line["summary"] for line in told.values())


def test_one_action_is_explained_from_its_models(office: Office) -> None:
    office.write("config/settings.yaml", "plugins: actions\n")
    office.write("actions/greeting_of_actions_tests.py", PLUGIN)
    assert office("actions", "hello.greet").out == (
        "hello.greet  (reads)\n\nGreet somebody.\n\nAs often as asked.\n\n"
        "inputs:\n  name: text, required - who is greeted\n  times: integer, default 1\n\n"
        "results:\n  text: text\n"
    )


def test_an_unknown_action_has_a_nearest_one(office: Office) -> None:
    answer = office("actions", "documnt.read")
    assert (answer.code, answer.err) == (
        2,
        "clerkwork: there is no action documnt.read; did you mean document.read?\n",
    )


def test_a_plugin_that_cannot_be_loaded_is_named(office: Office) -> None:
    office.write("config/settings.yaml", "plugins: actions\n")
    office.write("actions/broken_of_actions_tests.py", "import no_such_module\n")
    answer = office("check")
    assert (answer.code, answer.err) == (
        2,
        f"clerkwork: {office.root}/actions/broken_of_actions_tests.py cannot be loaded: ModuleNotFoundError: "
        "No module named 'no_such_module'; correct it; `--debug` shows the trace\n",
    )


def test_a_package_is_asked_for_actions_only_if_the_settings_name_it(office: Office) -> None:
    office.write("config/settings.yaml", "packages: [acme-bots]\n")
    answer = office("check")
    assert answer.code == 2
    assert answer.err.startswith(
        "clerkwork: config/settings.yaml: packages names acme-bots, which offers no clerkwork.actions; "
        "install it into .venv"
    )


def test_the_schema_is_json_and_is_written_beside_the_workflows(office: Office) -> None:
    printed = office("actions", "--schema").out
    assert json.loads(printed)["title"] == "Clerkwork workflow"
    written = [f"wrote {office.root}/workflows/{name}" for name in ("schema.json", "test.schema.json")]
    assert office("actions", "--write").out.splitlines() == written
    assert (office.root / "workflows" / "schema.json").read_text() == printed


def test_the_generated_pages_of_the_repository_are_current() -> None:
    def answer(*arguments: str) -> str:
        command = [sys.executable, str(REPOSITORY / "runner.py"), "--project", str(REPOSITORY), "actions", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout

    assert (REPOSITORY / "workflows" / "schema.json").read_text() == answer("--schema"), "run `make docs`"
    page = (REPOSITORY / "docs" / "actions.md").read_text()
    for line in map(json.loads, answer("--json").splitlines()):
        assert f"## {line['action']}\n\n{line['summary']}\n" in page, "run `make docs`"


def test_the_page_of_functions_is_up_to_date() -> None:
    from commands.function_reference import function_page
    from engine.functions import FUNCTIONS

    assert (REPOSITORY / "docs" / "functions.md").read_text() == function_page(FUNCTIONS), "run `make docs`"
