"""A web system on tape: what it answered, keyed by the request and by what was sent to it before.

Nothing here knows a browser. A tape is a list of exchanges in the order of their requests. Its state is the number of
requests that change data (POST, PUT, PATCH, DELETE) which were answered so far: a search after a posting is another
exchange than the same search before it.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, urlencode, urlsplit

from pydantic import BaseModel, ConfigDict, Field

from bots.browser.holding import UNSAFE
from bots.browser.preview import MASK, is_secret
from engine.errors import BusinessException

DISTINCT = 3
"""Letters a recorded value must have at least to be found again in a page: a `7` stands everywhere."""


class Exchange(BaseModel):
    """One request and its answer."""

    model_config = ConfigDict(extra="forbid")

    request: str = Field(description="The method and the address, as in `GET /entries?q=7`")
    site: str = Field(default="", description="The connection; empty for an address that is written whole")
    after: int = Field(default=0, ge=0, description="How many requests that change data went before it")
    fields: Any = Field(default=None, description="What it carried, by name; secrets masked")
    status: int = Field(default=200, description="The status of the answer")
    type: str = Field(default="", description="The media type of the answer")
    location: str | None = Field(default=None, description="Where the answer leads on")
    disposition: str | None = Field(default=None, description="How the browser treats it, as `attachment`")
    body: str = Field(default="", description="The text of the answer")
    base64: str | None = Field(default=None, description="The answer, where it is no text")

    @property
    def changes(self) -> bool:
        return self.request.partition(" ")[0] in UNSAFE


class Tape(BaseModel):
    """The file: sites by name, and what they answered."""

    model_config = ConfigDict(extra="forbid")

    tape: int = Field(default=1, ge=1, le=1, description="The version of this format")
    sites: dict[str, str] = Field(default_factory=dict, description="Name of a connection to its origin when recorded")
    exchanges: list[Exchange] = Field(description="Requests and answers, in the order of the requests")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of the page, in the words of the tape."""

    request: str
    site: str
    fields: Any


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that changes data, as the workflow sent it."""

    request: str
    fields: Any


def named(method: str, url: str, origins: Mapping[str, str]) -> tuple[str, str]:
    """`(request, site)`: the address without its origin where that is a site's; secrets in its query masked."""
    place = urlsplit(url)
    site = next((name for name, origin in origins.items() if origin == f"{place.scheme}://{place.netloc}"), "")
    pairs = [(name, value) for name, value in parse_qsl(place.query, keep_blank_values=True) if name != "_"]
    query = _query((name, MASK if is_secret(name) else value) for name, value in pairs)
    start = "" if site else f"{place.scheme}://{place.netloc}"
    return f"{method} {start}{place.path or '/'}{'?' + query if query else ''}", site


@dataclass
class Playing:
    """A tape at work: its state, what was sent, and which values stand for recorded ones."""

    tape: Tape
    file: str
    state: int = 0
    sent: list[Sent] = field(default_factory=list)
    _substitutes: dict[str, str] = field(default_factory=dict)
    _times: dict[tuple[str, str, int], int] = field(default_factory=dict)

    def answer(self, asked: Asked) -> Exchange:
        """What the system answered to this request in this state; BusinessException NOT_ON_TAPE."""
        if asked.request.partition(" ")[0] in UNSAFE:
            return self._advance(asked)
        wanted = self._as_recorded(asked.request)
        same = [one for one in self.tape.exchanges if (one.request, one.site) == (wanted, asked.site)]
        reached = [one for one in same if one.after <= self.state]
        if not reached:
            raise self._unknown(asked, self._only_later(same))
        newest = max(one.after for one in reached)
        choices = [one for one in reached if one.after == newest]
        turn = (wanted, asked.site, newest)
        number = self._times[turn] = self._times.get(turn, -1) + 1
        return choices[min(number, len(choices) - 1)]

    def text(self, recorded: str) -> str:
        """The text of an answer, with the values of this run in place of the recorded ones."""
        forms: dict[str, str] = {}
        for before, after in self._substitutes.items():
            for form in (str, html.escape, quote, quote_plus, _in_json):
                forms.setdefault(form(before), form(after))
        if not forms:
            return recorded
        longest_first = sorted(forms, key=len, reverse=True)
        return re.sub("|".join(map(re.escape, longest_first)), lambda found: forms[found[0]], recorded)

    def _advance(self, asked: Asked) -> Exchange:
        wanted = self._as_recorded(asked.request)
        same = [one for one in self.tape.exchanges if (one.request, one.site) == (wanted, asked.site)]
        if not same:
            raise self._unknown(asked, "")
        # The next of its kind; when all of them are played, the last once more: a form may be sent for each item.
        coming = [one for one in same if one.after >= self.state] or same[-1:]
        flat = flattened(asked.fields)
        chosen = next((one for one in coming if flattened(one.fields) == flat), None)
        if chosen is None:
            chosen = next((one for one in coming if flattened(one.fields).keys() == flat.keys()), None)
            if chosen is None:
                raise self._unknown(asked, _other_names(flattened(coming[0].fields), flat))
            self._substitute(asked, flattened(chosen.fields), flat)
        self.sent.append(Sent(asked.request, asked.fields))
        self.state = max(self.state, chosen.after + 1)
        return chosen

    def _substitute(self, asked: Asked, recorded: Mapping[str, str], given: Mapping[str, str]) -> None:
        found: dict[str, str] = {}
        for name, before in recorded.items():
            after = given[name]
            if before == after:
                continue
            if len(before) < DISTINCT or found.get(before, after) != after or MASK in (before, after):
                why = f"{name} is {after!r}, the tape has {before!r}, which cannot be told from other text"
                raise self._unknown(asked, why)
            found[before] = after
        self._substitutes |= found

    def _as_recorded(self, request: str) -> str:
        """The address with the recorded values in place of this run's, in its query and its path."""
        back = {after: before for before, after in self._substitutes.items()}
        method, _, address = request.partition(" ")
        path, mark, query = address.partition("?")
        path = "/".join(quote(back[one]) if one in back else one for one in path.split("/"))
        pairs = [(name, back.get(value, value)) for name, value in parse_qsl(query, keep_blank_values=True)]
        return f"{method} {path}{mark}{_query(pairs)}"

    def _only_later(self, same: Iterable[Exchange]) -> str:
        first = min((one.after for one in same), default=None)
        if first is None:
            return ""
        missing = [one.request for one in self.tape.exchanges if one.changes and self.state <= one.after < first]
        return f"the tape has it only after {', '.join(missing)}, which this run has not sent"

    def _unknown(self, asked: Asked, why: str) -> BusinessException:
        known = dict.fromkeys(one.request for one in self.tape.exchanges if one.site == asked.site)
        near = max(known, key=lambda one: SequenceMatcher(None, one, asked.request).ratio(), default=None)
        told = why or (f"the nearest it has is {near}" if near else "it has nothing of this system")
        state = f"after {self.state} requests that change data" if self.state else "before anything was sent"
        return BusinessException(
            "NOT_ON_TAPE",
            f"{self.file} has no answer to {asked.request} ({state}); {told}",
            advice="record the run again with `run --record-web`, or correct the step",
            details={"request": asked.request, "nearest": near},
        )


def _query(pairs: Iterable[tuple[str, str]]) -> str:
    return urlencode(list(pairs), safe="/@:").replace(quote(MASK), MASK)


def flattened(value: Any, name: str = "") -> dict[str, str]:
    """`{"a.b": "1", "c.0": "x"}` of nested fields."""
    if isinstance(value, Mapping):
        parts: Iterable[tuple[str, Any]] = ((str(key), inner) for key, inner in value.items())
    elif isinstance(value, list):
        parts = ((str(number), inner) for number, inner in enumerate(value))
    else:
        return {} if value is None else {name: str(value)}
    found: dict[str, str] = {}
    for key, inner in parts:
        found |= flattened(inner, f"{name}.{key}" if name else key)
    return found


def _other_names(recorded: Mapping[str, str], given: Mapping[str, str]) -> str:
    missing, more = sorted(recorded.keys() - given.keys()), sorted(given.keys() - recorded.keys())
    parts = [f"it lacks the fields {', '.join(missing)}"] if missing else []
    parts += [f"the tape has no field {', '.join(more)}"] if more else []
    return " and ".join(parts)


def _in_json(text: str) -> str:
    return json.dumps(text)[1:-1]
