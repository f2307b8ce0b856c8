"""Words of user interfaces that mean the same, in eight languages: two names agree, say nothing, or contradict.

Only words whose meaning is the same in every business application; a name that is not listed is compared by its
letters alone.
"""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher
from functools import cache

_MEANINGS = {
    # what a person does                en | de | fr | es | it | nl | pt | pl
    "save": "save store|speichern sichern|enregistrer sauvegarder|guardar|salva salvare|opslaan bewaren|"
    "salvar gravar|zapisz",
    "cancel": "cancel abort|abbrechen|annuler|cancelar|annulla|annuleren|cancelar|anuluj",
    "delete": "delete remove erase|löschen entfernen|supprimer effacer|eliminar borrar suprimir|"
    "elimina cancella rimuovi|verwijderen wissen|excluir apagar remover|usuń skasuj",
    "void": "void reverse revoke|stornieren storno widerrufen|contrepasser révoquer|revocar|stornare revoca|"
    "storneren intrekken|estornar revogar|stornuj",
    "add": "add insert append|hinzufügen|ajouter|añadir agregar|aggiungi|toevoegen|adicionar|dodaj",
    "new": "new create|neu neue neuer anlegen erstellen|nouveau nouvelle créer|nuevo nueva crear|nuovo nuova crea|"
    "nieuw nieuwe aanmaken|novo nova criar|nowy nowa utwórz",
    "edit": "edit modify change|bearbeiten ändern|modifier éditer|editar modificar|modifica|bewerken wijzigen|"
    "editar alterar|edytuj zmień",
    "search": "search find|suchen suche finden|rechercher chercher recherche|buscar búsqueda|cerca ricerca|zoeken|"
    "pesquisar procurar|szukaj wyszukaj",
    "filter": "filter|filtern|filtrer filtre|filtrar filtro|filtra|filteren|filtrar|filtruj",
    "post": "post book|buchen verbuchen|comptabiliser|contabilizar|contabilizza registra|boeken|contabilizar|zaksięguj",
    "pay": "pay|bezahlen zahlen|payer|pagar|paga|betalen|pagar|zapłać",
    "send": "send submit|senden absenden abschicken|envoyer soumettre|enviar|invia|verzenden versturen|enviar submeter|"
    "wyślij",
    "draft": "draft|entwurf|brouillon|borrador|bozza|concept|rascunho|szkic",
    "approve": "approve|genehmigen freigeben|approuver|aprobar|approva|goedkeuren|aprovar|zatwierdź",
    "reject": "reject decline refuse|ablehnen zurückweisen|rejeter refuser|rechazar|rifiuta respingi|afwijzen|rejeitar|"
    "odrzuć",
    "print": "print|drucken|imprimer|imprimir|stampa|afdrukken|imprimir|drukuj",
    "download": "download|herunterladen|télécharger|descargar|scarica|downloaden|baixar|pobierz",
    "upload": "upload attach|hochladen anhängen|téléverser joindre|subir adjuntar|carica allega|uploaden bijvoegen|"
    "carregar anexar|prześlij załącz",
    "export": "export|exportieren|exporter|exportar|esporta|exporteren|exportar|eksportuj",
    "import": "import|importieren|importer|importar|importa|importeren|importar|importuj",
    "next": "next forward continue|weiter nächste nächster|suivant suivante continuer|siguiente continuar|"
    "avanti successivo continua|volgende verder|próximo seguinte continuar|dalej następny",
    "back": "back previous|zurück vorherige|retour précédent|atrás anterior volver|indietro precedente|terug vorige|"
    "voltar anterior|wstecz poprzedni",
    "close": "close|schließen|fermer|cerrar|chiudi|sluiten|fechar|zamknij",
    "open": "open|öffnen|ouvrir|abrir|apri|openen|abrir|otwórz",
    "sign in": "login signin|anmelden einloggen anmeldung|connexion|entrar acceder|accedi entra|inloggen aanmelden|"
    "entrar acessar|zaloguj",
    "sign out": "logout signout|abmelden ausloggen|déconnexion|salir|esci|uitloggen afmelden|sair|wyloguj",
    "copy": "copy duplicate|kopieren duplizieren|copier dupliquer|copiar duplicar|copia duplica|kopiëren|copiar|kopiuj",
    "refresh": "refresh reload|aktualisieren|actualiser|actualizar|aggiorna|vernieuwen|atualizar|odśwież",
    "reset": "reset clear|zurücksetzen leeren|réinitialiser|restablecer limpiar|reimposta|herstellen|redefinir limpar|"
    "wyczyść",
    "confirm": "confirm|bestätigen|confirmer|confirmar|conferma|bevestigen|confirmar|potwierdź",
    # what things are called
    "invoice": "invoice bill|rechnung|facture|factura|fattura|factuur|fatura|faktura",
    "order": "order|bestellung auftrag|commande|pedido|ordine|bestelling order|encomenda|zamówienie",
    "customer": "customer client|kunde kunden|client|cliente|cliente|klant|cliente|klient",
    "vendor": "vendor supplier|lieferant kreditor|fournisseur|proveedor|fornitore|leverancier|fornecedor|dostawca",
    "number": "number no nr|nummer nr|numéro no|número|numero|nummer|número|numer",
    "date": "date|datum|date|fecha|data|datum|data|data",
    "due": "due|fällig fälligkeit|échéance|vencimiento|scadenza|vervaldatum|vencimento|termin",
    "amount": "amount sum|betrag summe|montant somme|importe monto|importo|bedrag|montante valor|kwota",
    "total": "total|gesamt gesamtbetrag|total|total|totale|totaal|total|razem suma",
    "net": "net|netto|net ht|neto|netto imponibile|netto|líquido|netto",
    "gross": "gross|brutto|brut ttc|bruto|lordo|bruto|bruto|brutto",
    "tax": "tax vat|steuer mwst ust|tva taxe|iva impuesto|iva imposta|btw|iva imposto|vat podatek",
    "currency": "currency|währung|devise monnaie|moneda divisa|valuta|valuta munt|moeda|waluta",
    "name": "name|name bezeichnung|nom|nombre|nome|naam|nome|nazwa",
    "address": "address|adresse anschrift|adresse|dirección domicilio|indirizzo|adres|endereço morada|adres",
    "street": "street|straße|rue|calle|via|straat|rua|ulica",
    "city": "city town|ort stadt|ville|ciudad|città|plaats stad|cidade|miasto",
    "postcode": "postcode zip|plz postleitzahl|cp|cp|cap|postcode|cep|kod",
    "country": "country|land|pays|país|paese|land|país|kraj",
    "phone": "phone telephone|telefon|téléphone|teléfono|telefono|telefoon|telefone|telefon",
    "mail": "mail email|email mail|courriel|correo|email posta|email|correio email|email",
    "user": "user username|benutzer benutzername|utilisateur|usuario|utente|gebruiker|usuário utilizador|użytkownik",
    "password": "password|passwort kennwort|mot passe|contraseña|password|wachtwoord|senha|hasło",
    "comment": "comment remark note notes|bemerkung kommentar notiz|commentaire remarque|comentario nota|commento nota|"
    "opmerking notitie|comentário nota|uwagi komentarz",
    "description": "description|beschreibung|description|descripción|descrizione|omschrijving|descrição|opis",
    "quantity": "quantity qty|menge anzahl|quantité|cantidad|quantità|aantal hoeveelheid|quantidade|ilość",
    "price": "price|preis|prix|precio|prezzo|prijs|preço|cena",
    "status": "status state|status zustand|statut état|estado|stato|status|estado situação|stan",
    "account": "account|konto|compte|cuenta|conto|rekening|conta|konto",
    "file": "file attachment|datei anhang|fichier|archivo adjunto|file allegato|bestand bijlage|arquivo anexo|plik",
    "payment": "payment|zahlung|paiement|pago|pagamento|betaling|pagamento|płatność",
    "type": "type kind|art typ|type|tipo|tipo|soort type|tipo|typ rodzaj",
}
DESTRUCTIVE = frozenset({"delete", "void", "reject", "reset", "cancel"})
"""What cannot be taken back, or takes something back: a person decides."""
_DOINGS = frozenset(list(_MEANINGS)[: list(_MEANINGS).index("invoice")])
"""What a person does."""


def _bare(word: str) -> str:
    """Without capitals and accents: `Löschen` is `loschen`."""
    return "".join(one for one in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(one))


@cache
def _dictionary() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for meaning, words in _MEANINGS.items():
        for word in words.replace("|", " ").split():
            found.setdefault(_bare(word), set()).add(meaning)
    return {word: frozenset(meanings) for word, meanings in found.items()}


_FILLERS = """
    the of an for your our please enter required optional mandatory der die das des ihr ihre bitte pflichtfeld
    le la les du de votre obligatoire el los su del il lo di uw het een"""
_SAY_NOTHING = frozenset(_FILLERS.split())


@cache
def words_of(text: str) -> tuple[str, ...]:
    """The words of a name that say something, without capitals, accents and small marks."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|[_\-./]+", " ", re.sub(r"\be-mail", "email", text, flags=re.IGNORECASE))
    found = re.findall(r"[^\W\d_]{2,}|\d+", _bare(spaced).replace("sign in", "signin").replace("sign out", "signout"))
    return tuple(word for word in found if word not in _SAY_NOTHING) or tuple(found)


@cache
def meanings_of(text: str) -> frozenset[str]:
    """What a name certainly means; a word with two meanings says nothing."""
    known = (_dictionary().get(word, frozenset()) for word in words_of(text))
    return frozenset(next(iter(one)) for one in known if len(one) == 1)


def is_destructive(text: str) -> bool:
    """Whether a name speaks of deleting, reversing or refusing something."""
    return bool(meanings_of(text) & DESTRUCTIVE)


def contradict(one: str, other: str) -> bool:
    """Two names of different doings (`Save`, `Save as draft`), or of things each with its own word (`Net`, `Gross`)."""
    a, b = meanings_of(one), meanings_of(other)
    doing_a, doing_b = a & _DOINGS, b & _DOINGS
    return (bool(doing_a and doing_b) and doing_a != doing_b) or bool(a - b and b - a)


@cache
def likeness(one: str, other: str) -> float:
    """How much two names say the same: 1 for the same words in any language known here, 0 for nothing in common."""
    a, b = words_of(one), words_of(other)
    if not a or not b:
        return 1.0 if one.strip() == other.strip() else 0.0
    if a == b:
        return 1.0
    mine, theirs = _concepts(a), _concepts(b)
    shared = len(mine & theirs)
    left, right = sorted(mine - theirs), sorted(theirs - mine)
    for word in left:
        near = next((other for other in right if _nearly(word, other)), None)
        if near is not None:
            right.remove(near)
            shared += 1
    return shared / (len(mine) + len(theirs) - shared)


def _concepts(words: tuple[str, ...]) -> frozenset[str]:
    """Each word as its meaning where that is one, else as it stands."""
    known = _dictionary()
    return frozenset(next(iter(known[word])) if len(known.get(word, ())) == 1 else word for word in words)


def _nearly(one: str, other: str) -> bool:
    """The same word in another form (`invoices`), cut short (`ref`), or with a letter wrong."""
    short, long = sorted((one, other), key=len)
    if len(short) >= 3 and long.startswith(short):
        return True
    return len(short) >= 4 and SequenceMatcher(None, one, other, autojunk=False).ratio() >= 0.8
