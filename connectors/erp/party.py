"""A party: whom we buy from or sell to."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NewParty:
    """What is needed to create one. `country` is an ISO 3166 two-letter code; `address` free text, lines kept."""

    name: str
    tax_id: str | None = None
    iban: str | None = None
    country: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """One that the ERP has. `id` is the ERP's, opaque; `ours` marks the company whose books these are."""

    id: str
    name: str
    tax_id: str | None = None
    iban: str | None = None
    ours: bool = False


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same but for case and spaces."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def compact(number: str) -> str:
    """A tax id or an IBAN without what people put in for reading: `DE 811.193.231` is `DE811193231`."""
    return re.sub(r"[\W_]", "", number).upper()
