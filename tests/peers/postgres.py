"""A real PostgreSQL server for the tests: a bare cluster in a temporary folder, on a free loopback port."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path


def find_binaries() -> Path | None:
    """The newest Debian installation, else whatever `initdb` is on the path."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if versions:
        return versions[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


class PostgresServer:
    """`start` makes the cluster and waits for it; PostgreSQL refuses root, so root runs it as `postgres`."""

    def __init__(self, folder: Path) -> None:
        # Not in `folder`: each run of pytest closes the folder of all runs to other users, and the server is one.
        self.folder = Path(tempfile.mkdtemp(prefix=f"postgres-{folder.name}-")) / "cluster"
        self.binaries = find_binaries()
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._user = "postgres" if os.geteuid() == 0 else None

    @property
    def url(self) -> str:
        return self.database_url("postgres")

    def database_url(self, name: str) -> str:
        return f"postgresql://clerkwork@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        assert self.binaries is not None, "PostgreSQL is not installed: apt install postgresql"
        self.folder.mkdir(parents=True)
        if self._user:
            entry = pwd.getpwnam(self._user)
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)
            os.chown(self.folder.parent, entry.pw_uid, entry.pw_gid)
        initdb = [str(self.binaries / "initdb"), "-D", str(self.folder), "-U", "clerkwork", "-A", "trust", "--no-sync"]
        subprocess.run(initdb, check=True, capture_output=True, user=self._user, cwd="/")
        command = [str(self.binaries / "postgres"), "-D", str(self.folder), "-p", str(self.port)]
        command += ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"]
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=self._user, cwd="/"
        )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                import psycopg

                psycopg.connect(self.url, connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.1)
        raise TimeoutError("PostgreSQL did not answer within 30 s")

    def new_database(self, name: str) -> str:
        """Make an empty database; returns its URL."""
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.database_url(name)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=20)
        shutil.rmtree(self.folder.parent, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
