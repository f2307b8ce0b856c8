"""Settings: defaults, the file, the environment; every problem with its place."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.settings import load_settings
from engine.errors import ConfigurationError

COMMITTED = Path(__file__).parents[2] / "config" / "settings.yaml"


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CLERKWORK_WORKERS", "CLERKWORK_CONSOLE__PORT", "CLERKWORK_TIMEZONE"):
        monkeypatch.delenv(name, raising=False)


def settings_file(folder: Path, text: str) -> Path:
    file = folder / "settings.yaml"
    file.write_text(text)
    return file


def problems(folder: Path, text: str) -> list[str]:
    file = settings_file(folder, text)
    with pytest.raises(ConfigurationError) as refused:
        load_settings(file)
    return str(refused.value).replace(f"{file}", "settings.yaml").splitlines()


def test_the_committed_file_says_what_holds_without_it(tmp_path: Path) -> None:
    assert load_settings(COMMITTED) == load_settings(tmp_path / "none.yaml")


def test_the_file_is_read(tmp_path: Path) -> None:
    found = load_settings(settings_file(tmp_path, "timezone: Europe/Berlin\nbusiness: {country: NO, start: '08:30'}\n"))
    assert found.zone == ZoneInfo("Europe/Berlin")
    assert found.business.country == "NO"
    assert found.business.start.isoformat() == "08:30:00"


def test_the_environment_wins_and_leaves_the_rest_of_a_section(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLERKWORK_CONSOLE__PORT", "8700")
    found = load_settings(settings_file(tmp_path, "console: {host: 0.0.0.0, port: 9}\n"))
    assert (found.console.host, found.console.port) == ("0.0.0.0", 8700)


def test_all_problems_are_told_at_once_with_line_and_column(tmp_path: Path) -> None:
    text = "worker: 3\nconsole:\n  port: many\ntimezone: Europe/Berlln\ndatabase: mysql://x\n"
    assert problems(tmp_path, text) == [
        "settings.yaml:5:11: database is 'mysql://x'; expected sqlite:///FILE or postgresql://USER@HOST/NAME",
        "settings.yaml:4:11: timezone is 'Europe/Berlln'; there is no such time zone; "
        "expected a name such as Europe/Berlin",
        "settings.yaml:3:9: console.port is 'many'; expected a whole number",
        "settings.yaml:1:1: worker is not a setting; did you mean workers?",
    ]


def test_a_problem_of_the_environment_names_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLERKWORK_WORKERS", "0")
    assert problems(tmp_path, "") == [
        "the variable CLERKWORK_WORKERS: workers is '0'; expected greater than or equal to 1"
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("workers: [", "settings.yaml:2:1: "),
        (
            "workers: 1\nworkers: 2\n",
            "settings.yaml:2:1: the key workers a second time (first in line 1); expected each key once",
        ),
        ("- workers\n", "settings.yaml:1:1: this is not a mapping; write one `name: value` in a line"),
        ("\tworkers: 1\n", "settings.yaml:1:1: "),
    ],
)
def test_what_is_not_a_mapping_of_settings_is_refused_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    assert problems(tmp_path, text)[0].startswith(told)
