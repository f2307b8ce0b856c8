"""YAML as authors write it: what is text, what is a number, and what is refused where."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import WorkflowError
from engine.yaml_source import parse_yaml, read_yaml

PLAIN = st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"])  # JSON writes the others as two escapes


def value(text: str) -> Any:
    return parse_yaml(text, "f.yaml").value


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("NO", "NO"),
        ("on", "on"),
        ("off", "off"),
        ("yes", "yes"),
        ("y", "y"),
        ("0123", "0123"),
        ("007.5", "007.5"),
        ("12:30", "12:30"),
        ("1:30:00", "1:30:00"),
        ("2026-03-31", "2026-03-31"),
        ("1_000", "1_000"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("1e9999", "1e9999"),
        ("0b11", "0b11"),
        ("=", "="),
        ("<<", "<<"),
        ("5 business hours", "5 business hours"),
        ("true", True),
        ("True", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("'5'", "5"),
        ('"true"', "true"),
        ("''", ""),
        ("0", 0),
        ("-12", -12),
        ("+4", 4),
        ("0x1F", 31),
        ("0o17", 15),
        ("1.50", Decimal("1.50")),
        (".5", Decimal("0.5")),
        ("5.", Decimal("5")),
        ("1e3", Decimal("1E+3")),
        ("-1.5e-3", Decimal("-0.0015")),
        ("|\n  a\n  b\n", "a\nb\n"),
        (">-\n  a\n  b\n", "a b"),
        ("9" * 200, "9" * 200),
    ],
)
def test_a_value_is_what_yaml_1_2_says(written: str, expected: Any) -> None:
    found = value(f"a: {written}")["a"]
    assert found == expected and type(found) is type(expected)


def test_keys_are_text_as_written() -> None:
    assert value("on: 1\n2026: 2\ntrue: 3\n~: 4\n'a b': 5") == {"on": 1, "2026": 2, "true": 3, "~": 4, "a b": 5}


def test_an_empty_file_is_nothing() -> None:
    assert value("") is None
    assert value("# only a comment\n") is None


def test_line_ends_of_windows_and_a_byte_order_mark_are_fine(tmp_path: Path) -> None:
    file = tmp_path / "w.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    assert read_yaml(file).value == {"a": 1, "b": 2}


def test_every_key_and_value_knows_its_place() -> None:
    source = parse_yaml("a:\n  - {b: 'c', d: 5}\n  - e\n", "f.yaml")
    top = source.value
    assert str(source.key(top, "a")) == "f.yaml:1:1"
    assert str(source.entry(top["a"], 0)) == "f.yaml:2:5"
    assert str(source.key(top["a"][0], "d")) == "f.yaml:2:14"
    assert str(source.entry(top["a"][0], "d")) == "f.yaml:2:17"
    assert str(source.entry(top["a"], 1)) == "f.yaml:3:5"
    assert str(source.at(top, source.mark, ("a", 0, "b"))) == "f.yaml:2:9"
    assert str(source.at(top, source.mark, ("a", 0, "b"), key=True)) == "f.yaml:2:6"
    assert str(source.at(top, source.mark, ("a", 7, "b"))) == "f.yaml:2:3", "as far as the path leads"
    assert str(source.key(top, "missing")) == "f.yaml:1:1"


_PAIRS = "`key: value` pairs between commas, then }"
_AROUND = "check the indentation and the quotes around here"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\na: 2", "2:1: the key a a second time (first in line 1); expected each key once; remove one of the two, or make it a list"),
        ("a:\n  b: {c: 1, c: 2}", "2:13: the key c a second time (first in line 2); expected each key once; remove one of the two, or make it a list"),
        ("a:\n\t- b", '2:1: a tab; expected spaces; indent with spaces; inside a text write "\\t" in double quotes'),
        ("a:\tb", '1:3: a tab; expected spaces; indent with spaces; inside a text write "\\t" in double quotes'),
        ("a: &x 1", "1:4: the anchor &x; expected no YAML anchors; write the value out where it is needed; put text that begins with & in quotes"),
        ("a: *x", "1:4: the alias *x; expected no YAML aliases; write the value out; put text that begins with * in quotes"),
        ("a: !!python/object:os.system x", "1:4: the tag tag:yaml.org,2002:python/object:os.system; expected no YAML tags; take it out; put text that begins with ! in quotes"),
        ("a: !secret x", "1:4: the tag !secret; expected no YAML tags; take it out; put text that begins with ! in quotes"),
        ("a: *.pdf", '1:5: a value that begins with * or &; expected plain text or a number; put it in quotes: "*.pdf"'),
        ("a: @x", '1:4: a value that begins with @; expected plain text or a number; put the whole value in quotes: "..."'),
        ("a: `x`", '1:4: a value that begins with `; expected plain text or a number; put the whole value in quotes: "..."'),
        ("a: {b: ${{ x }}}", f'1:9: a {{ }} that does not end properly; expected {_PAIRS}; put the expression in quotes: "${{{{ ... }}}}"'),
        ("a: {b: 1", f"2:1: a {{ }} that does not end properly; expected {_PAIRS}; {_AROUND}"),
        ("a: [1, 2", f"2:1: a [ ] that does not end properly; expected values between commas, then ]; {_AROUND}"),
        ("a: b: c", f"1:5: a colon inside a value or a wrong indentation; expected one `key: value` in a line; {_AROUND}"),
        ("a: ${{ 'x: y' }}", '1:10: a colon inside a value or a wrong indentation; expected one `key: value` in a line; put the expression in quotes: "${{ ... }}"'),
        ("a: 1\n b: 2", f"2:3: a colon inside a value or a wrong indentation; expected one `key: value` in a line; {_AROUND}"),
        ("a:\n    b: 1\n  c: 2", f"3:3: a line that does not fit; expected a key at the indentation of its neighbours; {_AROUND}"),
        ("- a\nb: 2", f"2:1: a line that does not fit; expected `- ` at the indentation of the list; {_AROUND}"),
        ("a: 1\nb\n", "3:1: a line without a colon; expected `key: value`; add the colon, or quote long text"),
        ("a: 'x", "1:4: a quote that is never closed; expected a closing quote; close it"),
        ('a: "x\n---\n', "2:1: a quote that is never closed; expected a closing quote; close it"),
        ('a: "\\q"', "1:5: an unknown \\ escape in double quotes; expected \\\\ for \\; use single quotes"),
        ("a: - b", f"1:4: a `- ` where no list can begin; expected the list in lines of its own; {_AROUND}"),
        ("a: !x!y z", '1:4: a value that begins with !; expected plain text or a number; put the whole value in quotes: "..."'),
        ("a: 1\n---\nb: 2", "2:1: a second document after ---; expected one document in a file; put it into a file of its own"),
        ("a: {[x]: 2}", "1:5: a list or mapping as a key; expected a name; write a name before the colon"),
        ("a:\n  {{ x }}: 2", '2:4: a list or mapping as a key; expected a name; put an expression in quotes: "${{ ... }}"'),
        ("a: x\x07", "1:5: a character that YAML does not allow; expected text without control characters; remove it"),
        ("a: " + "[" * 60 + "]" * 60, "1:53: values nested too deeply; expected at most 50 levels; split the workflow"),
    ],
    ids=lambda text: text[:20],
)  # fmt: skip
def test_what_surprises_is_refused_with_its_place(text: str, problem: str) -> None:
    with pytest.raises(WorkflowError) as caught:
        value(text)
    assert str(caught.value.problems[0]) == f"f.yaml:{problem}"


def test_all_that_can_be_told_at_once_is() -> None:
    with pytest.raises(WorkflowError) as caught:
        value("a: &x 1\na: *x\nb: !t c\n")
    assert len(caught.value.problems) == 4


def test_a_billion_laughs_are_refused_before_the_first() -> None:
    lines = ["a0: &a0 lol"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(WorkflowError, match="the anchor &a0"):
        value("\n".join(lines))


def test_a_file_that_is_too_large_missing_or_not_text_says_so(tmp_path: Path) -> None:
    with pytest.raises(
        WorkflowError, match=r"f.yaml:1:1: the file has 2,000,003 characters; expected at most 2,000,000"
    ):
        value("a: " + "x" * 2_000_000)
    with pytest.raises(WorkflowError) as missing:
        read_yaml(tmp_path / "no.yaml")
    assert str(missing.value).endswith(
        "no.yaml:1:1: the file cannot be read: No such file or directory; expected a YAML file; check the path"
    )
    with pytest.raises(WorkflowError, match="the file cannot be read: Is a directory.*check its permissions"):
        read_yaml(tmp_path)
    (tmp_path / "latin.yaml").write_bytes(b"a: 1\nb: caf\xe9\n")
    with pytest.raises(WorkflowError) as latin:
        read_yaml(tmp_path / "latin.yaml", "latin.yaml")
    assert (
        str(latin.value) == "latin.yaml:2:7: a byte that is not UTF-8; expected text in UTF-8; save the file as UTF-8"
    )


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(PLAIN, max_size=20),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(PLAIN, max_size=6), inner, max_size=4),
        max_leaves=15,
    )
)
def test_json_is_read_as_it_was_written(data: Any) -> None:
    """Every JSON text is YAML."""
    assert value(json.dumps({"data": data})) == {"data": data}


@given(st.text(alphabet="ab:-[]{}'\"|>#&*!%@, \n0", max_size=60))
def test_whatever_is_written_is_read_or_refused(text: str) -> None:
    try:
        value(text)
    except WorkflowError as error:
        assert all(problem.location.line >= 1 and problem.location.column >= 1 for problem in error.problems)
