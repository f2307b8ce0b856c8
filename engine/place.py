"""A value of a workflow file together with where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.errors import Location
from engine.yaml_source import LocationOf, Mark, MarkedMapping, Source, mark_of


@dataclass(frozen=True, slots=True)
class Place:
    source: Source
    value: Any
    mark: Mark

    @classmethod
    def top(cls, source: Source) -> Place:
        return cls(source, source.value, source.mark)

    @property
    def location(self) -> Location:
        return self.source.location(self.mark)

    @property
    def line(self) -> int:
        return self.mark.line + 1

    @property
    def location_of(self) -> LocationOf:
        """Locates characters of the texts inside, for templates."""
        return self.source.inside(self.value, self.mark)

    def key(self, name: str) -> Location:
        """Where the key stands; this place itself if there is no such key."""
        return self.source.key(self.value, name)

    def has(self, name: str | int) -> bool:
        return mark_of(self.value, name) is not None

    def at(self, name: str | int) -> Place:
        """The value of a key, or the entry of a list; this place with no value if there is none."""
        mark = mark_of(self.value, name)
        if mark is None:
            return Place(self.source, None, self.mark)
        return Place(self.source, self.value[name], mark)

    def under(self, name: str) -> Place:
        """This value as the one entry of a mapping: the long form of what was written short."""
        mapping = MarkedMapping(self.mark)
        mapping[name] = self.value
        mapping.keys_at[name] = mapping.values_at[name] = self.mark
        return Place(self.source, mapping, self.mark)

    def entries(self) -> Iterator[Place]:
        """The entries of a list; nothing for anything else."""
        if isinstance(self.value, list):
            for number in range(len(self.value)):
                yield self.at(number)

    def items(self) -> Iterator[tuple[str, Place]]:
        """The keys and values of a mapping; nothing for anything else."""
        if isinstance(self.value, dict):
            for name in self.value:
                yield name, self.at(name)
