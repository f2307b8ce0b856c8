"""`backup` and `restore`: the store and the kept files in one archive, taken while everything is at work."""

from __future__ import annotations

import hashlib
import json
import tarfile
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from commands.session import Session, options
from engine.errors import UsageError

MANIFEST, STORE, ARTIFACTS = "manifest.json", "store", "artifacts"


@click.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@options
def backup(session: Session, file: Path | None) -> None:
    """Write the store and the kept files into FILE, a .tar.gz, while workers go on working.

    Without FILE: into `backups` in the project's data folder. Secrets are not in it; keep config/ and the secrets'
    key with your other passwords.
    """
    from commands.wiring import open_store
    from engine.store.backup import save
    from engine.store.migrate import version

    now = session.clock.now()
    target = file or session.project.data / "backups" / f"{now:%Y%m%d-%H%M%S}.tar.gz"
    if target.exists():
        raise UsageError(f"{target} is there already", advice="name another file; a backup overwrites nothing")
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.part")
    with open_store(session) as database, tempfile.TemporaryDirectory(dir=target.parent) as folder:
        copy = Path(folder) / STORE
        save(database, copy)
        told = {"made": now, "schema": version(database), "kind": "sqlite" if database.is_sqlite else "postgresql"}
        told["sha256"] = _digest(copy)
        manifest = Path(folder) / MANIFEST
        manifest.write_text(json.dumps(told, default=str))
        with tarfile.open(unfinished, "w:gz", compresslevel=3) as archive:
            archive.add(manifest, MANIFEST)
            archive.add(copy, STORE)
            # After the store: a file is kept before the row that names it, so none that the copy names is missing.
            artifacts = session.surroundings.artifacts
            for name in artifacts.names():
                with artifacts.borrowed(name) as kept:
                    archive.add(kept, f"{ARTIFACTS}/{name}")
    unfinished.chmod(0o600)
    unfinished.replace(target)
    size = target.stat().st_size
    if session.as_json:
        session.line({"file": target, "bytes": size, **told})
    session.say(f"{target}  {size / 1e6:,.1f} MB")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="The store has items already: they are replaced.")
@options
def restore(session: Session, file: Path, replace: bool) -> None:
    """Make the store what FILE, a backup, holds. Stop all workers before.

    Every queue is paused then. After `queue resume` what may have been done outside since the backup is looked up
    there before it is done; what has no look-up becomes uncertain, for a person.
    """
    from commands.person import written_down
    from commands.wiring import open_store
    from engine.restored import remember
    from engine.store.backup import is_used, pause_all, put_back

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        manifest = _unpacked(file, folder)
        with open_store(session) as database:
            kind = "sqlite" if database.is_sqlite else "postgresql"
            if manifest["kind"] != kind:
                found = f"{file} is of a {manifest['kind']} store, this project has {kind}"
                raise UsageError(found, advice="see `database` in config/settings.yaml")
            if is_used(database) and not replace:
                raise UsageError("the store has items already", advice="`--replace` gives them up; `backup` them first")
            put_back(database, folder / STORE)
        kept = folder / ARTIFACTS
        for place in kept.rglob("*"):
            if place.is_file():
                session.surroundings.artifacts.copy_in(place, place.relative_to(kept).as_posix())
        with open_store(session) as database:
            with database.write() as transaction:
                remember(transaction, session.clock.now())
                written_down(session, transaction, "restored", file.name, f"as of {manifest['made']}")
            queues = pause_all(database, f"restored from the backup of {manifest['made'][:16]}")
    aside = _set_aside(session.project.anchors, session.clock.now())
    if session.as_json:
        session.line({"file": file, "made": manifest["made"], "paused": queues})
    session.say(f"restored as of {manifest['made'][:19]}; every queue is paused until `queue resume`")
    if aside is not None:
        session.say(f"what the audit log was anchored to before is kept in {aside}")


def _set_aside(anchors: Path, now: datetime) -> Path | None:
    """The lines of the audit log that are gone with a restore are rightly gone: its anchors begin anew."""
    if not anchors.exists():
        return None
    aside = anchors.with_name(f"{anchors.name}.before-{now:%Y%m%dT%H%M%S}")
    return anchors.rename(aside)


def _unpacked(file: Path, folder: Path) -> dict[str, Any]:
    """The archive's parts in the folder, checked; its manifest."""
    try:
        with tarfile.open(file) as archive:
            archive.extractall(folder, filter="data")
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        whole = _digest(folder / STORE) == manifest["sha256"]
    except (tarfile.TarError, OSError, EOFError, ValueError, KeyError) as error:
        raise UsageError(f"{file} is not a whole backup: {error}", advice="take another one") from error
    if not whole:
        raise UsageError(f"{file} is damaged: the store in it is not the one that was saved", advice="take another one")
    from engine.store.migrate import NEWEST

    if str(manifest["schema"]) > NEWEST:
        found = f"{file} was made by a newer release (schema {manifest['schema']}, this one knows {NEWEST})"
        raise UsageError(found, advice="restore it with that release")
    return manifest


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
