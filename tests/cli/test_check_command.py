"""`check`: all problems of all files, as lines for people and as objects for machines."""

from __future__ import annotations

from cli_office import ADDER, Office

BAD = "workflow: bad\nsteps:\n  - name: x\n    docment.read: {file: a.pdf}\n"


def test_a_project_without_a_problem_is_0(office: Office) -> None:
    answer = office("check")
    assert (answer.code, answer.out, answer.err) == (0, "1 file, 0 errors, 0 warnings\n", "")


def test_every_problem_is_a_line_with_its_place_and_the_code_is_2(office: Office) -> None:
    office.write("workflows/bad.yaml", BAD)
    office.write("workflows/worse.yaml", "workflow: worse\n  steps: []\n")
    answer = office("check")
    assert answer.code == 2
    assert answer.out.splitlines() == [
        "workflows/bad.yaml:4:5: unknown action docment.read; expected the name of an action; "
        "did you mean document.read?",
        "workflows/worse.yaml:2:8: a colon inside a value or a wrong indentation; "
        "expected one `key: value` in a line; check the indentation and the quotes around here",
        "3 files, 2 errors, 0 warnings",
    ]


def test_machines_get_one_object_for_each_problem(office: Office) -> None:
    office.write("workflows/bad.yaml", BAD)
    answer = office("check", "--json")
    assert answer.code == 2
    assert answer.lines == [
        {
            "file": "workflows/bad.yaml",
            "line": 4,
            "column": 5,
            "severity": "error",
            "found": "unknown action docment.read",
            "expected": "expected the name of an action",
            "advice": "did you mean document.read?",
        }
    ]


def test_a_connection_that_is_not_configured_is_told_before_a_run(office: Office) -> None:
    office.write("config/connections.yaml", "erp: {system: tryton}\n")
    text = "workflow: finder\nsteps:\n  - erp.find_party: {connection: epr, name: Bergmann}\n"
    office.write("workflows/finder.yaml", text)
    answer = office("check")
    assert answer.code == 2
    assert answer.out.startswith(
        "workflows/finder.yaml:3:34: unknown connection epr; expected one of erp; did you mean erp?"
    )


def test_only_the_files_named_are_checked(office: Office) -> None:
    office.write("workflows/bad.yaml", BAD)
    assert office("check", "workflows/adder.yaml").code == 0


def test_the_same_id_in_two_files_is_an_error(office: Office) -> None:
    office.write("workflows/other.yaml", ADDER)
    answer = office("check")
    assert answer.code == 2
    assert "the workflow id adder a second time" in answer.out


def test_a_path_that_is_not_there_is_told(office: Office) -> None:
    answer = office("check", "nowhere")
    assert (answer.code, answer.err) == (2, "clerkwork: there is no file or folder nowhere; check the path\n")


def test_a_project_without_a_folder_of_workflows_is_told(office: Office) -> None:
    office.write("config/settings.yaml", "workflows: [flows]\n")
    answer = office("check")
    assert (answer.code, answer.err) == (2, "clerkwork: there is no file or folder flows; check the path\n")
