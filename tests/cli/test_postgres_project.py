"""The same project on PostgreSQL: only the settings change."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cli_office import Office
from peers.postgres import PostgresServer, find_binaries


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    if find_binaries() is None:
        pytest.skip("PostgreSQL is not installed (apt install postgresql)")
    server = PostgresServer(tmp_path_factory.mktemp("postgres"))
    server.start()
    yield server
    server.stop()


@pytest.mark.postgres
def test_a_project_on_postgresql_runs_lists_and_is_examined(office: Office, postgres: PostgresServer) -> None:
    office.write("config/settings.yaml", f"database: {postgres.new_database('office')}\n")
    assert [office("run", "adder", "--item", f"n={n}").code for n in (1, 4, 9)] == [0, 3, 3]
    assert office("dry-run", "adder", "--item", "n=2").code == 0
    assert [line["state"] for line in office("queue", "list", "--json").lines] == ["done", "waiting", "exception"]
    assert office("exceptions", "approve", office("exceptions", "list", "--json").lines[0]["item"]).code == 0
    assert office("worker", "--until-idle").code == 0
    answer = office("doctor", "--json")
    found = {line["check"]: line for line in answer.lines}
    assert found["store"]["state"] == found["clock"]["state"] == "ok"
    assert "file system" not in found
    # The tests' server has fsync off, for speed: doctor sees it, and says that no work should stand on it.
    assert (answer.code, found["durability"]["state"]) == (2, "missing")
    assert "with fsync=off, synchronous_commit=on, full_page_writes=on" in found["durability"]["found"]
    assert found["durability"]["advice"].startswith("set fsync = on in postgresql.conf: a power loss")
    assert not (office.root / "data" / "clerkwork.db").exists()
