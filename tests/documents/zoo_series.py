"""Several invoices of one made-up vendor: the same words, layout and parties, other numbers, dates, items and sums."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from datetime import timedelta

from tests.documents.zoo import Specimen
from tests.documents.zoo_bill import Bill, bill, truth
from tests.documents.zoo_layout import layout
from tests.documents.zoo_page import Painter


def series(seed: int, count: int) -> list[Specimen]:
    """The first `count` invoices of the vendor of a seed."""
    chosen = layout(seed)
    discounts = "discount" in chosen.columns
    first = bill(seed, discounts=discounts)
    made = [first, *(_next(first, seed, n, discounts=discounts) for n in range(1, count))]
    return [_drawn(one, seed, n) for n, one in enumerate(made)]


def _next(first: Bill, seed: int, n: int, *, discounts: bool) -> Bill:
    rng = random.Random(f"series {seed} {n}")
    other = bill(seed + 100_000 * n, first.country.land, discounts=discounts)
    later = timedelta(days=31 * n + rng.randint(0, 20))
    rows = {name: getattr(other, name) for name in ("items", "rebate", "shipping", "bases", "taxes")}
    if other.gross_prices != first.gross_prices or other.credit != first.credit or first.reverse:
        rows = {}
    return replace(
        first,
        number=_counted_on(first.number, first.issued.year, rng),
        issued=first.issued + later,
        due=first.due + later,
        order=re.sub(
            r"\d{3,}", lambda run: str(rng.randint(10 ** (len(run[0]) - 1), 10 ** len(run[0]) - 1)), first.order
        ),
        delivery_no=f"LS{rng.randint(100000, 999999)}",
        **rows,
    )


def _counted_on(number: str, year: int, rng: random.Random) -> str:
    """The same form of number with another count in it."""
    runs = [run for run in re.finditer(r"\d+", number) if run[0] != str(year)] or list(re.finditer(r"\d+", number))
    run = max(runs, key=lambda run: len(run[0]))
    count = str(rng.randint(10 ** max(len(run[0]) - 1, 0), 10 ** len(run[0]) - 1))
    return number[: run.start()] + count + number[run.end() :]


def _drawn(made: Bill, seed: int, n: int) -> Specimen:
    chosen = layout(seed)
    painter = Painter(made, chosen, random.Random(f"paint {seed}"))
    pdf = painter.draw()
    name = f"series-{seed:05}-{n}.pdf"
    row = {"file": name, **truth(made, painter.printed), "layout": chosen.name}
    return Specimen(seed, pdf, row, chosen)
