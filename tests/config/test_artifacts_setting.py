"""`artifacts`: a folder or a URL; no password in it, none in clear, and paths of kept files lead to copies here."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.project import find_project
from config.surroundings import ProjectSurroundings, surroundings_of
from engine.artifacts import ArtifactFolder, Aside
from engine.bucket import ArtifactBucket
from engine.errors import BusinessException, ConfigurationError


def surroundings(root: Path, settings: str, connections: str = "", **environ: str) -> ProjectSurroundings:
    (root / "config").mkdir(exist_ok=True)
    (root / "config" / "settings.yaml").write_text(settings)
    (root / "config" / "connections.yaml").write_text(connections)
    return surroundings_of(find_project(root, {}, root), environ, datetime(2026, 3, 2, tzinfo=UTC))


def test_a_folder_stays_a_folder(tmp_path: Path) -> None:
    made = surroundings(tmp_path, "artifacts: kept\n").artifacts
    assert isinstance(made, ArtifactFolder) and made.folder == tmp_path / "kept"
    made = surroundings(tmp_path, "workers: 1\n").artifacts
    assert isinstance(made, ArtifactFolder) and made.folder == tmp_path / "data" / "artifacts"


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("file:///srv/kept", "expected the folder itself, without file://"),
        ("s3://key:word@bucket/x", "expected a place without a password; it goes to the connection `artifacts`"),
        ("s3:///", "expected the name of a bucket after it, as in s3://BUCKET/PREFIX"),
    ],
)
def test_places_that_cannot_be_are_refused(place: str, expected: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        surroundings(tmp_path, f'artifacts: "{place}"\n')
    assert expected in str(refused.value)


def test_the_connection_gives_the_options_and_the_scrubber_knows_its_secrets(tmp_path: Path) -> None:
    text = "artifacts: {key: {secret: one}, client_kwargs: {aws_secret_access_key: {secret: two}}}\n"
    given = {"CLERKWORK_SECRET_ONE": "first-secret", "CLERKWORK_SECRET_TWO": "second-secret"}
    made = surroundings(tmp_path, "artifacts: s3://office/kept\n", text, **given)
    assert isinstance(made.artifacts, ArtifactBucket)
    options = made.artifacts._options()
    assert options == {"key": "first-secret", "client_kwargs": {"aws_secret_access_key": "second-secret"}}
    assert "second-secret" not in made.scrubber.scrub("it is second-secret")


def test_a_key_in_clear_is_refused_however_deep(tmp_path: Path) -> None:
    text = "artifacts: {client_kwargs: {aws_secret_access_key: clear}}\n"
    made = surroundings(tmp_path, "artifacts: s3://office/kept\n", text)
    with pytest.raises(ConfigurationError, match="artifacts: aws_secret_access_key stands there in clear"):
        made.artifacts.put(b"x")


def test_the_path_of_a_kept_file_is_its_copy_here_and_any_other_url_is_refused(tmp_path: Path) -> None:
    made = surroundings(tmp_path, f"artifacts: memory://{tmp_path.name}\n")
    file = tmp_path / "a.pdf"
    file.write_bytes(b"%PDF-1")
    kept = made.artifacts.take_in(file)
    assert kept.path.startswith(f"memory://{tmp_path.name}/files/")
    assert made.path(kept.path).read_bytes() == b"%PDF-1"
    with pytest.raises(BusinessException):
        made.path("memory://other/files/../../../../../etc/passwd")


def test_a_dry_run_reads_what_items_carry_and_keeps_its_own_aside(tmp_path: Path) -> None:
    real = surroundings(tmp_path, f"artifacts: memory://{tmp_path.name}\n").artifacts
    file = tmp_path / "a.pdf"
    file.write_bytes(b"%PDF-1")
    kept, aside = real.take_in(file), Aside(tmp_path / "aside", real)
    assert Path(aside.at_hand(kept.model_dump())["path"]).read_bytes() == b"%PDF-1"
    assert aside.known(kept.path) == kept and aside.here(kept.path).is_file()
    before = list(real.names())
    aside.put(b"evidence")
    assert list(real.names()) == before
