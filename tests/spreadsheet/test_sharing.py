"""Many hands on one file: people with Excel open, other bots, and a power cut in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from fakes.context import PlainContext

from bots.spreadsheet import locks
from bots.spreadsheet.actions import Append, Read, append, read
from engine.errors import ApplicationException, Outcome

ROOT = Path(__file__).resolve().parents[2]
CHILD = """
import os, signal, sys
from pathlib import Path
sys.path[:0] = [{root!r}, {root!r} + "/tests"]
from fakes.context import PlainContext
from bots.spreadsheet.actions import Append, append
folder, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
if name == "killed":
    Path.replace = lambda self, target: os.kill(os.getpid(), signal.SIGKILL)
for number in range(count):
    context = PlainContext(folder, key=f"{{name}} {{number}}")
    append(Append(file="ledger.xlsx", sheet="S", row={{"by": name, "number": number}}), context)
""".format(root=str(ROOT))


def child(folder: Path, name: str, count: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", CHILD, str(folder), name, str(count)])


def add(context: PlainContext, **row: object) -> None:
    append(Append(file="ledger.xlsx", sheet="S", row=row), context)


def numbers(folder: Path) -> list[object]:
    return [row["number"] for row in read(Read(file="ledger.xlsx"), PlainContext(folder)).rows]


def test_three_bots_at_once_lose_nothing(tmp_path: Path) -> None:
    writers = [child(tmp_path, name, 8) for name in ("a", "b", "c")]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    rows = read(Read(file="ledger.xlsx"), PlainContext(tmp_path)).rows
    assert sorted((row["by"], row["number"]) for row in rows) == [(by, at) for by in "abc" for at in range(8)]


def test_killed_before_the_rename_nothing_has_happened_and_the_next_goes_on(tmp_path: Path) -> None:
    add(PlainContext(tmp_path, key="1"), number=1)
    before = (tmp_path / "ledger.xlsx").read_bytes()
    assert child(tmp_path, "killed", 1).wait(60) == -signal.SIGKILL
    assert (tmp_path / "ledger.xlsx").read_bytes() == before
    assert list(tmp_path.glob(".ledger.xlsx.*.partial"))
    add(PlainContext(tmp_path, key="killed 0"), number=2)
    assert numbers(tmp_path) == [1, 2]
    assert not list(tmp_path.glob(".*.partial"))


def test_killed_after_the_rename_the_repeat_appends_nothing(tmp_path: Path) -> None:
    add(PlainContext(tmp_path, key="the key"), number=1)  # and the process ends before the outcome is written down
    again = append(Append(file="ledger.xlsx", sheet="S", row={"number": 1}), PlainContext(tmp_path, key="the key"))
    assert (again.row, again.repeated) == (2, True)
    assert numbers(tmp_path) == [1]


def test_a_file_open_in_excel_is_named_with_who_holds_it(tmp_path: Path) -> None:
    add(PlainContext(tmp_path), number=1)
    (tmp_path / "~$ledger.xlsx").write_bytes(b"\x0aAnn Miller".ljust(54) + b"\0" * 110)
    with pytest.raises(ApplicationException) as caught:
        add(PlainContext(tmp_path, seconds=0.5), number=2)
    assert caught.value.code == "SPREADSHEET_LOCKED"
    assert caught.value.outcome is Outcome.NOT_DONE
    assert str(caught.value) == (
        "ledger.xlsx is open: Ann Miller holds it; close it there; if nobody has it open, "
        "delete the left-over file ~$ledger.xlsx, then try again"
    )
    assert numbers(tmp_path) == [1]  # reading needs no lock


def test_a_file_open_in_libreoffice_is_named_with_who_holds_it(tmp_path: Path) -> None:
    add(PlainContext(tmp_path), number=1)
    (tmp_path / ".~lock.ledger.xlsx#").write_text("Ann Miller,ann,desk7,22.11.2026 10:00,file:///home/ann;")
    with pytest.raises(ApplicationException, match=r"ledger.xlsx is open: Ann Miller on desk7 holds it"):
        add(PlainContext(tmp_path, seconds=0.3), number=2)


def test_an_open_file_is_waited_for(tmp_path: Path) -> None:
    add(PlainContext(tmp_path), number=1)
    mark = tmp_path / "~$ledger.xlsx"
    mark.write_bytes(b"\x03Ann")
    closing = threading.Timer(0.5, mark.unlink)
    closing.start()
    add(PlainContext(tmp_path, seconds=20), number=2)
    closing.join()
    assert numbers(tmp_path) == [1, 2]


def test_another_bot_that_holds_the_file_is_named(tmp_path: Path) -> None:
    with (
        locks.held(tmp_path / "ledger.xlsx", PlainContext(tmp_path)),
        pytest.raises(ApplicationException) as caught,
    ):
        add(PlainContext(tmp_path, seconds=0.3), number=1)
    assert str(caught.value) == (
        f"ledger.xlsx is open: workflow a-workflow, item item_1 (process {os.getpid()}) holds it; "
        "wait until it is done, then try again"
    )
    assert caught.value.outcome is Outcome.NOT_DONE


def test_what_excel_saved_meanwhile_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(PlainContext(tmp_path, key="1"), number=1)
    saved = iter([True])
    find_mark = locks.opened_by

    def opened_by(path: Path) -> tuple[Path, str] | None:
        if not any(tmp_path.glob(".ledger.xlsx.*.partial")):
            return find_mark(path)
        if next(saved, False):  # the new file is written, and not yet in place: somebody saves the old one now
            os.utime(path, ns=(time.time_ns(), time.time_ns() + 10**9))
            return tmp_path / "~$ledger.xlsx", "Ann"
        return find_mark(path)

    monkeypatch.setattr(locks, "opened_by", opened_by)
    context = PlainContext(tmp_path, key="2")
    add(context, number=2)
    assert numbers(tmp_path) == [1, 2]
    assert ("spreadsheet.changed_meanwhile", {"file": "ledger.xlsx"}) in context.events


def test_a_disk_without_room_is_said_and_nothing_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(PlainContext(tmp_path, key="1"), number=1)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("bots.atomic_write.flush", full)
        with pytest.raises(ApplicationException) as caught:
            add(PlainContext(tmp_path, key="2"), number=2)
    assert str(caught.value) == (
        "ledger.xlsx could not be written: No space left on device; "
        "see to the rights of the folder and the space on the disk"
    )
    assert caught.value.outcome is Outcome.NOT_DONE
    assert numbers(tmp_path) == [1]
    assert not list(tmp_path.glob(".*.partial"))
