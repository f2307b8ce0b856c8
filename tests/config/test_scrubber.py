"""A secret is masked in every form in which it may travel."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.scrub import MASK, Scrubber

SECRET = 'pä$$ "w<o>rd/1+2&3'


def scrubber(*secrets: str) -> Scrubber:
    made = Scrubber()
    for secret in secrets:
        made.add(secret)
    return made


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        "p%c3%a4%24%24%20%22w%3co%3erd%2f1%2b2%263",
        quote_plus(SECRET),
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
        json.dumps(json.dumps(SECRET))[3:-3],
        html.escape(SECRET),
        html.escape(json.dumps(SECRET)[1:-1]),
        SECRET.encode().hex(),
        SECRET.encode().hex().upper(),
        SECRET.encode("utf-16-le").hex(),
        SECRET.encode("utf-16-be").hex().upper(),
    ],
)
def test_every_usual_encoding_is_masked(form: str) -> None:
    assert scrubber(SECRET).scrub(f"before {form} after") == f"before {MASK} after"


@pytest.mark.parametrize("prefix", ["", "a", "ab", "user:"])
def test_base64_is_masked_wherever_the_secret_begins_in_it(prefix: str) -> None:
    secret = "correct-horse-battery"
    header = base64.b64encode(f"{prefix}{secret}".encode()).decode()
    scrubbed = scrubber(secret).scrub(f"Authorization: Basic {header}")
    assert MASK in scrubbed
    left = scrubbed.removeprefix("Authorization: Basic ").replace(MASK, "")
    assert len(left) <= len(prefix) * 2 + 5


@pytest.mark.parametrize("coding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("secret", ["correct-horse", SECRET])
def test_a_file_in_utf_16_is_masked(coding: str, secret: str) -> None:
    content = f"before {secret} after".encode(coding)
    assert secret.encode(coding) not in scrubber(secret).scrub_bytes(content)
    read = content.decode(errors="surrogateescape")
    assert scrubber(secret).scrub(read) != read


def test_data_is_worked_with_without_secrets_but_a_short_one_may_be_there_by_chance() -> None:
    known = scrubber("demo", "correct-horse-battery")
    data = {"customer": "demo GmbH", "rows": [["x", "correct-horse-battery staple"], 12.5, None]}
    assert known.conceal(data) == {"customer": "demo GmbH", "rows": [["x", f"{MASK} staple"], 12.5, None]}
    assert scrubber("demo").conceal("demo") == "demo"
    assert Scrubber().conceal(data) == data


def test_the_longest_secret_is_masked_first() -> None:
    assert scrubber("secret", "secret-and-more").scrub("secret-and-more secret") == f"{MASK} {MASK}"


def test_a_secret_of_three_characters_is_left_alone() -> None:
    assert scrubber("abc").scrub("abcdef") == "abcdef"


def test_each_line_of_a_private_key_is_masked() -> None:
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0\n-----END KEY-----"
    assert "MIIEvQ" not in scrubber(key).scrub("  MIIEvQIBADANBgkqhkiG9w0  ")


def test_bytes_are_masked_too() -> None:
    assert scrubber("hunter22").scrub_bytes(b"\xff pass=hunter22 \x00") == b"\xff pass=*** \x00"


def test_without_a_secret_nothing_changes() -> None:
    assert Scrubber().scrub("text") == "text"
    assert Scrubber().scrub_bytes(b"text") == b"text"


@given(st.text(min_size=8, max_size=40), st.text(max_size=30), st.text(max_size=30))
@settings(max_examples=60, deadline=None)
def test_no_secret_survives_in_any_text(secret: str, before: str, after: str) -> None:
    known = scrubber(secret)
    for form in (secret, json.dumps(secret)[1:-1], quote(secret), html.escape(secret)):
        if form.replace(MASK, "") and form not in (before, after, MASK):
            assert form not in known.scrub(f"{before}\n{form}\n{after}").replace(MASK, "\0")
