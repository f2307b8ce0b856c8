"""Workflow files and command lines as a hurried person types them: every problem in one go, nothing queued."""

from __future__ import annotations

import pytest
from bad_input_office import Office

GOOD = """\
workflow: good
inputs: {n: {type: integer, description: how many}}
queue: {key: "${{ item.n }}"}
steps:
  - name: Double
    set: {twice: "${{ item.n * 2 }}"}
outputs: {twice: "${{ twice }}"}
"""

TYPO = """\
workflow: typo
inputs: {file: {type: fiel}}
steps:
  - nmae: Read it
    docment.read: {file: "${{ item.file }}"}
    as: invoice
  - if: invoice.total > 5000
    fail: {code: BIG, mesage: too big}
"""

TABS = "workflow: tabs\nsteps:\n\t- set: {a: 1}\n"

QUOTES = """\
workflow: quotes
inputs: {file: file}
steps:
  - document.read: {file: ${{ item.file }}}
"""

TOLD = """\
workflows/quotes.yaml:4:28: a { } that does not end properly; expected `key: value` pairs between commas, then }; put the expression in quotes: "${{ ... }}"
workflows/tabs.yaml:3:1: a tab; expected spaces; indent with spaces; inside a text write "\\t" in double quotes
workflows/typo.yaml:2:23: type of the input file is the text 'fiel'; expected 'text', 'number', 'integer', 'money', 'date', 'datetime', 'bool', 'list', 'mapping' or 'file'; did you mean file?
workflows/typo.yaml:4:5: unknown action nmae; expected the name of an action; did you mean name?
workflows/typo.yaml:5:5: unknown action docment.read; expected the name of an action; did you mean document.read?
workflows/typo.yaml:7:9: if is the text 'invoice.total > 5000'; expected true, false or one whole expression; write it as ${{ ... }}
workflows/typo.yaml:8:23: fail has no mesage; expected one of code, message; did you mean message?
4 files, 7 errors, 0 warnings
"""


@pytest.fixture
def typos(office: Office) -> Office:
    """Three bad files and a good one."""
    for name, text in (("good", GOOD), ("typo", TYPO), ("tabs", TABS), ("quotes", QUOTES)):
        office.write(f"workflows/{name}.yaml", text)
    return office


def test_all_typos_of_all_files_are_told_in_one_go(typos: Office) -> None:
    answer = typos("check")
    assert (answer.code, answer.err) == (2, "")
    assert answer.out == TOLD
    machine = typos("check", "--json")
    assert (machine.code, machine.err) == (2, "")
    assert [list(line) for line in machine.lines] == [
        ["file", "line", "column", "severity", "found", "expected", "advice"]
    ] * 7
    said = [
        "{file}:{line}:{column}: {found}; {expected}; {advice}".format_map(line)
        for line in machine.lines
    ]  # fmt: skip
    assert said == TOLD.splitlines()[:-1]


def test_a_bad_file_stops_itself_and_no_other(typos: Office) -> None:
    assert typos.run("good", n="2", code=0)["outputs"] == {"twice": "4"}
    answer = typos("run", "workflows/typo.yaml", "--item", "file=a.pdf", "--json")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "".join(line + "\n" for line in TOLD.splitlines() if line.startswith("workflows/typo.yaml"))
    by_id = typos("run", "typo", "--item", "file=a.pdf")
    assert (by_id.code, by_id.out) == (2, "")
    assert by_id.err.replace(f"{typos.root}/", "") == answer.err
    assert typos.states() == ["done"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gone.yaml"], "there is no workflow file gone.yaml; check the path, or give a workflow's id"),
        (["god"], "no workflow god; known: good; `check` shows what is wrong in a file"),
        (["good"], "item of good: n is missing (integer, how many); give them as --item name=value"),
        (
            ["good", "--item", "n=two"],
            "item of good: n is 'two', expected a whole number; give them as --item name=value",
        ),
        (["good", "--item", "n 2"], "--item 'n 2' is not NAME=VALUE; for example --item file=inbox/a.pdf"),
        (
            ["good", "--item", "n=2", "--item", "m=3"],
            "item of good: m is not an input of good (its inputs: n); give them as --item name=value",
        ),
        (
            ["good", "--item", "n=Infinity"],
            "item of good: n is 'Infinity', expected a whole number; give them as --item name=value",
        ),
        (
            ["taker", "--item", "file=."],
            "item of taker: file: . is a folder, expected a file; give them as --item name=value",
        ),
        (
            ["taker", "--item", "file=Büro März.pdf"],
            "item of taker: file: there is no file Büro März.pdf; give them as --item name=value",
        ),
    ],
)
def test_what_is_typed_wrongly_is_one_line_and_queues_nothing(
    office: Office, arguments: list[str], message: str
) -> None:
    office.write("workflows/good.yaml", GOOD)
    if arguments[0] == "taker":
        office.write("workflows/taker.yaml", "workflow: taker\ninputs: {file: file}\nsteps: [{set: {a: 1}}]\n")
    answer = office("run", *arguments, "--json")
    assert (answer.code, answer.out, answer.err) == (2, "", f"clerkwork: {message}\n")
    assert not (office.root / "data" / "artifacts").exists()


def test_what_a_workflow_gives_by_default_has_the_type_it_says(office: Office) -> None:
    office.write("scan.txt", "a scan")
    office.write(
        "workflows/defaults.yaml",
        """\
workflow: defaults
inputs:
  day: {type: date, default: "2026-03-31"}
  limit: {type: money, default: "12.50"}
  file: {type: file, default: scan.txt}
steps: [{set: {twice: "${{ item.limit * 2 }}"}}]
outputs: {year: "${{ item.day.year }}", twice: "${{ twice }}", name: "${{ item.file.name }}"}
""",
    )
    line = office.run("defaults", code=0)
    assert line["outputs"] == {"year": 2026, "twice": "25.00", "name": "scan.txt"}
