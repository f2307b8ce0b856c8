"""The command line as a whole: what it offers, how fast, and what becomes of an error."""

from __future__ import annotations

import importlib
import os
import resource
import subprocess
import sys
from pathlib import Path

import click
import pytest
from cli_office import Office

import commands.secret
from commands.main import COMMANDS, version
from engine.errors import ApplicationException, BusinessException, ClerkworkError

RUNNER = Path(__file__).parents[2] / "runner.py"


def shell(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(RUNNER), *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def test_help_names_every_command() -> None:
    told = shell("--help")
    assert told.returncode == 0
    assert [line.split()[0] for line in told.stdout.split("Commands:\n")[1].splitlines()] == list(COMMANDS)


def test_help_is_there_in_a_third_of_a_second() -> None:
    def seconds() -> float:
        # Time on the processor: other tests at work on the same machine do not count.
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        shell("--help")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(seconds() for _ in range(3)) < 0.3


def test_help_imports_no_heavy_library() -> None:
    code = (
        "import sys; sys.argv = ['runner.py', '--help']\n"
        "from commands.main import main\nmain()\n"
        "print(sorted({'pydantic', 'sqlalchemy', 'rich', 'yaml', 'loguru'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=RUNNER.parent, capture_output=True, text=True, check=True)
    assert told.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_can_be_loaded_and_explains_itself(name: str) -> None:
    module, _, attribute = COMMANDS[name][0].partition(":")
    command = getattr(importlib.import_module(module), attribute)
    assert isinstance(command, click.Command)
    assert command.name == name
    assert command.help
    options = {option for parameter in command.params for option in parameter.opts}
    assert isinstance(command, click.Group) or {"--json", "--project", "--debug"} <= options


def test_the_version_is_told() -> None:
    assert shell("--version").stdout == f"clerkwork {version()}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ceck"], "clerkwork: there is no command 'ceck'; did you mean check?\n"),
        (["xyzzy"], "clerkwork: there is no command 'xyzzy'; see `clerkwork --help`\n"),
        (["run"], "clerkwork: missing argument 'WORKFLOW'; see `clerkwork run --help`\n"),
        (["queue", "list", "--lmit", "3"], "clerkwork: no such option '--lmit'; did you mean '--limit'?"),
        (
            ["secret", "rm", "a", "b"],
            "clerkwork: got unexpected extra argument (b); see `clerkwork secret rm --help`\n",
        ),
        (
            ["--project", "nowhere", "queue", "list"],
            "clerkwork: --project names nowhere, which has no config/settings.yaml; "
            "make a project there with `init nowhere`\n",
        ),
    ],
)
def test_a_wrong_command_line_is_one_clear_line_and_2(office: Office, arguments: list[str], message: str) -> None:
    answer = office(*arguments)
    assert answer.code == 2
    assert answer.out == ""
    assert answer.err.startswith(message)


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (ClerkworkError("it broke", advice="mend it"), 4, "clerkwork: it broke; mend it\n"),
        (BusinessException("TOO_BIG", "9 is too big"), 3, "clerkwork: TOO_BIG: 9 is too big\n"),
        (ApplicationException("ERP_DOWN", "no answer", advice="wait"), 1, "clerkwork: ERP_DOWN: no answer; wait\n"),
    ],
)
def test_an_error_is_one_line_and_its_exit_code(
    office: Office, monkeypatch: pytest.MonkeyPatch, error: ClerkworkError, code: int, message: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("config.secrets.SecretStore.remove", fail)
    answer = office("secret", "rm", "a-secret")
    assert (answer.code, answer.out, answer.err) == (code, "", message)


def test_an_unexpected_error_is_4_and_a_file_and_no_trace_for_people(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands.secret, "os", None)
    (office.root / "data").mkdir()
    answer = office("secret", "rm", "a-secret")
    (report,) = (office.root / "data" / "logs").glob("crash-*.txt")
    assert answer.code == 4
    assert answer.err == (
        "clerkwork: an unexpected error (AttributeError), a fault of Clerkwork itself; "
        f"please report it with {report}\n"
    )
    assert "Traceback" in report.read_text()
    assert "Traceback" in office("--debug", "secret", "rm", "a-secret").err


def test_a_reader_that_has_seen_enough_is_no_error(office: Office) -> None:
    command = [sys.executable, str(RUNNER), "--project", str(office.root), "actions", "--schema"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert (process.stderr.read(), process.wait(60)) == (b"", 0)


def test_it_works_from_any_folder_and_as_a_link(tmp_path: Path) -> None:
    link = tmp_path / "clerkwork.py"
    link.symlink_to(RUNNER)
    told = subprocess.run([sys.executable, str(link), "--version"], cwd=tmp_path, capture_output=True, check=True)
    assert told.stdout.startswith(b"clerkwork ")


def test_the_packages_resolve_inside_the_repository() -> None:
    names = ("bots", "commands", "config", "connectors", "console", "demo", "engine", "scheduler", "benchmarks")
    for name in names:
        (place,) = importlib.import_module(name).__path__
        assert place == os.fspath(RUNNER.parent / name)


@pytest.mark.parametrize("command", [["queue", "list"], ["check"], ["start"], ["effects", "list"], ["user", "list"]])
def test_outside_a_project_it_says_so_and_makes_nothing(command: list[str], office: Office, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    office.root = plain
    told = office(*command)
    assert (told.code, told.out) == (2, "")
    assert told.err == (
        f"clerkwork: there is no project in {plain} or above it (no config/settings.yaml); go to a project's folder, "
        "name one with --project DIR, or make one with `clerkwork init DIR`\n"
    )
    assert list(plain.iterdir()) == []


def test_a_mistyped_subcommand_names_the_nearest_one(office: Office) -> None:
    told = office("queue", "lst")
    assert told.code == 2
    assert told.err == "clerkwork: no such command 'lst'; did you mean 'list'?\n"


def test_the_help_of_a_group_says_whole_sentences(office: Office) -> None:
    assert "..." not in office("queue", "--help").out.split("Commands:")[1]
