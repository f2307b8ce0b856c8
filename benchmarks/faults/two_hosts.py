"""Two hosts, each in a network and with a name of its own; one is cut off in the middle of its work.

The store lies with neither. What the hosts reach is made here with `ip netns`, so it needs root on Linux.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path

from benchmarks.faults.office import Office, work
from benchmarks.faults.row import Row, clean, percentile
from benchmarks.postgres import OwnPostgres, find_initdb, own_server

GOAL = "taken over, 0 lost, 0 doubled"
FAULT = "a host is cut off from the network"
ROOT = Path(__file__).parents[2]
LEASE = 2.0
PER_CUT = 10
IMPATIENT = "connect_timeout=2&tcp_user_timeout=3000&options=-c%20idle_in_transaction_session_timeout%3D1000"
"""The drill does not wait as long as an office would for what was cut off in the middle of a transaction."""


def cannot() -> str | None:
    """Why it cannot be done here, None if it can."""
    if find_initdb() is None:
        return "left out: PostgreSQL is not installed (apt install postgresql)"
    if os.geteuid() != 0 or shutil.which("ip") is None or shutil.which("unshare") is None:
        return "left out: needs root, and the programs ip and unshare (apt install iproute2 util-linux)"
    name = f"clerk{os.getpid()}"
    if subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False).returncode:
        return "left out: this machine allows no network namespaces"
    subprocess.run(["ip", "netns", "del", name], check=True)
    return None


class Host:
    """A namespace joined to this machine by a cable; 10.213.`number`.0/30."""

    def __init__(self, number: int) -> None:
        self.name = f"clerk{os.getpid()}-{number}"
        self.cable = f"ck{os.getpid()}{number}"[-14:]
        self.gate, self.address = f"10.213.{number}.1", f"10.213.{number}.2"
        self.process: subprocess.Popen[bytes] | None = None

    def join(self) -> None:
        end = f"{self.cable}e"
        _ip("netns", "add", self.name)
        _ip("link", "add", self.cable, "type", "veth", "peer", "name", end, "netns", self.name)
        _ip("address", "add", f"{self.gate}/30", "dev", self.cable)
        _ip("link", "set", self.cable, "up")
        _ip("-n", self.name, "address", "add", f"{self.address}/30", "dev", end)
        _ip("-n", self.name, "link", "set", end, "up")

    def start(self, office: Office, port: int) -> None:
        url = f"postgresql://clerkwork@{self.gate}:{port}/two_hosts"
        setting = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from benchmarks.faults.two_hosts import run; "
        call = f"run({str(office.folder)!r}, {url!r}, {office.post!r})"
        inside = f'hostname {self.name}; exec "$0" -c "$1"'
        command = ["ip", "netns", "exec", self.name, "unshare", "--uts", "sh", "-c", inside, sys.executable]
        self.process = subprocess.Popen([*command, setting + call], start_new_session=True)

    def cut(self) -> None:
        _ip("link", "set", self.cable, "down")

    def mend(self) -> None:
        _ip("link", "set", self.cable, "up")

    def leave(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        subprocess.run(["ip", "netns", "del", self.name], check=False, capture_output=True)
        subprocess.run(["ip", "link", "del", self.cable], check=False, capture_output=True)


def run(folder: str, url: str, post: str) -> None:
    """The worker of a host."""
    work(Office(Path(folder), f"{url}?{IMPATIENT}", post=post, lease=LEASE))


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def two_hosts(cuts: int) -> Row:
    """Cut off one host after the other while it holds an item, until its work was taken over; then mend the cable."""
    why = cannot()
    if why is not None:
        return Row(FAULT, "postgresql", 2, 0, goal=GOAL, told=why)
    # In a network of its own altogether: whatever else runs on this machine must not see its network change.
    inside = 'ip link set lo up && exec "$0" -m benchmarks.faults.two_hosts "$1"'
    command = ["unshare", "--net", "sh", "-c", inside, sys.executable, str(cuts)]
    done = subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=120 + 20 * cuts)
    return Row(**json.loads(done.stdout.splitlines()[-1]))


def _cut_off(folder: Path, server: OwnPostgres, cuts: int) -> Row:
    office = Office(folder, server.new_database("two_hosts"), post="slow: 0.2", lease=LEASE)
    hosts, numbers, took = [Host(1), Host(2)], range(PER_CUT * (cuts + 1)), list[float]()
    office.add(numbers)
    try:
        for host in hosts:
            host.join()
        with _doors(server.port, [host.gate for host in hosts]):
            for host in hosts:
                host.start(office, server.port)
            while len(took) < cuts:
                host = hosts[len(took) % len(hosts)]
                _until(partial(_holds, office, host))
                host.cut()
                struck = time.monotonic()
                if held := _held(office, host):
                    took.append(office.seconds_to_recover(held, struck))
                host.mend()
            _until(lambda: not office.is_open())
            found = office.found(numbers)
    finally:
        for host in hosts:
            host.leave()
        office.close()
    seconds = percentile(took)
    met = clean(found) and max(took) <= LEASE + 2
    told = f"{len(numbers)} items, each time the host came back"
    return Row(FAULT, "postgresql", 2, cuts, found.lost, found.doubled, found.uncertain, seconds, GOAL, met, told)


def _holds(office: Office, host: Host) -> bool:
    return bool(_held(office, host))


def _held(office: Office, host: Host) -> list[tuple[str, int]]:
    from engine.store import tables

    table = tables.items.c
    with office.database.read() as transaction:
        query = tables.items.select().where(table.state == "running", table.worker.like(f"{host.name}%"))
        return [(row["id"], row["claim"]) for row in transaction.execute(query).mappings()]


def _until(holds: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError("the two hosts do not come on with their work")
        time.sleep(0.03)


@contextmanager
def _doors(port: int, gates: list[str]) -> Iterator[None]:
    """The server listens on the loopback address alone; a door on each gate leads there."""
    doors = [Door(gate, port) for gate in gates]
    try:
        yield
    finally:
        for door in doors:
            door.close()


class Door:
    """Passes on what comes in at an address to the same port of the loopback address."""

    def __init__(self, gate: str, port: int) -> None:
        self._port = port
        self._sockets = [socket.create_server((gate, port))]
        self._threads = list[threading.Thread]()
        self._start(self._let_in)

    def _start(self, target: Callable[..., None], *given: socket.socket) -> None:
        self._threads.append(threading.Thread(target=target, args=given, daemon=True))
        self._threads[-1].start()

    def _let_in(self) -> None:
        with suppress(OSError):  # the door is closed
            while True:
                guest, _ = self._sockets[0].accept()
                inside = socket.create_connection(("127.0.0.1", self._port))
                self._sockets += [guest, inside]
                self._start(_pass_on, guest, inside)
                self._start(_pass_on, inside, guest)

    def close(self) -> None:
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        for one in self._sockets:
            one.close()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    with own_server() as running, tempfile.TemporaryDirectory(prefix="clerkwork-faults-") as place:
        assert running is not None
        print(json.dumps(asdict(_cut_off(Path(place), running, int(sys.argv[1])))))
