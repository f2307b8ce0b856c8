"""A trend as a line in a picture that is drawn here: no script, readable in light and dark, with its numbers beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.measures.tiles import Point

WIDTH, HEIGHT, EDGE = 320.0, 64.0, 4.0


@dataclass(frozen=True, slots=True)
class Chart:
    """`lines` are the stretches between days without a figure, `last` the place of the latest one."""

    lines: tuple[str, ...]
    areas: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]
    last: tuple[float, float] | None
    told: str

    @property
    def box(self) -> str:
        return f"0 0 {WIDTH:g} {HEIGHT:g}"


def chart(points: Sequence[Point]) -> Chart | None:
    """The picture of a trend; None where fewer than two days have a figure."""
    known = [point for point in points if point.value is not None]
    if len(known) < 2:
        return None
    values = [point.value for point in known if point.value is not None]
    top, bottom = max(values), min(0.0, *values)
    reach = top - bottom or 1.0
    step = (WIDTH - 2 * EDGE) / max(len(points) - 1, 1)
    stretches: list[list[tuple[float, float]]] = [[]]
    for number, point in enumerate(points):
        if point.value is None:
            stretches.append([])
            continue
        y = HEIGHT - EDGE - (point.value - bottom) / reach * (HEIGHT - 2 * EDGE)
        stretches[-1].append((round(EDGE + number * step, 1), round(y, 1)))
    drawn = [stretch for stretch in stretches if stretch]
    best, least = max(known, key=_height), min(known, key=_height)
    told = f"From {known[0].text} on {known[0].name} to {known[-1].text} on {known[-1].name}; "
    told += f"highest {best.text} on {best.name}, lowest {least.text} on {least.name}."
    return Chart(
        tuple(_path(stretch) for stretch in drawn if len(stretch) > 1),
        tuple(_area(stretch) for stretch in drawn if len(stretch) > 1),
        tuple(stretch[0] for stretch in drawn if len(stretch) == 1),
        drawn[-1][-1],
        told,
    )


def _height(point: Point) -> float:
    return point.value or 0.0


def _path(stretch: Sequence[tuple[float, float]]) -> str:
    return "M" + " L".join(f"{x:g} {y:g}" for x, y in stretch)


def _area(stretch: Sequence[tuple[float, float]]) -> str:
    floor = HEIGHT - EDGE
    return f"{_path(stretch)} L{stretch[-1][0]:g} {floor:g} L{stretch[0][0]:g} {floor:g} Z"
