"""What looks like the name of a company or a person, and what only stands where a name may stand."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bots.documents.document import Box
from bots.documents.words.lexicon import legal_form, squeeze

SENDER = re.compile(r"\s*[·•|●∙◦–]\s*|\s+[-*]\s+")
"""What parts the name from the street in the small line over the address window."""
POSTAL = re.compile(
    r"(?:^|[\s,;·|•-])(?:(?:[A-Z]{1,3}[- ])?(?:\d{4,6}(?:-\d{3,4})?|\d{2}-\d{3}|\d{3} \d{2})(?:\s-)?\s{0,2}"
    r"[A-ZÄÖÜÉÀŁŚŻ][^\W\d]"
    r"|[A-Z]{2},? \d{5}(?:-\d{4})?\b|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|\d{4} ?[A-Z]{2}\b|[A-Z]\d[A-Z] \d[A-Z]\d\b)"
)
"""A postal code with its town, as written in Europe and North America."""
STREET = re.compile(
    r"(?:^\d+\s?(?:[a-z]|bis|ter)?,?\s[^\W\d])|(?:[^\W\d]{3,}\.?,?\s\d{1,4}\s?[a-z]?(?:[/-]\w{1,4})?$)"
    r"|\b(?:street|road|lane|avenue|suite|unit|floor|p\.?\s?o\.?\s?box|postfach|straße|strasse|str\.|gasse|weg|platz|rue|"
    r"boulevard|chemin|quai|zi|b\.?p\.?|calle|c/|avda\.?|plaza|pol\. ind|via|viale|corso|piazza|straat|laan|gracht|"
    r"rua|av\.|praça|lote|ul\.|al\.|os\.|zona industrial|polígono|zone industrielle|zone artisanale|industrial estate|"
    r"business park|gewerbepark|gewerbegebiet|industrieterrein)(?=[\s.,]|$)",
    re.IGNORECASE,
)
KEYED = re.compile(r"^[^\W\d][\w .'’()/&\-]{1,34}\s?:")
"""A label with its colon at the beginning of a cell."""
_HOUSE = re.compile(r"([^\W\d]\.?)\s+\d{1,4}(?:\s?(?:bis|ter|[a-z]))?$")  # the number of a house before its street
_COMMA = re.compile(r",\s+")
_NOT_NAME = re.compile(
    r"@|www\.|https?:|\d{5,}|\b(?:iban|bic|swift|tel|fax|telefon|phone|email|e-mail|geschäftsführer\w*|amtsgericht|"
    r"registergericht|handelsregister|street|straße|strasse|str\.|rue|avenue|page|seite|datum|date|thank|dear|"
    r"sehr geehrte\w*|total|summe|capital|bank|sparkasse|volksbank|kontoinhaber|nummer|number|tél|téléphone|teléfono|"
    r"telefono|telefone|página|pagina|strona|blad|data|fecha|amount|betrag|montant|importe|importo|bedrag|kwota|"
    r"iva|tva|btw|mwst|vat|nif|nip|cif|siret|siren|kvk|regon|krs|hrb|page\s\d)\b",
    re.IGNORECASE,
)
_ATTENTION = re.compile(
    r"^(?:attn|att|attention|z\.? ?hd|z\. ?h|zu händen|c/o|à l['’]attention|a l['’]attention|t\.?a\.?v|ter attentie|"
    r"a la atención|alla c\.a|c\.a|a/c|do rąk|m\.|mr\.?|mrs\.?|ms\.?|herrn?|frau|monsieur|madame)\b",
    re.IGNORECASE,
)
_DOCUMENT = re.compile(
    r"\b(?:invoice|rechnung|facture|factura|fattura|factuur|fatura|faktura|gutschrift|credit note|avoir|nota)\b",
    re.IGNORECASE,
)
_GREETING = frozenset(
    squeeze(text)
    for text in (
        "An", "An die", "An den", "Firma", "Fa.", "Herrn", "Frau", "Familie", "To", "Messrs", "Messrs.", "Spett.le",
        "Spett.le Ditta", "Spettabile", "Egr. Sig.", "Gent.le", "Gent.mo Sig.", "Exmo.(s) Sr.(s)", "Exmo. Sr.",
        "Exmos. Senhores", "Exmos. Srs.", "Ex.mo(s) Sr.(s)", "Sr./Sra.", "Sr.", "Sra.", "Srs.", "Sres.",
        "Aan", "Aan:", "À", "A",
        "À l'attention de", "De heer", "Mevrouw", "Szanowni Państwo", "Sz. P.", "Attention", "Attn",
    )
)  # fmt: skip
"""Words that stand alone over a name and greet it."""
_PREFIX = re.compile(r"^(?:firma|fa\.|spett\.?le|messrs\.?|sté|société|ditta)\s+(?=\w)", re.IGNORECASE)


@dataclass
class Name:
    """A possible name with its place and what speaks for either role, or for another one (where goods are sent)."""

    text: str
    page: int
    box: Box
    confidence: float
    seller: float = 0.0
    buyer: float = 0.0
    other: float = 0.0
    said: str = ""  # the role that a label gives it


def name_like(text: str) -> bool:
    """Whether a text may be a name: mostly letters, no address, no label of another thing."""
    letters = sum(letter.isalpha() for letter in text)
    if STREET.search(text) and not legal_form().search(text):
        return False
    return (
        letters >= 3 and letters > 0.55 * len(text.replace(" ", "")) and len(text) < 70 and not _NOT_NAME.search(text)
    )


def greeting(text: str) -> bool:
    """Whether a text is only the greeting over an address."""
    return squeeze(text) in _GREETING


def attention(text: str) -> bool:
    """Whether a text names the person at the buyer's, not the buyer."""
    return bool(_ATTENTION.match(text.strip()))


def titles_document(text: str) -> bool:
    """Whether a text names the document (`Rechnung 2024-17`) and nobody."""
    return bool(_DOCUMENT.search(text)) and not legal_form().search(text)


def name_parts(text: str) -> list[str]:
    """A line cut where the name may end and the address begin, by dots and bars, else by commas."""
    parts = SENDER.split(text)
    return parts if len(parts) > 1 else _COMMA.split(text)


def bare_name(text: str) -> str:
    """The name at the beginning of a line that goes on with the address: `Muster GmbH, Hauptstr. 1, 04109 Leipzig`."""
    text = _PREFIX.sub("", text.strip())
    parts = name_parts(text)
    if len(parts) < 2:
        return _before_address(text)
    if SENDER.search(text) and legal_form().search(parts[0]):
        return parts[0]  # behind a dot stands the address, the register or the capital, never more of a whole name
    for count, part in enumerate(parts[1:], start=1):
        if part.isdigit() or STREET.search(part) or POSTAL.search(part) or _NOT_NAME.search(part):
            kept = text[: text.index(part, sum(len(one) for one in parts[:count]))]
            kept = kept.rstrip(" ,·•|●∙◦–-*")
            return _HOUSE.sub(r"\1", kept) if legal_form().search(kept) else kept
    return text


def _before_address(text: str) -> str:
    """The name up to its legal form where the address or the document's title follows with only a blank between."""
    end = 0
    for form in legal_form().finditer(text):
        if not end or form.start() - end < 4:
            end = form.end()
    rest = text[end:]
    return text[:end] if end and (POSTAL.search(rest) or _DOCUMENT.search(rest)) else text
