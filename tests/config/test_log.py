"""The log: for people on standard error, for machines as JSON lines, and no secret in either."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from loguru import logger

from config.logging import crash_report, log_events, set_up_logging
from engine.events import Event, Events
from engine.scrub import Scrubber

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def scrubber() -> Iterator[Scrubber]:
    made = Scrubber()
    made.add("hunter22")
    yield made
    logger.remove()
    logging.basicConfig(handlers=[], force=True)


def lines(folder: Path) -> list[dict[str, Any]]:
    (file,) = folder.glob("*.jsonl")
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_people_see_warnings_and_the_file_has_everything(
    tmp_path: Path, scrubber: Scrubber, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logging(scrubber, folder=tmp_path)
    logger.info("begun")
    logger.warning("the ERP is slow")
    logging.getLogger("paramiko").info("listening on %s", 8600)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.endswith("WARNING the ERP is slow\n")
    assert "begun" not in shown.err
    assert [line["message"] for line in lines(tmp_path)] == ["begun", "the ERP is slow", "paramiko: listening on 8600"]


def test_attack_18_secrets_in_logs_no_secret_is_written_not_even_in_a_trace(
    tmp_path: Path, scrubber: Scrubber, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logging(scrubber, folder=tmp_path)
    try:
        raise ValueError("login with hunter22 failed")
    except ValueError:
        logger.exception("password hunter22 was refused")
    assert "hunter22" not in capsys.readouterr().err
    (line,) = lines(tmp_path)
    assert line["message"] == "password *** was refused"
    assert "ValueError: login with *** failed" in line["exception"]


def test_attack_14_log_injection_an_event_is_one_line_whatever_a_document_wrote_into_it(
    tmp_path: Path, scrubber: Scrubber, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logging(scrubber, folder=tmp_path)
    events = Events()
    log_events(events)
    forged = "no seller\n12:00:00 INFO all is well \x1b[2J"
    events.emit(Event("item.exception", NOW, "item_1", "run_1", data={"code": "NO_SELLER", "message": forged}))
    assert capsys.readouterr().err.count("\n") == 1
    (line,) = lines(tmp_path)
    assert line["message"] == (
        r"item.exception item_1 code=NO_SELLER message=no seller\n12:00:00 INFO all is well \x1b[2J"
    )
    assert (line["level"], line["event"], line["item"], line["run"]) == (
        "WARNING", "item.exception", "item_1", "run_1",
    )  # fmt: skip


def test_old_files_are_removed_and_new_lines_are_appended(tmp_path: Path, scrubber: Scrubber) -> None:
    today = datetime.now(UTC).date()
    (tmp_path / f"{today - timedelta(days=31)}.jsonl").write_text("{}\n")
    (tmp_path / f"{today - timedelta(days=2)}.jsonl").write_text("{}\n")
    set_up_logging(scrubber, folder=tmp_path, keep_days=30)
    logger.info("one")
    set_up_logging(scrubber, folder=tmp_path, keep_days=30)
    logger.info("two")
    left = sorted(file.name for file in tmp_path.iterdir())
    assert left == [f"{today - timedelta(days=2)}.jsonl", f"{today}.jsonl"]
    assert len((tmp_path / f"{today}.jsonl").read_text().splitlines()) == 2


WRITER = """
import sys
from pathlib import Path
from loguru import logger
from config.logging import DailyFile
from engine.scrub import Scrubber
logger.remove()
logger.add(DailyFile(Path(sys.argv[1]), Scrubber(), 30, 20_000))
for number in range(400):
    logger.info("{} {} {}", sys.argv[2], number, "x" * 100)
"""


def test_processes_that_write_at_once_lose_no_line_and_turn_to_a_new_file_when_one_is_full(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), name], cwd=ROOT) for name in ("a", "b", "c")
    ]
    assert [one.wait(60) for one in writers] == [0, 0, 0]
    files = sorted(tmp_path.glob("*.jsonl"))
    assert len(files) > 5
    assert all(file.stat().st_size < 22_000 for file in files)
    told = [json.loads(line)["message"].split()[:2] for file in files for line in file.read_text().splitlines()]
    assert sorted(told) == sorted([name, str(number)] for name in "abc" for number in range(400))


def test_old_files_go_with_all_their_parts(tmp_path: Path, scrubber: Scrubber) -> None:
    for name in ("2020-01-01.jsonl", "2020-01-01.1.jsonl", "crash-20200101T000000-1.txt"):
        (tmp_path / name).write_text("{}\n")
    set_up_logging(scrubber, folder=tmp_path)
    logger.info("one")
    assert len(list(tmp_path.glob("2020-*"))) == 0
    assert (tmp_path / "crash-20200101T000000-1.txt").exists()


def test_a_crash_report_has_the_trace_and_no_secret(tmp_path: Path, scrubber: Scrubber) -> None:
    file = crash_report(tmp_path, RuntimeError("hunter22 broke it"), scrubber, NOW)
    assert file.name.startswith("crash-20260302T090000-")
    assert "RuntimeError: *** broke it" in file.read_text()
