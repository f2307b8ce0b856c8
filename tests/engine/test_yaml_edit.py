"""One text of a file is changed; every other character stays."""

from __future__ import annotations

import pytest

from engine.yaml_edit import replaced, scalar
from engine.yaml_source import parse_yaml

FILE = """\
# Save is not touched here
steps:
  - browser: # a note
      do:
        - click: Save   # the button
        - fill: {"Save": x, 'No.': "Save"}
        - see: Saved
  - set: {Save: 1}
"""


def test_keys_and_values_of_the_place_alone_are_changed() -> None:
    source = parse_yaml(FILE, "a.yaml")
    text, lines = replaced(source, source.value["steps"][0], "Save", "Store: now")
    assert text == FILE.replace("click: Save ", 'click: "Store: now" ').replace('"Save"', '"Store: now"')
    assert lines == [5, 6, 6]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Store", "Store"),
        ("Nº de factura", "Nº de factura"),
        ("yes", "yes"),  # a text by the rules of YAML 1.2
        ("12", '"12"'),
        ("true", '"true"'),
        ("", '""'),
        ("row=7 >> Open", '"row=7 >> Open"'),
        ('css=input[name="a"]', '"css=input[name=\\"a\\"]"'),
        ("- a", '"- a"'),
        (" a", '" a"'),
    ],
)
def test_a_text_is_quoted_only_where_it_would_be_read_as_something_else(text: str, written: str) -> None:
    assert scalar(text) == written
    assert parse_yaml(f"- {written}\n", "a.yaml").value == [text]
    assert parse_yaml(f"{written}: 1\n", "a.yaml").value == {text: 1}
