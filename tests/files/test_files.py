"""Files looked at, written, copied, moved, renamed, deleted: as a person would expect, also the second time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.context import PlainContext
from pydantic import ValidationError

from bots.files import look, move, write
from bots.files.look import Exists, List, Read
from bots.files.move import Delete, Move, Rename
from bots.files.write import Copy, Write
from engine.action import REGISTRY, Done, Effect, NotDone, Unsettled
from engine.context import File
from engine.errors import ApplicationException, BusinessException, Outcome

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def context(tmp_path: Path) -> Iterator[PlainContext]:
    with PlainContext(tmp_path) as made:
        yield made


@pytest.fixture
def invoice(tmp_path: Path) -> Path:
    path = tmp_path / "inbox" / "R-1.pdf"
    path.parent.mkdir()
    path.write_bytes(b"%PDF-1.7 an invoice")
    return path


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def test_a_folder_is_listed_without_what_is_hidden(context: PlainContext, tmp_path: Path, invoice: Path) -> None:
    for name in ("inbox/a.PDF", "inbox/.hidden.pdf", "inbox/~$open.xlsx", "inbox/note.txt", "inbox/deep/b.pdf"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    found = look.list_files(List(folder="inbox", match="*.pdf"), context)
    assert [one["path"] for one in found.files] == ["inbox/R-1.pdf", "inbox/a.PDF"]
    assert (found.files[0]["name"], found.files[0]["size"], found.count) == ("R-1.pdf", 19, 2)
    assert found.files[0]["modified"].tzinfo is not None
    deep = look.list_files(List(recursive=True, match="*.pdf"), context)
    assert [one["path"] for one in deep.files] == ["inbox/R-1.pdf", "inbox/a.PDF", "inbox/deep/b.pdf"]
    with pytest.raises(BusinessException, match="there is no folder outbox; check the path"):
        look.list_files(List(folder="outbox"), context)


def test_text_is_written_and_read_back(context: PlainContext, tmp_path: Path) -> None:
    done = write.write(Write(file="out/deep/note.txt", text="Grüße\r\n"), context)
    assert done.changed
    back = look.read(Read(file="out/deep/note.txt"), context)
    assert (back.text, back.size, back.sha256) == ("Grüße\r\n", 9, done.sha256)
    assert not write.write(Write(file="out/deep/note.txt", text="Grüße\r\n"), context).changed
    write.write(Write(file="old.txt", text="Grüße", encoding="cp1252"), context)
    assert look.read(Read(file="old.txt", encoding="cp1252"), context).text == "Grüße"


def test_text_in_another_encoding_is_not_guessed(context: PlainContext, tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_bytes("Grüße".encode("cp1252"))
    with pytest.raises(BusinessException) as caught:
        look.read(Read(file="old.txt"), context)
    assert str(caught.value).startswith("old.txt is no text in utf-8 (")
    assert str(caught.value).endswith("; name its encoding, as in cp1252")
    with pytest.raises(BusinessException, match=r"the text for x.txt cannot be written in ascii .*; write it in utf-8"):
        write.write(Write(file="x.txt", text="ü", encoding="ascii"), context)
    assert not (tmp_path / "x.txt").exists()


def test_a_file_that_is_too_large_for_a_workflow_is_refused(
    context: PlainContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look, "LARGEST_TEXT", 3)
    (tmp_path / "big.txt").write_text("1234")
    with pytest.raises(BusinessException, match="big.txt has 4 bytes; a workflow reads up to 3; split it"):
        look.read(Read(file="big.txt"), context)


def test_whether_something_is_there(context: PlainContext, invoice: Path) -> None:
    assert look.exists(Exists(path="inbox/R-1.pdf"), context).model_dump() == {
        "exists": True,
        "kind": "file",
        "size": 19,
    }
    assert look.exists(Exists(path="inbox"), context).kind == "folder"
    assert not look.exists(Exists(path="inbox/R-2.pdf"), context).exists


def test_a_copy_keeps_the_name_in_a_folder_and_is_left_when_it_is_there(context: PlainContext, invoice: Path) -> None:
    step = Copy.model_validate({"from": "inbox/R-1.pdf", "to": "archive/2026/"})
    done = write.copy(step, context)
    assert (done.path, done.size, done.changed) == ("archive/2026/R-1.pdf", 19, True)
    assert not write.copy(step, context).changed
    assert invoice.exists()


def test_the_file_an_item_carries_is_copied_under_its_own_name(context: PlainContext, invoice: Path) -> None:
    carried = File(path=str(invoice), name="From the mail.pdf")
    done = write.copy(Copy(source=carried, to="inbox"), context)
    assert done.path == "inbox/From the mail.pdf"


def test_another_file_of_that_name_is_not_overwritten_unasked(
    context: PlainContext, tmp_path: Path, invoice: Path
) -> None:
    (tmp_path / "R-1.pdf").write_text("something else")
    for attempt in (
        lambda: write.copy(Copy(source="inbox/R-1.pdf", to="R-1.pdf"), context),
        lambda: move.move(Move(source="inbox/R-1.pdf", to="R-1.pdf"), context),
    ):
        with pytest.raises(BusinessException) as caught:
            attempt()
        assert str(caught.value) == (
            "R-1.pdf is there already, with another content; choose another name, or say overwrite: true"
        )
    assert (tmp_path / "R-1.pdf").read_text() == "something else"
    assert write.copy(Copy(source="inbox/R-1.pdf", to="R-1.pdf", overwrite=True), context).changed
    assert (tmp_path / "R-1.pdf").read_bytes() == invoice.read_bytes()


def test_a_move_takes_the_file_away_and_is_found_afterwards(
    context: PlainContext, tmp_path: Path, invoice: Path
) -> None:
    step = Move(source="inbox/R-1.pdf", to="done/")
    assert move.settle_move(step, context) == NotDone()
    done = move.move(step, context)
    assert done.path == "done/R-1.pdf"
    assert not invoice.exists()
    assert move.settle_move(step, context) == Done(done)
    (tmp_path / "done/R-1.pdf").unlink()
    assert move.settle_move(step, context) == Unsettled("inbox/R-1.pdf is gone and done/R-1.pdf is not there")
    with pytest.raises(BusinessException, match="there is no file inbox/R-1.pdf; check the path"):
        move.move(step, context)


def test_a_move_that_was_killed_half_way_is_ended_by_the_next(
    context: PlainContext, tmp_path: Path, invoice: Path
) -> None:
    killed = f"""
import os, signal, sys
from pathlib import Path
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "tests")!r}]
from fakes.context import PlainContext
from bots.files.move import Move, move
Path.unlink = lambda self, missing_ok=False: os.kill(os.getpid(), signal.SIGKILL)
move(Move(source="inbox/R-1.pdf", to="done/"), PlainContext(Path({str(tmp_path)!r})))
"""
    assert subprocess.run([sys.executable, "-c", killed], check=False).returncode == -signal.SIGKILL
    step = Move(source="inbox/R-1.pdf", to="done/")
    assert (tmp_path / "done/R-1.pdf").exists()
    assert move.settle_move(step, context) == NotDone()
    assert move.move(step, context).path == "done/R-1.pdf"
    assert not invoice.exists()
    assert names(tmp_path / "done") == ["R-1.pdf"]


def test_a_move_to_a_file_system_without_second_names(
    context: PlainContext, tmp_path: Path, invoice: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    move.move(Move(source="inbox/R-1.pdf", to="done/"), context)
    assert (tmp_path / "done/R-1.pdf").read_bytes() == b"%PDF-1.7 an invoice"
    assert not invoice.exists()


def test_a_file_is_renamed_in_its_folder(context: PlainContext, tmp_path: Path, invoice: Path) -> None:
    step = Rename(file="inbox/R-1.pdf", name="ACME R-1.pdf")
    assert move.preview_rename(step, context).changes == {"name": ("R-1.pdf", "ACME R-1.pdf")}
    assert move.rename(step, context).path == "inbox/ACME R-1.pdf"
    assert isinstance(move.settle_rename(step, context), Done)
    with pytest.raises(ValidationError, match="a name has no folders in it"):
        Rename(file="inbox/ACME R-1.pdf", name="../R-1.pdf")


def test_a_file_is_deleted_once_and_a_folder_never(context: PlainContext, invoice: Path) -> None:
    step = Delete(file="inbox/R-1.pdf")
    assert move.preview_delete(step, context).changes == {"file": ("19 bytes", None)}
    assert move.delete(step, context).deleted
    assert not move.delete(step, context).deleted
    with pytest.raises(BusinessException, match="inbox is a folder, not a file; name one file"):
        move.delete(Delete(file="inbox"), context)


@pytest.mark.parametrize("path", ["../outside.txt", "/etc/passwd", "inbox/../../x"])
def test_attack_11_write_traversal_nothing_outside_the_project_is_touched(
    path: str, context: PlainContext, invoice: Path
) -> None:
    for attempt in (
        lambda: look.read(Read(file=path), context),
        lambda: look.exists(Exists(path=path), context),
        lambda: write.write(Write(file=path, text="x"), context),
        lambda: write.copy(Copy(source="inbox/R-1.pdf", to=path), context),
        lambda: move.move(Move(source="inbox/R-1.pdf", to=path), context),
        lambda: move.delete(Delete(file=path), context),
    ):
        with pytest.raises(BusinessException) as caught:
            attempt()
        assert caught.value.code == "PATH_REFUSED"
    assert invoice.exists()


def test_previews_show_what_would_change_and_change_nothing(
    context: PlainContext, tmp_path: Path, invoice: Path
) -> None:
    new = write.preview_write(Write(file="a.txt", text="x" * 300), context)
    assert new.changes == {"text": (None, "x" * 200 + "... (300 characters)")}
    (tmp_path / "a.txt").write_text("before")
    assert write.preview_write(Write(file="a.txt", text="after"), context).changes == {"text": ("before", "after")}
    assert write.preview_write(Write(file="a.txt", text="before"), context).changes == {}
    copied = write.preview_copy(Copy(source="inbox/R-1.pdf", to="a.txt"), context)
    assert copied.changes == {"content": ("6 bytes", "19 bytes of inbox/R-1.pdf")}
    moved = move.preview_move(Move(source="inbox/R-1.pdf", to="done/"), context)
    assert moved.changes == {"path": ("inbox/R-1.pdf", "done/R-1.pdf")}
    assert names(tmp_path) == ["a.txt", "inbox"]


def test_a_full_disk_is_said_in_words(context: PlainContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "note.txt").write_text("before")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bots.atomic_write.flush", full)
    with pytest.raises(ApplicationException) as caught:
        write.write(Write(file="note.txt", text="after"), context)
    assert str(caught.value) == (
        "note.txt: No space left on device; see to the rights of the folder and the space on the disk"
    )
    assert caught.value.outcome is Outcome.NOT_DONE
    assert (tmp_path / "note.txt").read_text() == "before"
    assert names(tmp_path) == ["note.txt"]


def test_effects_are_known_to_the_engine() -> None:
    kinds = {name: action.effect for name, action in REGISTRY.items() if name.startswith("files.")}
    assert kinds == {
        **dict.fromkeys(("files.list", "files.read", "files.exists"), Effect.NONE),
        **dict.fromkeys(("files.write", "files.copy", "files.delete", "files.zip", "files.unzip"), Effect.IDEMPOTENT),
        **dict.fromkeys(("files.move", "files.rename"), Effect.SEARCHABLE),
    }
    assert all(REGISTRY[name].preview is not None for name, kind in kinds.items() if kind is not Effect.NONE)
