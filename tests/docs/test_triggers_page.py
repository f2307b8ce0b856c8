"""The page on triggers is true: its examples are taken as they stand."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from language.office import OFFICE

from config.calendars import Calendars
from config.settings import Hours
from connectors.mail.connection import mailbox_connection
from connectors.webhook.signing import signature
from engine.loader import load_source
from engine.trigger_file import TRIGGERS
from engine.yaml_source import parse_yaml

PAGE = (Path(__file__).parents[2] / "docs" / "triggers.md").read_text()
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
SHORT = re.findall(rf"`((?:{'|'.join(TRIGGERS)}): [^`]+)`", PAGE)
INPUTS = "{file: {type: file, required: false}, day: text, sender: text, order: mapping}"


def problems_of(triggers: str) -> None:
    own = triggers.startswith("inputs:")
    text = f"workflow: pay\n{triggers}\nsteps: [{{shop.ping: }}]\n" + ("" if own else f"inputs: {INPUTS}\n")
    load_source(text, "pay.yaml", OFFICE)


@pytest.mark.parametrize("number", [n for n, block in enumerate(BLOCKS) if "triggers:" in block])
def test_every_example_of_triggers_is_a_right_one(number: int) -> None:
    problems_of(BLOCKS[number])


@pytest.mark.parametrize("short", SHORT)
def test_every_short_form_is_a_right_one(short: str) -> None:
    problems_of(f"triggers:\n  - {short}")


def test_every_kind_of_trigger_is_on_the_page() -> None:
    assert {text.partition(":")[0] for text in SHORT} == set(TRIGGERS)


def test_the_calendar_and_the_mailbox_are_right_ones(tmp_path: Path) -> None:
    from datetime import date
    from zoneinfo import ZoneInfo

    (bank,) = [block for block in BLOCKS if block.startswith("bank:")]
    (tmp_path / "calendars.yaml").write_text(bank)
    assert Calendars(tmp_path / "calendars.yaml", Hours(), ZoneInfo("UTC"), date(2026, 3, 1)).get("bank").cut_off
    (mailbox,) = [block for block in BLOCKS if "ap-mailbox:\n" in block]
    settings = parse_yaml(mailbox, "connections.yaml").value["ap-mailbox"]
    assert mailbox_connection("ap-mailbox", {**settings, "password": "x"}).security == "tls"


def test_the_call_of_the_shell_signs_as_we_verify() -> None:
    (line,) = [line for line in PAGE.splitlines() if line.startswith("signature=")]
    script = f"id=msg_1; now=1772442000; body='{{\"number\": 7}}'; SECRET=word; {line}; printf 'v1,%s' $signature"
    told = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout
    assert told == signature(b"word", "msg_1", "1772442000", b'{"number": 7}')
