"""What a document says about when to pay: days from its date, the end of the month, discounts for paying early.

A due date that follows from such words is calculated and not printed: it is a candidate of its own, never a sure one.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from bots.documents.pages.page import Line, Page

LONGEST = 180  # days; more than that is a warranty
_DAYS = re.compile(
    r"(?<![\d.,/])(?P<days>\d{1,3})\s?(?:kalender|arbeits|werk)?(?:tagen?|tage|days?|jours|d[ií]as|giorni|gg|dagen|dni)\b",
    re.IGNORECASE,
)
_NET = re.compile(r"\bnet(?:to)?[ :]{1,2}(?P<days>\d{1,3})\b(?!\s?%|[.,/]\d)", re.IGNORECASE)
_SHORT = re.compile(
    r"\b(?P<percent>\d(?:[.,]\d)?)\s?%?\s?/\s?(?P<early>\d{1,2}),?\s?n(?:et)?\s?/?\s?(?P<days>\d{2,3})\b", re.IGNORECASE
)
_PERCENT = re.compile(r"(?P<percent>\d{1,2}(?:[.,]\d{1,2})?)\s?%")
_MONTH_END = re.compile(
    r"fin de mois|end of (?:the )?month|\beom\b|monatsende|ende des monats|fine mese|\bf\.? ?m\.?(?=\W|$)|fin de mes|"
    r"einde (?:van de )?maand|fim do m[eê]s|koniec miesi[aą]ca",
    re.IGNORECASE,
)
_PAYING = re.compile(
    r"zahl|fällig|überweis|netto|rein netto|\bpay|\bdue\b|\bnet\b|terms|paie|règle|échéance|\bpag[ao]|\bpagam|vencim|"
    r"scaden|bonifico|betal|voldaan|płat|zapłat|przelew|"
    r"date (?:de |of )?(?:la )?(?:facture|invoice)|fecha (?:de )?factura|"
    r"data (?:da )?(?:fatura|fattura)|\bd\.?f\.?\b|rechnungsdatum|factuurdatum|ohne abzug|fin de m|fine mese",
    re.IGNORECASE,
)
_OTHERWISE = re.compile(
    r"reklam|beanstand|widerruf|rückgabe|complain|return|claim|réclam|reclam|klacht|garant|warrant|delivery|liefer|livr|"
    r"entrega|consegn|lever|gültig|valid|kündig|mahn|verzug|overdue|late\b|retard",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[;.]\s|,\s|\b(?:oder|or|ou|sinon|otherwise|ansonsten|of|lub)\b|\s{2,}", re.IGNORECASE)


@dataclass(frozen=True)
class EarlyDiscount:
    """Per cent off for paying within some days."""

    percent: Decimal
    days: int


@dataclass(frozen=True)
class PaymentTerms:
    """When to pay, as said in words; `line`, `start` and `end` tell where the days stand."""

    days: int
    month_end: bool
    line: Line
    start: int
    end: int
    discounts: tuple[EarlyDiscount, ...] = ()

    def due(self, issued: date) -> date:
        """The day the terms come to for a document of this day."""
        day = issued + timedelta(days=self.days)
        return day.replace(day=calendar.monthrange(day.year, day.month)[1]) if self.month_end else day


def payment_terms(pages: Iterable[Page]) -> PaymentTerms | None:
    """The terms of a document: the first line that says days to pay in, with the discounts named anywhere."""
    discounts: list[EarlyDiscount] = []
    found: PaymentTerms | None = None
    for page in pages:
        for line in page.lines:
            if not any(letter.isdigit() for letter in line.text) or not _PAYING.search(line.text):
                continue
            discounts += [one for one in _discounts(line.text) if one not in discounts]
            found = found or _net(line)
    return replace(found, discounts=tuple(discounts)) if found is not None else None


def _clauses(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for match in _CLAUSE.finditer(text):
        yield start, text[start : match.start()]
        start = match.end()
    yield start, text[start:]


def _discounts(text: str) -> Iterator[EarlyDiscount]:
    short = _SHORT.search(text)
    if short:
        yield EarlyDiscount(_decimal(short["percent"]), int(short["early"]))
        return
    for _, clause in _clauses(text):
        percent, days = _PERCENT.search(clause), _DAYS.search(clause)
        if percent and days and not _OTHERWISE.search(clause) and Decimal(0) < _decimal(percent["percent"]) <= 10:
            yield EarlyDiscount(_decimal(percent["percent"]), int(days["days"]))


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


def _net(line: Line) -> PaymentTerms | None:
    short = _SHORT.search(line.text)
    if short:
        return PaymentTerms(int(short["days"]), False, line, short.start("days"), short.end())
    for start, clause in _clauses(line.text):
        match = _NET.search(clause) or _DAYS.search(clause)
        if match is None or _PERCENT.search(clause) or _OTHERWISE.search(clause):
            continue
        if 0 < int(match["days"]) <= LONGEST:
            month_end = bool(_MONTH_END.search(clause))
            return PaymentTerms(int(match["days"]), month_end, line, start + match.start(), start + match.end())
    return None
