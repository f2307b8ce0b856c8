"""Bank accounts in print: grouped, glued to what follows, misread."""

from __future__ import annotations

from bots.documents.invoices.atoms import line_atoms
from bots.documents.pages.page import Word, lines_of
from bots.documents.words.locale import Locale


def ibans(text: str) -> list[tuple[str, bool]]:
    """The accounts found in a line of print, and whether their checksum holds."""
    words, x = [], 0.0
    for part in text.split():
        words.append(Word(part, (x, 0.0, x + 6.0 * len(part), 10.0)))
        x += 6.0 * len(part) + 3
    (line,) = lines_of(1, words)
    return [
        (str(atom.value), atom.checked)
        for atom in line_atoms(line, Locale("de", ",", True, "EUR"))
        if atom.kind == "iban"
    ]


def test_an_account_in_groups_ends_where_its_country_says() -> None:
    assert ibans("IBAN: DE89 3704 0044 0532 0130 00 BIC COBADEFF") == [("DE89370400440532013000", True)]


def test_print_that_touches_the_account_is_not_part_of_it() -> None:
    assert ibans("IBAN: DE89 3704 0044 0532 0130 00Steuer-Nr. 238644695") == [("DE89370400440532013000", True)]
    assert ibans("GB29 NWBK 6016 1331 9268 19Registered in England") == [("GB29NWBK60161331926819", True)]


def test_a_number_after_the_account_is_not_its_tail() -> None:
    assert ibans("NL91 ABNA 0417 1643 00 1234 5678") == [("NL91ABNA0417164300", True)]


def test_two_accounts_in_a_line_are_two() -> None:
    assert ibans("DE89370400440532013000 / NL91ABNA0417164300") == [
        ("DE89370400440532013000", True),
        ("NL91ABNA0417164300", True),
    ]


def test_a_misread_account_is_kept_and_marked_as_failing_its_checksum() -> None:
    assert ibans("IBAN DE89 3704 0044 0532 0130 01") == [("DE89370400440532013001", False)]
