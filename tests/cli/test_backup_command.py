"""`backup` and `restore`: online, whole or not at all, and nothing goes on by itself afterwards."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

from cli_office import Office


def test_a_restored_store_has_what_it_had_and_waits_for_a_person(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.gz"
    office("queue", "add", "adder", "--item", "n=1")
    before = office("queue", "list", "--json").lines
    assert office("backup", str(file), "--json").lines[0]["kind"] == "sqlite"
    office("queue", "add", "adder", "--item", "n=2")
    refused = office("restore", str(file))
    assert (refused.code, refused.err) == (
        2,
        "clerkwork: the store has items already; `--replace` gives them up; `backup` them first\n",
    )
    assert len(office("queue", "list", "--json").lines) == 2
    assert office("restore", str(file), "--replace", "--json").lines[0]["paused"] == ["adder"]
    assert office("queue", "list", "--json").lines == before
    assert office("worker", "--until-idle", "--json").lines == []
    office("queue", "resume", "adder")
    assert [line["outcome"] for line in office("worker", "--until-idle", "--json").lines] == ["done"]


def test_a_backup_overwrites_nothing(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.gz"
    file.write_text("mine")
    refused = office("backup", str(file))
    assert refused.code == 2
    assert "is there already; name another file; a backup overwrites nothing" in refused.err
    assert file.read_text() == "mine"


def test_a_damaged_backup_changes_nothing(office: Office, tmp_path: Path) -> None:
    file, damaged = tmp_path / "b.tar.gz", tmp_path / "d.tar.gz"
    office("queue", "add", "adder", "--item", "n=1")
    office("backup", str(file))
    with tarfile.open(file) as whole, tarfile.open(damaged, "w:gz") as other:
        for member in whole.getmembers():
            content = whole.extractfile(member)
            data = content.read() if content else b""
            if member.name == "store":
                data = data[:-1] + bytes([data[-1] ^ 1])
            other.addfile(member, io.BytesIO(data))
    refused = office("restore", str(damaged), "--replace")
    assert refused.code == 2
    assert "is damaged: the store in it is not the one that was saved" in refused.err
    file.write_bytes(file.read_bytes()[:200])
    assert "is not a whole backup" in office("restore", str(file), "--replace").err
    assert len(office("queue", "list", "--json").lines) == 1


def test_a_backup_of_a_newer_release_is_refused(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.gz"
    with tarfile.open(file, "w:gz") as archive:
        digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        told = json.dumps({"made": "2026-03-02", "schema": "9999", "kind": "sqlite", "sha256": digest}).encode()
        for name, data in (("manifest.json", told), ("store", b"")):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    assert "was made by a newer release (schema 9999" in office("restore", str(file)).err


def test_the_audit_log_holds_after_a_restore_and_says_that_there_was_one(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.gz"
    office("user", "add", "ada")
    office("backup", str(file))
    office("user", "add", "ben")
    office("audit", "anchor")
    answer = office("restore", str(file), "--replace")
    aside = next((office.root / "data").glob("audit.anchors.before-*"))
    assert f"what the audit log was anchored to before is kept in {aside}" in answer.out
    assert office("audit", "verify").code == 0
    told = office("audit", "list", "--json").lines
    assert [(line["act"], line["about"]) for line in told] == [("restored", "b.tar.gz"), ("user", "ada")]
    gone = office("audit", "verify", "--anchors", str(aside))
    assert gone.code == 1
    assert "line 2: the chain was written anew up to this line" in gone.out  # where ben was added once
