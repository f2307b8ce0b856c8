"""`doctor`: what is there, what is missing, and what to do."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cli_office import Office


def by_check(office: Office) -> tuple[int, dict[str, dict[str, Any]]]:
    answer = office("doctor", "--json")
    assert len({line["check"] for line in answer.lines}) == len(answer.lines)
    return answer.code, {line["check"]: line for line in answer.lines}


def test_a_machine_and_project_that_are_ready_are_0(office: Office) -> None:
    code, found = by_check(office)
    assert code == 0
    assert list(found) == [
        "python", "browser", "tesseract", "fonts", "time zones", "project", "data folder", "disk", "file system",
        "store", "durability", "processes", "artifacts", "secret key", "file modes", "connections", "workflows",
        "alerts",
    ]  # fmt: skip
    assert found["workflows"]["found"] == "adder"
    assert found["store"]["found"].startswith(f"sqlite:///{office.root}/data/clerkwork.db, schema ")
    assert found["browser"]["found"].partition(" at ")[2].startswith("/")
    assert found["durability"]["found"] == "SQLite with journal_mode=wal, synchronous=FULL"
    assert found["processes"]["found"] == "none is at work; begin with `start`"
    assert set(found["store"]) == {"check", "state", "found", "advice"}


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


def test_a_store_of_an_older_release_is_told_and_left_as_it_is(office: Office) -> None:
    from engine.store.database import Database
    from engine.store.migrate import NEWEST, version

    office("queue", "list")
    database = Database(f"sqlite:///{office.root}/data/clerkwork.db")
    with database.write() as transaction:
        transaction.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    code, found = by_check(office)
    assert (code, found["store"]["state"]) == (0, "warning")
    assert found["store"]["found"].endswith(f"clerkwork.db, schema 0001, this release works with {NEWEST}")
    assert found["store"]["advice"].startswith("`backup`, stop what runs of the older release")
    assert version(database) == "0001"
    database.close()


def test_sqlite_on_a_network_file_system_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from commands.examined import store

    mounts = "".join(
        f"{number} 1 8:1 / {point} rw - {kind} source rw\n"
        for number, (point, kind) in enumerate([("/", "ext4"), ("/srv", "xfs"), ("/srv/our\\040bots", "nfs4")])
    )
    assert store.kind_of(Path("/srv/other/x.db"), mounts) == "xfs"
    assert store.kind_of(Path("/srvx.db"), mounts) == "ext4"
    finding = store._file_system(Path("/srv/our bots/data/clerkwork.db"), mounts)
    assert finding.state == "missing"
    assert finding.found == "/srv/our bots/data/clerkwork.db lies on nfs4, which loses SQLite's commits"
    assert finding.advice == "set `data` to a folder on a disk of this machine, or use PostgreSQL (`database`)"


@pytest.mark.parametrize(
    ("seconds", "state", "found"),
    [
        (0.4, "ok", "0.40 s ahead of the database server's"),
        (-5, "warning", "5.00 s behind the database server's"),
        (60, "missing", "60.00 s ahead of the database server's"),
    ],
)
def test_a_clock_that_is_not_the_servers_is_told(seconds: float, state: str, found: str) -> None:
    from commands.examined import store

    finding = store._of_clocks(timedelta(seconds=seconds))
    assert (finding.state, finding.found) == (state, found)
    assert bool(finding.advice) is (state != "ok")


def test_modes_that_let_others_read_are_told(office: Office) -> None:
    office("secret", "set", "one", stdin="value")
    (office.root / "data" / "secrets.json").chmod(0o644)
    found = by_check(office)[1]["file modes"]
    assert found["state"] == "warning"
    assert found["found"] == f"{office.root}/data/secrets.json can be read by others (mode 644)"
    assert found["advice"] == f"chmod go= {office.root}/data/secrets.json"


def test_a_bucket_that_does_not_answer_and_a_key_in_clear_are_findings(office: Office) -> None:
    office.write("config/settings.yaml", "artifacts: s3://office/kept\n")
    office.write("config/connections.yaml", "artifacts: {key: mine, endpoint_url: 'http://127.0.0.1:1'}\n")
    code, found = by_check(office)
    assert code == 2
    told = found["artifacts"]
    assert told["found"] == f"{office.root}/config/connections.yaml: artifacts: key stands there in clear"
    assert told["advice"] == "write key: {secret: NAME} and set it with `secret set NAME`"
    office("secret", "set", "bucket-key", stdin="not-a-real-key")
    office.write(
        "config/connections.yaml",
        """artifacts:
  key: {secret: bucket-key}
  secret: {secret: bucket-key}
  endpoint_url: http://127.0.0.1:1
""",
    )
    code, found = by_check(office)
    assert (code, found["artifacts"]["state"]) == (2, "missing")
    assert found["artifacts"]["found"].startswith("the kept files in s3://office/kept cannot be reached to write: ")
    assert found["artifacts"]["advice"].startswith("see that it runs, and that the connection `artifacts`")


def test_a_folder_for_kept_files_that_cannot_be_written_is_told(office: Office) -> None:
    office.write("blocked", "a file")
    office.write("config/settings.yaml", "artifacts: blocked/kept\n")
    found = by_check(office)[1]["artifacts"]
    assert (found["state"], found["found"]) == ("missing", f"{office.root}/blocked/kept: Not a directory")
