"""A PostgreSQL server of the benchmark's own: a bare cluster in a temporary folder, on a free loopback port."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.loopback import free_port


def find_initdb() -> Path | None:
    """The newest installation that Debian made, else what is on the path; None: there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1] if found else Path(on_path) if on_path else None


class OwnPostgres:
    """A server with durable commits. PostgreSQL refuses root, so root runs it as `postgres`."""

    def __init__(self, initdb: Path) -> None:
        self.user = "postgres" if os.geteuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="clerkwork-postgres-"))
        if self.user:
            entry = pwd.getpwnam(self.user)
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)
        self.cluster, self.port = self.folder / "cluster", free_port()
        make = [str(initdb), "-D", str(self.cluster), "-U", "clerkwork", "-A", "trust"]
        subprocess.run(make, check=True, capture_output=True, user=self.user, cwd="/")
        self.program = initdb.parent / "postgres"
        self._process = self._serve()
        _wait(self.url("postgres"))

    def url(self, name: str) -> str:
        return f"postgresql://clerkwork@127.0.0.1:{self.port}/{name}"

    def _serve(self) -> subprocess.Popen[bytes]:
        serve = [str(self.program), "-D", str(self.cluster), "-p", str(self.port)]
        serve += ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        return subprocess.Popen(
            serve, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=self.user, cwd="/", start_new_session=True
        )

    def new_database(self, name: str) -> str:
        """The URL of a new, empty database."""
        import psycopg

        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return self.url(name)

    def restart(self) -> None:
        """End every connection at once, as a server that crashes does, and come back."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(timeout=30)
        self._process = self._serve()
        _wait(self.url("postgres"))

    def stop(self) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.wait(timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def own_server() -> Iterator[OwnPostgres | None]:
    """A server for as long as it is needed; None where PostgreSQL is not installed."""
    initdb = find_initdb()
    if initdb is None:
        yield None
        return
    server = OwnPostgres(initdb)
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def own_postgres() -> Iterator[str | None]:
    """The URL of an empty database with durable commits; None where PostgreSQL is not installed."""
    with own_server() as server:
        yield server.url("postgres") if server is not None else None


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
