"""The texts of calls: which of them are ids, keys and words."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query
from pydantic import Field, StringConstraints

CLEAN = r"^[^\x00]*$"
Text = Annotated[str, StringConstraints(pattern=CLEAN, max_length=4000)]
Long = Annotated[str, StringConstraints(pattern=CLEAN, max_length=20_000)]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.@:-]{1,200}$")]
Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.@:-]{1,200}$", description="The id or name.")]
Word = Annotated[str, Query(pattern=CLEAN, max_length=200)]
Seen = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{64}$"),
    Field(description="`seen` of the exception as it was read: what is decided is what was shown."),
]
Key = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{8,200}$")]
