"""`doctor`: what is there, what is missing, and what to do."""

from __future__ import annotations

from typing import Any

import pytest
from cli_office import Office


def by_check(office: Office) -> tuple[int, dict[str, dict[str, Any]]]:
    answer = office("doctor", "--json")
    return answer.code, {line["check"]: line for line in answer.lines}


def test_a_machine_and_project_that_are_ready_are_0(office: Office) -> None:
    code, found = by_check(office)
    assert code == 0
    assert list(found) == [
        "python", "browser", "tesseract", "project", "data folder", "disk", "store", "secret key", "connections",
        "workflows",
    ]  # fmt: skip
    assert found["workflows"]["found"] == "adder"
    assert found["store"]["found"].startswith(f"sqlite:///{office.root}/data/clerkwork.db, schema ")
    assert found["browser"]["found"].partition(" at ")[2].startswith("/")


def test_everything_that_is_missing_is_told_at_once_and_the_code_is_2(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLERKWORK_BROWSER", "no-such-browser")
    office.write("config/connections.yaml", "erp: {password: {secret: erp-password}}\n")
    office.write("workflows/bad.yaml", "workflow: bad\nsteps:\n  - sett: {}\n")
    office.write("data/secret.key", "x").chmod(0o644)
    office.write("config/settings.yaml", "database: postgresql://nobody@127.0.0.1:1/none\n")
    code, found = by_check(office)
    assert code == 2
    wrong = {name: (line["found"], line["advice"]) for name, line in found.items() if line["state"] == "missing"}
    assert wrong["browser"][0] == "CLERKWORK_BROWSER is 'no-such-browser', and there is no such program"
    assert wrong["connections"] == ("erp-password not set, needed by erp", "secret set erp-password")
    assert wrong["secret key"] == (
        f"{office.root}/data/secret.key can be read by others (mode 644)",
        f"chmod 600 {office.root}/data/secret.key",
    )
    assert wrong["workflows"][0].startswith("1 problems, the first: ") and wrong["workflows"][1] == "run `check`"
    assert wrong["store"][0].startswith("the store postgresql+psycopg://nobody@127.0.0.1:1/none cannot be opened: ")


def test_wrong_settings_are_a_finding_too(office: Office) -> None:
    office.write("config/settings.yaml", "wrokers: 3\n")
    code, found = by_check(office)
    assert code == 2
    assert found["project"]["found"].endswith("settings.yaml:1:1: wrokers is not a setting; did you mean workers?")


def test_people_get_a_table(office: Office) -> None:
    first, second, *_ = office("doctor").out.splitlines()
    assert first.split() == ["check", "state", "found", "what", "to", "do"]
    assert set(second) == {"─"}
