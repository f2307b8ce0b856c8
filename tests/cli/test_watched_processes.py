"""`start` with metrics: scheduler, worker and console each answer on a port of their own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from cli_office import Office

RUNNER = Path(__file__).parents[2] / "runner.py"


def asked(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def free_ports(number: int) -> int:
    """The first of so many ports in a row that nobody has."""
    for first in range(20000 + os.getpid() % 10000, 60000, number):
        taken = [socket.socket() for _ in range(number)]
        try:
            for offset, one in enumerate(taken):
                one.bind(("127.0.0.1", first + offset))
            return first
        except OSError:
            continue
        finally:
            for one in taken:
                one.close()
    raise AssertionError("there are no free ports")


def test_every_process_of_start_answers_scrapes_and_probes_on_its_own_port(office: Office) -> None:
    first = free_ports(4)
    office.write("config/settings.yaml", f"workers: 1\nconsole: {{port: {first + 3}}}\nmetrics: {{port: {first}}}\n")
    command = [sys.executable, str(RUNNER), "start", "--project", str(office.root)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while not all(asked(first + number, "/readyz") == (200, "ready\n") for number in range(4)):
            assert time.monotonic() < deadline, [asked(first + number, "/readyz") for number in range(4)]
            time.sleep(0.3)
        office("queue", "add", "adder", "--item", "n=3")
        while "clerkwork_items_ended_total{" not in (told := asked(first + 1, "/metrics")[1]):
            assert time.monotonic() < deadline, told
            time.sleep(0.3)
        assert 'clerkwork_items_ended_total{state="done",workflow="adder"} 1.0' in told
        knows = [("clerkwork_workers_alive 1.0" in asked(first + number, "/metrics")[1]) for number in range(3)]
        assert knows == [True, False, False]
        assert asked(first + 3, "/metrics")[0] == 404
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(45)
