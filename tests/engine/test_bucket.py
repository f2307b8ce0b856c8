"""Kept files in a bucket: whole, durable, the same on every machine, and an outage that loses nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from peers.bucket import BucketServer

from engine.artifacts import ArtifactFolder, Artifacts
from engine.bucket import ArtifactBucket
from engine.cache_limit import CacheLimit
from engine.errors import ApplicationException, ConfigurationError

LIMIT = 10_000_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BucketServer]:
    made = BucketServer(tmp_path_factory.mktemp("s3"))
    made.start()
    made.make("office")
    yield made
    made.stop()


@pytest.fixture
def machine(server: BucketServer, tmp_path: Path) -> Callable[[str], ArtifactBucket]:
    """`machine("one")` has a data folder of its own and shares the bucket."""
    prefix = f"s3://office/{tmp_path.name}"
    return lambda name: ArtifactBucket(prefix, tmp_path / name, lambda: server.options, LIMIT)


def other_places(tmp_path: Path) -> list[Artifacts]:
    return [
        ArtifactFolder(tmp_path / "folder"),
        ArtifactBucket(f"memory://{tmp_path.name}", tmp_path / "near", dict, LIMIT),
    ]


def invoice(tmp_path: Path, content: bytes = b"%PDF-1") -> Path:
    path = tmp_path / "Rechnung März #1.pdf"
    path.write_bytes(content)
    return path


def test_what_one_machine_keeps_another_reads(machine: Callable[[str], ArtifactBucket]) -> None:
    digest = machine("one").put(b"page")
    other = machine("two")
    assert other.get(digest) == b"page"
    assert other.path(digest).is_relative_to(other.folder)


def test_a_file_taken_in_by_one_machine_is_at_hand_on_another(
    machine: Callable[[str], ArtifactBucket], tmp_path: Path
) -> None:
    original = invoice(tmp_path)
    kept = machine("one").take_in(original)
    original.unlink()
    assert kept.path == f"s3://office/{tmp_path.name}/files/{kept.sha256[:2]}/{kept.sha256}/Rechnung März #1.pdf"
    other = machine("two")
    given = {"file": kept.model_dump(), "all": [kept.model_dump()], "n": 1, "note": {"path": kept.path}}
    seen = other.at_hand(given)
    assert Path(seen["file"]["path"]).read_bytes() == b"%PDF-1" == Path(seen["all"][0]["path"]).read_bytes()
    assert seen["n"] == 1 and seen["note"] == {"path": kept.path}
    assert given["file"]["path"] == kept.path  # what is journalled holds on every machine
    assert other.known(kept.path) == kept


def test_paths_of_others_are_no_kept_files(machine: Callable[[str], ArtifactBucket], tmp_path: Path) -> None:
    one, digest = machine("one"), "a" * 64
    here = f"s3://office/{tmp_path.name}/files/aa/{digest}"
    for path in (
        f"{here}/..",
        f"{here}/a/b",
        f"s3://other/files/aa/{digest}/x.pdf",
        f"{here[:-1]}/x.pdf",
        "/etc/passwd",
    ):
        assert one.known(path) is None, path


def test_what_is_not_kept_is_told_and_what_was_cleared_is_kept_anew(
    machine: Callable[[str], ArtifactBucket], server: BucketServer, tmp_path: Path
) -> None:
    one = machine("one")
    assert not one.path("f" * 64).exists()
    lost = f"s3://office/{tmp_path.name}/files/ff/{'f' * 64}/x.pdf"
    with pytest.raises(ApplicationException, match=r"x\.pdf is not there any more; put it back from a backup"):
        one.here(lost)
    digest = one.put(b"evidence")
    server.files().rm_file(f"office/{tmp_path.name}/{digest[:2]}/{digest}")
    one.put(b"evidence")
    assert machine("two").get(digest) == b"evidence"


def test_a_changed_object_is_refused_and_never_cached(
    machine: Callable[[str], ArtifactBucket], server: BucketServer, tmp_path: Path
) -> None:
    digest = machine("one").put(b"true")
    server.files().pipe_file(f"office/{tmp_path.name}/{digest[:2]}/{digest}", b"false")
    other = machine("two")
    for _ in range(2):
        with pytest.raises(ApplicationException, match="has other content than was kept") as refused:
            other.get(digest)
    assert refused.value.code == "ARTIFACT_DAMAGED"
    assert [path for path in other.folder.rglob("*") if path.is_file()] == []


WRITER = """
import sys
from pathlib import Path
from engine.bucket import ArtifactBucket
url, endpoint, folder = sys.argv[1:]
options = {"key": "clerk", "secret": "not-a-real-secret", "endpoint_url": endpoint}
place = ArtifactBucket(url, Path(folder), lambda: options, 10**9)
place.put(b"warm")
print("ready", flush=True)
place.put(b"x" * 60_000_000)
"""


@pytest.mark.parametrize("after", [0.02, 0.1, 0.2])
def test_a_writer_that_is_killed_leaves_nothing_or_all(after: float, server: BucketServer, tmp_path: Path) -> None:
    url = f"s3://office/{tmp_path.name}"
    arguments = [sys.executable, "-c", WRITER, url, server.endpoint, str(tmp_path / "one")]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as writer:
        assert writer.stdout is not None and writer.stdout.readline() == b"ready\n"
        time.sleep(after)
        writer.kill()
    other = ArtifactBucket(url, tmp_path / "two", lambda: server.options, LIMIT)
    for name in other.names():
        assert len(other.get(name.rpartition("/")[2])) in (4, 60_000_000)


@pytest.mark.parametrize("number", [0, 1], ids=["folder", "other store"])
def test_every_place_gives_back_what_a_backup_took(number: int, tmp_path: Path) -> None:
    place = other_places(tmp_path)[number]
    digest, kept = place.put(b"page"), place.take_in(invoice(tmp_path))
    assert Path(place.at_hand({"f": kept.model_dump()})["f"]["path"]).read_bytes() == b"%PDF-1"
    names = sorted(place.names())
    assert names == [f"{digest[:2]}/{digest}", f"files/{kept.sha256[:2]}/{kept.sha256}/{kept.name}"]
    back = ArtifactFolder(tmp_path / "back")
    for name in names:
        with place.borrowed(name) as file:
            back.copy_in(file, name)
            back.copy_in(file, name)
    assert back.get(digest) == b"page" and sorted(back.names()) == names


def test_a_place_without_whole_objects_is_written_aside_and_renamed(tmp_path: Path) -> None:
    place = ArtifactBucket(f"dir::file://{tmp_path}/there", tmp_path / "near", dict, LIMIT)
    digest = place.put(b"page")
    assert [path.name for path in (tmp_path / "there").rglob("*") if path.is_file()] == [digest]


def test_an_outage_says_where_is_over_soon_and_loses_nothing(tmp_path: Path) -> None:
    server = BucketServer(tmp_path)
    server.start()
    server.make("office")
    place = ArtifactBucket("s3://office/kept", tmp_path / "near", lambda: server.options, LIMIT)
    digest = place.put(b"before")
    server.stop()
    began = time.monotonic()
    with pytest.raises(ApplicationException) as away:
        place.put(b"during")
    assert time.monotonic() - began < 20
    assert away.value.code == "ARTIFACTS_UNREACHABLE"
    assert str(away.value).startswith("the kept files in s3://office/kept cannot be reached to write ")
    assert "; see `artifacts` in config/settings.yaml; `doctor` tells more" in str(away.value)
    original = invoice(tmp_path)
    with pytest.raises(ApplicationException):
        place.take_in(original)
    assert place.get(digest) == b"before"  # what lies here needs no bucket
    assert original.exists()
    server.start()
    server.make("office")
    kept = place.take_in(original)
    again = ArtifactBucket("s3://office/kept", tmp_path / "other", lambda: server.options, LIMIT)
    assert again.here(kept.path).read_bytes() == b"%PDF-1"
    server.stop()


def test_a_place_nobody_knows_is_a_wrong_setting(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"`artifacts` is nosuch://x, which fsspec does not know"):
        ArtifactBucket("nosuch://x", tmp_path, dict, LIMIT).put(b"x")


def test_copies_are_dropped_when_they_are_too_many_but_not_while_they_are_in_use(tmp_path: Path) -> None:
    limit = CacheLimit(tmp_path, 1000)
    for number in range(5):
        path = tmp_path / str(number)
        path.write_bytes(b"x" * 400)
        if number < 4:
            os.utime(path, (time.time() - 90_000 + number, time.time() - 90_000 + number))
    limit.grown(400)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["3", "4"]
    for number in range(5, 9):
        (tmp_path / str(number)).write_bytes(b"x" * 400)
    limit.grown(1600)
    assert len(list(tmp_path.iterdir())) == 5  # the old one went, what was used just now stays


def test_what_is_removed_is_gone_from_the_bucket_and_from_here_under_every_name(
    machine: Callable[[str], ArtifactBucket], tmp_path: Path
) -> None:
    here = machine("one")
    digest, other = here.put(b"%PDF-1"), here.put(b"another page")
    carried = here.take_in(invoice(tmp_path))
    assert carried.sha256 == digest
    here.remove(digest)
    here.remove(digest)
    assert list(machine("two").names()) == [f"{other[:2]}/{other}"]
    with pytest.raises(FileNotFoundError):
        machine("two").get(digest)
    with pytest.raises(FileNotFoundError):
        here.get(digest)
