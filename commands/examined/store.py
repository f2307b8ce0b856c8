"""The store: whether it answers, is what this release knows, and keeps what it acknowledges."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from commands.examined.finding import Finding, State
from commands.session import Session
from commands.wiring import open_store, place_of
from engine.store.database import Database, StoreError
from engine.store.migrate import NEWEST, version
from engine.store.server import said_by_server

NETWORK = frozenset({
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "beegfs", "ocfs2", "gfs2",
    "fuse.sshfs", "fuse.glusterfs", "fuse.s3fs",
})  # fmt: skip
"""File systems whose locks or shared memory SQLite's write-ahead log cannot rely on."""
CLOCKS_AGREE, CLOCKS_WORK = timedelta(seconds=2), timedelta(seconds=15)
OLDEST_POSTGRESQL = 13
MOUNTS = Path("/proc/self/mountinfo")


def store(session: Session) -> Iterator[Finding]:
    """All that can be said of the store; what is wrong with opening it is raised."""
    if session.project.database_url.startswith("sqlite:///"):
        file = Path(session.project.database_url.removeprefix("sqlite:///"))
        yield _file_system(file, MOUNTS.read_text() if MOUNTS.exists() else "")
    known = Database(session.project.database_url)
    try:
        found = _version(known)
        if found is not None and found < NEWEST:
            advice = "`backup`, stop what runs of the older release; whatever starts next brings the store up"
            told = f"{place_of(known)}, schema {found}, this release works with {NEWEST}"
            yield Finding("store", State.WARNING, told, advice)
            yield _durability(known)
            return
    finally:
        known.close()
    with open_store(session) as database:
        found = version(database)
        told = f"{place_of(database)}, schema {found}"
        if found != NEWEST:
            advice = f"this release knows {NEWEST}; use the release that made the store"
            yield Finding("store", State.MISSING, told, advice)
            return
        yield Finding("store", State.OK, told)
        yield _durability(database)
        if not database.is_sqlite:
            yield _clock(database, session)
        yield _processes(database, session)


def _version(database: Database) -> str | None:
    try:
        return version(database)
    except StoreError:
        return None  # opening it says what is wrong


def _file_system(file: Path, mounts: str) -> Finding:
    kind = kind_of(file, mounts)
    if kind in NETWORK:
        advice = "set `data` to a folder on a disk of this machine, or use PostgreSQL (`database`)"
        return Finding("file system", State.MISSING, f"{file} lies on {kind}, which loses SQLite's commits", advice)
    return Finding("file system", State.OK, kind or "not known")


def kind_of(file: Path, mounts: str) -> str:
    """The kind of file system a path lies on, by the text of Linux's mountinfo; empty where that says nothing."""
    place = file.resolve()
    found = ("", "")
    for line in mounts.splitlines():
        fields, _, more = line.partition(" - ")
        point = fields.split()[4].replace("\\040", " ")
        if place.is_relative_to(point) and len(point) >= len(found[0]):
            found = (point, more.split()[0])
    return found[1]


def _durability(database: Database) -> Finding:
    """What the store acknowledges must outlast a power loss."""
    if database.is_sqlite:
        mode, level = said_by_server(database, "PRAGMA journal_mode"), said_by_server(database, "PRAGMA synchronous")
        found = f"SQLite with journal_mode={mode}, synchronous={'FULL' if level == '2' else level}"
        if (mode, level) == ("wal", "2"):
            return Finding("durability", State.OK, found)
        return Finding("durability", State.MISSING, found, "put the store on a disk that allows a write-ahead log")
    names = ("fsync", "synchronous_commit", "full_page_writes")
    said = {name: said_by_server(database, f"SHOW {name}") for name in names}
    server = said_by_server(database, "SHOW server_version").split()[0]
    found = f"PostgreSQL {server} with {', '.join(f'{name}={value}' for name, value in said.items())}"
    lacking = [name for name, value in said.items() if value == "off"]
    if lacking:
        advice = (
            f"set {' and '.join(f'{name} = on' for name in lacking)} in postgresql.conf: a power loss would lose work"
        )
        return Finding("durability", State.MISSING, found, advice)
    if int(server.split(".")[0]) < OLDEST_POSTGRESQL:
        advice = f"PostgreSQL {OLDEST_POSTGRESQL} or newer is what this was tried on"
        return Finding("durability", State.WARNING, found, advice)
    return Finding("durability", State.OK, found)


def _clock(database: Database, session: Session) -> Finding:
    """Leases are times: a machine whose clock is wrong takes over what others still work on."""
    before = session.clock.now()
    told = datetime.fromisoformat(said_by_server(database, "SELECT clock_timestamp() AT TIME ZONE 'UTC'") + "+00:00")
    after = session.clock.now()
    return _of_clocks(before + (after - before) / 2 - told)


def _of_clocks(ahead: timedelta) -> Finding:
    seconds = ahead.total_seconds()
    found = f"{abs(seconds):.2f} s {'ahead of' if seconds > 0 else 'behind'} the database server's"
    advice = "keep the clocks together: apt install chrony, on this machine and on the server"
    if abs(ahead) > CLOCKS_WORK:
        return Finding("clock", State.MISSING, found, advice)
    if abs(ahead) > CLOCKS_AGREE:
        return Finding("clock", State.WARNING, found, advice)
    return Finding("clock", State.OK, found)


def _processes(database: Database, session: Session) -> Finding:
    """Who is at work on this store, on any machine, what the workers can do, and what none of them can."""
    from commands.registry import load_actions
    from engine.admission import needs_of
    from engine.workflows import Library
    from scheduler import presence

    now = session.clock.now()
    library = Library(session.project.workflow_folders, load_actions(session.project))
    with database.read() as transaction:
        there = presence.there(transaction, now)
        lacking = presence.unmet(transaction, needs_of(library), now)
    if not there:
        return Finding("processes", State.OK, "none is at work; begin with `start`")
    hosts = {row["host"] for row in there}
    counted = [f"{sum(row['kind'] == kind for row in there)} {kind}" for kind in sorted({row["kind"] for row in there})]
    able = sorted({word for row in there for word in row["able"] or ()})
    told = f"{', '.join(counted)} on {', '.join(sorted(hosts))}"
    told += f"; the workers offer {', '.join(able)}" if able else ""
    if lacking:
        named = "; ".join(f"{flow} needs {', '.join(words)}" for flow, words in sorted(lacking.items()))
        advice = "start a worker that offers it: `worker --needs WORD`, or `able` in its settings"
        return Finding("processes", State.WARNING, f"{told}. No worker can do all of this: {named}", advice)
    return Finding("processes", State.OK, told)
