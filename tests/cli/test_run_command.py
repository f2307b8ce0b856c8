"""`run` and `dry-run`: the items given, the JSON and the exit codes of the contract."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from cli_office import Office

RUNNER = Path(__file__).parents[2] / "runner.py"

PLUGIN = """
from pydantic import BaseModel
from engine.action import Effect, Preview, action
from engine.errors import ApplicationException, Outcome


class Post(BaseModel):
    text: str


class Posted(BaseModel):
    id: str


def preview(input, context):
    return Preview("the board", {"text": (None, input.text)})


@action("board.post", effect=Effect.KEYED, preview=preview)
def post(input: Post, context) -> Posted:
    if input.text == "down":
        raise ApplicationException("BOARD_DOWN", "the board does not answer", outcome=Outcome.NOT_DONE)
    with context.path("board.txt").open("a") as board:
        board.write(input.text + "\\n")
    return Posted(id="1")
"""

POSTER = """\
workflow: poster
inputs: {text: text}
queue: {key: "${{ item.text }}", retry: {attempts: 1}}
steps:
  - name: Post it
    board.post: {text: "${{ item.text }}"}
    as: posted
outputs: {id: "${{ posted.id }}"}
"""


@pytest.fixture
def poster(office: Office) -> Office:
    office.write("config/settings.yaml", "plugins: actions\n")
    office.write("actions/board_of_run_tests.py", PLUGIN)
    office.write("workflows/poster.yaml", POSTER)
    return office


def test_one_item_is_made_of_all_item_options_and_reported_as_the_contract_says(office: Office) -> None:
    answer = office("run", "adder", "--item", "n=3", "--item", "tags=[1, 2]", "--json")
    (line,) = answer.lines
    assert answer.code == 0
    assert list(line) == ["item", "key", "outcome", "code", "message", "step", "outputs", "run", "seconds"]
    assert (line["key"], line["outcome"], line["code"], line["outputs"]) == ("3", "done", None, {"twice": "6"})
    assert line["item"].startswith("item_")
    assert line["run"].startswith("run_")
    assert isinstance(line["seconds"], float)


def test_people_get_a_line_for_each_item_and_no_noise(office: Office) -> None:
    answer = office("run", "workflows/adder.yaml", "--item", "n=7")
    assert answer.code == 3
    assert answer.out.endswith("  exception at Not too big  TOO_BIG: 14 is too big\n")
    assert answer.err == ""


def test_the_same_key_is_not_queued_twice_and_its_outcome_is_told(office: Office) -> None:
    first = office("run", "adder", "--item", "n=3", "--json").lines[0]
    again = office("run", "adder", "--item", "n=3", "--json").lines[0]
    assert again["item"] == first["item"]
    assert len(office("queue", "list", "--json").lines) == 1


def test_items_of_a_csv_file_leave_empty_cells_to_the_defaults(office: Office) -> None:
    office.write("items.csv", "\ufeffn;tags\n1;\n;\n4;[9]\n9;\n")
    answer = office("run", "adder", "--items", "items.csv", "--json")
    assert answer.code == 3
    assert [(line["key"], line["outcome"], line["code"]) for line in answer.lines] == [
        ("1", "done", None),
        ("4", "waiting", "APPROVAL"),
        ("9", "exception", "TOO_BIG"),
    ]


def test_items_of_json_lines_and_of_a_workbook(office: Office) -> None:
    office.write("items.jsonl", '{"n": 1, "tags": ["a"]}\n\n{"n": 2}\n')
    book = openpyxl.Workbook()
    book.active.append(["n", "tags"])
    book.active.append([5, None])
    book.save(office.root / "items.xlsx")
    assert [line["key"] for line in office("run", "adder", "--items", "items.jsonl", "--json").lines] == ["1", "2"]
    assert [line["key"] for line in office("run", "adder", "--items", "items.xlsx", "--json").lines] == ["5"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["adder"], "item of adder: n is missing (integer, a number); give them as --item name=value"),
        (
            ["adder", "--item", "n=x"],
            "item of adder: n is 'x', expected a whole number; give them as --item name=value",
        ),
        (["adder", "--item", "n"], "--item 'n' is not NAME=VALUE; for example --item file=inbox/a.pdf"),
        (
            ["adder", "--item", "n=1", "--item", "n=2"],
            "--item n was given twice; one call makes one item; --items takes many",
        ),
        (["adder", "--item", "n=1", "--item", "tags=a"], "tags is 'a', expected JSON; for example [1, 2]"),
        (["adder", "--item", "n=1", "--items", "x.csv"], "--item and --items were both given; give one of them"),
        (["adder", "--items", "x.csv"], "--items x.csv: there is no such file; check the path"),
        (["adder", "--items", "x.txt"], "--items x.txt: expected a file that ends with .jsonl, .csv or .xlsx"),
        (["ader"], "no workflow ader; known: adder; `check` shows what is wrong in a file"),
        (["no/such.yaml"], "there is no workflow file no/such.yaml; check the path, or give a workflow's id"),
    ],
)
def test_what_is_given_wrongly_is_told_and_nothing_is_queued(
    office: Office, arguments: list[str], message: str
) -> None:
    answer = office("run", *arguments)
    assert (answer.code, answer.out, answer.err) == (2, "", f"clerkwork: {message}\n")
    assert office("queue", "list", "--json").lines == []


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("items.csv", "n\n1\nx\n", "items.csv:3: item of adder: n is 'x', expected a whole number"),
        ("items.csv", "n\n1,2\n", "items.csv:2: '2' stands in a column without a name"),
        ("items.jsonl", '{"n": 1}\n{n: 2}\n', "items.jsonl:2: this line is not JSON"),
        ("items.jsonl", "[1]\n", "items.jsonl:1: expected an object with the item's inputs, found [1]"),
        ("items.xlsx", "n\n1\n", "--items items.xlsx: this is not an Excel workbook"),
    ],
)
def test_one_wrong_row_queues_none_of_them(office: Office, name: str, text: str, message: str) -> None:
    office.write(name, text)
    answer = office("run", "adder", "--items", name)
    assert answer.code == 2
    assert answer.err.startswith(f"clerkwork: {message}")
    assert office("queue", "list", "--json").lines == []


def test_a_wrong_workflow_file_tells_all_its_problems(office: Office) -> None:
    office.write("workflows/bad.yaml", 'workflow: bad\nsteps:\n  - sett: {a: 1}\n  - set: {b: "${{ c }}"}\n')
    answer = office("run", "workflows/bad.yaml")
    assert answer.code == 2
    assert answer.err.splitlines() == [
        "workflows/bad.yaml:3:5: unknown action sett; expected the name of an action; did you mean set?",
        "workflows/bad.yaml:4:19: there is no name c; expected one of item, now, run, today; "
        "bind it with `as` or `set` in a step before",
    ]


def test_a_system_that_fails_is_1(poster: Office) -> None:
    answer = poster("run", "poster", "--item", "text=down", "--json")
    assert answer.code == 1
    assert (answer.lines[0]["outcome"], answer.lines[0]["code"]) == ("failed", "BOARD_DOWN")


def test_a_dry_run_shows_what_would_be_posted_and_leaves_no_trace(poster: Office) -> None:
    answer = poster("run", "poster", "--item", "text=hello", "--dry-run")
    assert answer.code == 0
    assert answer.out.splitlines()[1:] == [
        "  would do: Post it (board.post) on the board",
        "    + text: hello",
    ]
    assert not (poster.root / "board.txt").exists()
    assert not (poster.root / "data").exists()


def test_a_dry_run_says_what_the_ledger_has_already(poster: Office) -> None:
    assert poster("run", "poster", "--item", "text=hello").code == 0
    (line,) = poster("dry-run", "poster", "--item", "text=hello", "--json").lines
    (would,) = line["would"]
    assert (would["action"], would["target"], would["changes"]) == (
        "board.post", "the board", {"text": [None, "hello"]},
    )  # fmt: skip
    assert (poster.root / "board.txt").read_text() == "hello\n"


def test_a_plain_folder_works_with_the_defaults(office: Office, tmp_path: Path) -> None:
    office.write("config/settings.yaml", "workers: 1\n").unlink()
    answer = office("run", "workflows/adder.yaml", "--item", "n=1", "--json")
    assert answer.lines[0]["outcome"] == "done"
    assert (office.root / "data" / "clerkwork.db").is_file()


def test_a_store_that_cannot_be_opened_is_told(office: Office) -> None:
    office.write("config/settings.yaml", "database: postgresql://nobody@127.0.0.1:1/none\n")
    answer = office("run", "adder", "--item", "n=1")
    assert answer.code == 2
    assert answer.err.startswith("clerkwork: the store postgresql+psycopg://nobody@127.0.0.1:1/none cannot be opened: ")


def test_the_progress_bar_is_for_a_terminal_and_never_mixes_with_the_answers(office: Office) -> None:
    leader, follower = pty.openpty()
    command = [sys.executable, str(RUNNER), "--project", str(office.root), "run", "adder", "--item", "n=3"]
    answer = subprocess.run(command, stdout=subprocess.PIPE, stderr=follower, text=True, timeout=60, check=True)
    os.close(follower)
    shown = os.read(leader, 65536).decode()
    os.close(leader)
    assert re.fullmatch(r"item_\w+  done  twice=6\n", answer.stdout)
    assert "twice=6" not in shown
    assert "Double" in shown or "working" in shown
