"""A PostgreSQL server of the benchmark's own: a bare cluster in a temporary folder, on a free loopback port."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def find_initdb() -> Path | None:
    """The newest installation that Debian made, else what is on the path; None: there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1] if found else Path(on_path) if on_path else None


@contextmanager
def own_postgres() -> Iterator[str | None]:
    """The URL of an empty database with durable commits; None where PostgreSQL is not installed.

    PostgreSQL refuses root, so root runs it as `postgres`.
    """
    initdb = find_initdb()
    if initdb is None:
        yield None
        return
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="clerkwork-postgres-"))
    if user:
        entry = pwd.getpwnam(user)
        os.chown(folder, entry.pw_uid, entry.pw_gid)
    cluster, port = folder / "cluster", _free_port()
    make = [str(initdb), "-D", str(cluster), "-U", "clerkwork", "-A", "trust"]
    subprocess.run(make, check=True, capture_output=True, user=user, cwd="/")
    serve = [str(initdb.parent / "postgres"), "-D", str(cluster), "-p", str(port)]
    serve += ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
    process = subprocess.Popen(serve, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=user, cwd="/")
    url = f"postgresql://clerkwork@127.0.0.1:{port}/postgres"
    try:
        _wait(url)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(url: str) -> None:
    import psycopg

    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
