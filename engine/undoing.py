"""Taking a rejection or a retry back, as long as nothing came of it."""

from __future__ import annotations

from datetime import datetime

from engine import acts, items
from engine.acts import Did
from engine.errors import UsageError
from engine.exceptions import STATES, Kind, Person, Verdict, decisions
from engine.items import State
from engine.store import tables
from engine.store.database import Row, Transaction, one


def put_back(transaction: Transaction, exception: str, person: Person, claim: int, now: datetime) -> None:
    """Let it stand in the queue as before, for the person who decided; UsageError where the item went on meanwhile.

    `claim` is the number that the item had when it was decided: a worker that takes it makes it grow.
    """
    table = tables.exceptions
    row = one(transaction, table.select().where(table.c.id == exception).with_for_update())
    if row is None:
        raise UsageError(f"there is no exception {exception}", advice="see the history of its item")
    made = [told for told in decisions(transaction, row["item"]) if told["exception"] == exception]
    if row["closed"] is None or not made:
        raise UsageError(f"item {row['item']} stands in the queue as before", advice="nothing is to be taken back")
    if made[-1]["person"] != person.name and not person.admin:
        raise UsageError(f"{made[-1]['person']} decided item {row['item']}", advice="they or an admin may take it back")
    item = items.get(transaction, row["item"], lock=True)
    verdict = Verdict(made[-1]["kind"])
    rests = verdict is Verdict.RETRY and item["state"] == State.READY and item["claim"] == claim
    if not rests and not (verdict is Verdict.REJECT and item["state"] == State.REJECTED):
        raise UsageError(
            f"item {row['item']} went on meanwhile: it is {item['state']}", advice="look at what became of it"
        )
    _stand(transaction, row)
    about = str(row["item"]), str(row["id"]), str(row["workflow"])
    acts.note(transaction, Did(person.name, "undone", *about, text=f"the {verdict}"), now)


def _stand(transaction: Transaction, row: Row) -> None:
    """The item as it was when the exception was raised."""
    table = tables.items
    told = {"state": STATES[Kind(row["kind"])], "code": row["code"], "message": row["message"], "step": row["step"]}
    transaction.execute(table.update().where(table.c.id == row["item"]).values(**told, not_before=None, finished=None))
    transaction.execute(tables.runs.update().where(tables.runs.c.id == row["run"]).values(finished=None, outcome=None))
    transaction.execute(tables.exceptions.update().where(tables.exceptions.c.id == row["id"]).values(closed=None))
