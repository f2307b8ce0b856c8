"""The taxes of a document by rate: what each rate is on and what it comes to, as printed or as the amounts prove it."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from bots.documents.document import DocumentProblem, Finding, LineItem, TaxShare
from bots.documents.invoices.candidates import Evidence
from bots.documents.invoices.line_rows import Number, numbers_of
from bots.documents.pages.page import Line

CENT = Decimal("0.01")
ROUNDING = Decimal("0.02")
HIGHEST = Decimal(30)  # per cent; no tax on sales is higher
MOST = 4  # shares of one rate that are looked at, and rates


def tax_breakdown(evidence: Evidence, fields: Mapping[str, Finding], lines: Sequence[LineItem]) -> list[TaxShare]:
    """The taxes by rate, highest rate first; empty where the document does not show them or they prove nothing.

    Printed rows count where rate times basis is the amount and all together come to the net and the tax. Without such
    rows one rate that fits net and tax is taken, or the sums of the lines by their rates.
    """
    net, tax, total = (_amount(fields, name) for name in ("net_total", "tax_total", "total"))
    printed = list(_printed(evidence, lines))
    chosen = _chosen(printed, net, tax, total)
    if not chosen and tax:
        basis = net if net is not None else total - tax if total is not None else None
        chosen = _single(evidence, lines, basis, tax) or _of_lines(lines, basis, tax)
    return sorted(chosen, key=lambda share: -share.rate)


def tax_problems(
    shares: Sequence[TaxShare], evidence: Evidence, fields: Mapping[str, Finding]
) -> list[DocumentProblem]:
    """Where the taxes by rate contradict what they are on, or the tax total."""
    tax = _amount(fields, "tax_total")
    if shares or not tax:
        return []
    for line in _lines(evidence, ()):
        numbers = numbers_of(line, evidence)
        rates = [number.value for number in numbers if number.amount.percent and 0 < number.value <= HIGHEST]
        money = [number.value for number in numbers if number.amount.money]
        if len(rates) != 1 or len(money) != 2 or money[1] != tax or abs(money[0]) <= abs(tax):
            continue
        rate, basis = rates[0], money[0]
        due = (basis * rate / 100).quantize(CENT, ROUND_HALF_UP)
        message = f"{rate} % of {basis} is {due}, but the tax says {tax}; compare the taxes with the page"
        return [DocumentProblem("TAX_DISAGREES", message, ("tax_total",))]
    return []


def _amount(fields: Mapping[str, Finding], name: str) -> Decimal | None:
    value = fields[name].value if name in fields else None
    return value if isinstance(value, Decimal) else None


def _lines(evidence: Evidence, items: Iterable[LineItem]) -> Iterator[Line]:
    """The lines outside of the items' rows."""
    taken = [(item.page, item.box) for item in items if item.box is not None]
    for page in evidence.pages:
        for line in page.lines:
            middle = (line.box[1] + line.box[3]) / 2
            if not any(number == page.number and box[1] - 1 <= middle <= box[3] + 1 for number, box in taken):
                yield line


def _printed(evidence: Evidence, items: Iterable[LineItem]) -> Iterator[TaxShare]:
    """Lines with a rate, an amount it is on and what it comes to."""
    for line in _lines(evidence, items):
        numbers = numbers_of(line, evidence)
        money = [number for number in numbers if number.amount.money]
        if len(money) < 2:
            continue
        for rate in _rates(numbers):
            shares = list(_shares(rate, [number for number in money if number is not rate], line))
            if shares:
                yield from shares
                break


def _rates(numbers: Sequence[Number]) -> Iterator[Number]:
    """What may be a rate: percentages first, then bare numbers."""
    small = [number for number in numbers if 0 <= number.value <= HIGHEST]
    yield from (number for number in small if number.amount.percent)
    yield from (number for number in small if not number.amount.percent and not number.amount.currency and number.value)


def _shares(rate: Number, money: Sequence[Number], line: Line) -> Iterator[TaxShare]:
    """The pairs of amounts that the rate joins: basis and tax, or tax and what it is contained in."""
    percent = rate.value
    for first, second in itertools.permutations(money, 2):
        basis, amount = first.value, second.value
        if abs(basis) < abs(amount) or not basis:
            continue
        if not percent and (amount or not rate.amount.percent):
            continue
        inside = basis - amount
        if abs(basis * percent / 100 - amount) <= ROUNDING:
            yield TaxShare(percent, basis, amount, line.page, line.box)
        elif percent and len(money) == 2 and abs(inside * percent / 100 - amount) <= CENT:
            yield TaxShare(percent, inside, amount, line.page, line.box)


def _chosen(
    printed: Sequence[TaxShare], net: Decimal | None, tax: Decimal | None, total: Decimal | None
) -> list[TaxShare]:
    """One share for each rate, so that all come to the tax, and to what it is on."""
    by_rate: dict[Decimal, list[TaxShare]] = defaultdict(list)
    for share in printed:
        known = by_rate[share.rate]
        if not any((share.basis, share.amount) == (one.basis, one.amount) for one in known) and len(known) < MOST:
            known.append(share)
    best: tuple[int, int, list[TaxShare]] = (0, 0, [])
    rates = sorted(by_rate, reverse=True)[:MOST]
    for count in range(1, len(rates) + 1):
        for chosen_rates in itertools.combinations(rates, count):
            for shares in itertools.product(*(by_rate[rate] for rate in chosen_rates)):
                fit = _fit(shares, net, tax, total)
                if fit and (fit, count) > best[:2]:
                    best = (fit, count, list(shares))
    return best[2]


def _fit(shares: Sequence[TaxShare], net: Decimal | None, tax: Decimal | None, total: Decimal | None) -> int:
    """How many of the document's sums the shares come to; 0 where they contradict its tax."""
    bases = sum((share.basis for share in shares), Decimal(0))
    taxes = sum((share.amount for share in shares), Decimal(0))
    if tax is not None and abs(taxes - tax) > ROUNDING:
        return 0
    fits = (tax is not None) + (net is not None and abs(bases - net) <= ROUNDING)
    return fits + (total is not None and abs(bases + taxes - total) <= ROUNDING)


def _single(evidence: Evidence, lines: Sequence[LineItem], basis: Decimal | None, tax: Decimal) -> list[TaxShare]:
    """The one rate named anywhere in the document that makes the tax of the net."""
    if basis is None:
        return []
    rates = {line.tax_rate for line in lines if line.tax_rate}
    where: dict[Decimal, Line] = {}
    for line in _lines(evidence, ()):
        if "%" in line.text:
            for number in numbers_of(line, evidence):
                if number.amount.percent and 0 < number.value <= HIGHEST:
                    where.setdefault(number.value, line)
    fitting = [rate for rate in {*rates, *where} if abs(basis * rate / 100 - tax) <= ROUNDING]
    if len(fitting) != 1:
        return []
    found = where.get(fitting[0])
    return [TaxShare(fitting[0], basis, tax, found.page if found else None, found.box if found else None)]


def _of_lines(lines: Sequence[LineItem], basis: Decimal | None, tax: Decimal) -> list[TaxShare]:
    """The lines added up by rate, where each has one and all come to the net and the tax."""
    bases: dict[Decimal, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.tax_rate is None or line.net_total is None:
            return []
        bases[line.tax_rate] += line.net_total
    shares = [
        TaxShare(rate, amount, (amount * rate / 100).quantize(CENT, ROUND_HALF_UP)) for rate, amount in bases.items()
    ]
    taxes = sum((share.amount for share in shares), Decimal(0))
    if basis is None or abs(sum(bases.values(), Decimal(0)) - basis) > ROUNDING or abs(taxes - tax) > ROUNDING:
        return []
    return shares
