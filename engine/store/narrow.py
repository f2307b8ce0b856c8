"""What one person may see of the store: every statement of a narrowed database is cut down to it, whoever wrote it.

A row belongs to a workflow: by its own column, or by the run, item or exception it is part of. Statements on tables
that belong to nobody, as the users, stay as they are. What cannot be cut down is refused, and never let through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import visitors
from sqlalchemy.sql.selectable import NamedFromClause

from engine import codec
from engine.errors import ClerkworkError
from engine.store import tables


@dataclass(frozen=True, slots=True)
class Narrowing:
    """`workflows` are those that `person` sees; `teams` are theirs. `reads` is False in a transaction that writes."""

    workflows: frozenset[str]
    person: str
    teams: frozenset[str] = frozenset()
    reads: bool = True


Part = NamedFromClause
"""A table in a statement, by its own name or another."""
Rule = Callable[[Part, Narrowing], Any]


def _own(part: Part, to: Narrowing) -> Any:
    return part.c.workflow.in_(sorted(to.workflows))


def _through(parent: sa.Table, column: str) -> Rule:
    """By the row of another table that it is part of."""

    def rule(part: Part, to: Narrowing) -> Any:
        whole = parent.alias()
        found = sa.select(sa.literal(1)).select_from(whole).where(whole.c.id == part.c[column])
        return found.where(whole.c.workflow.in_(sorted(to.workflows))).correlate(part).exists()

    return rule


def _act(part: Part, to: Narrowing) -> Any:
    """What was done to many at once is of no workflow: it is theirs who did it."""
    return _own(part, to) | (part.c.workflow.is_(None) & (part.c.person == to.person))


def _view(part: Part, to: Narrowing) -> Any:
    """Of oneself and of those with whom one shares a team; an admin's are for all."""
    users = tables.users.alias()
    found = sa.select(sa.literal(1)).select_from(users).where(users.c.name == part.c.person)
    kept = sa.type_coerce(users.c.teams, sa.Text)
    shared = [kept.contains(codec.dumps(team), autoescape=True) for team in sorted(to.teams)]
    return (part.c.person == to.person) | found.where(sa.or_(users.c.role == "admin", *shared)).correlate(part).exists()


def _alert(part: Part, to: Narrowing) -> Any:
    """Those about the machines are everybody's; `subject` begins with the workflow in the others."""
    machines = part.c.what.in_(("connection", "workers", "disk"))
    theirs = _begins(part.c.subject, to, " "), _begins(part.c.subject, to, "/")
    return sa.or_(machines, part.c.subject.in_(sorted(to.workflows)), *theirs)


def _begins(column: Any, to: Narrowing, mark: str) -> Any:
    return sa.or_(sa.false(), *(column.startswith(name + mark, autoescape=True) for name in sorted(to.workflows)))


def _of_trigger(column: str) -> Rule:
    """The name of a trigger is its workflow and what it is called there."""
    return lambda part, to: _begins(part.c[column], to, "/")


def _taught(part: Part, to: Narrowing) -> Any:
    """What is known of a vendor is seen by who sees one of the documents it was learned from."""
    if not to.reads:
        # A decision teaches the one memory that all workflows have.
        return None
    subject = part.c.id if "subject" not in part.c else part.c.subject
    examples, items = tables.examples.alias(), tables.items.alias()
    joined = examples.join(items, items.c.id == examples.c.item)
    found = sa.select(sa.literal(1)).select_from(joined).where(examples.c.subject == subject)
    return found.where(items.c.workflow.in_(sorted(to.workflows))).correlate(part).exists()


def _example(part: Part, to: Narrowing) -> Any:
    return _through(tables.items, "item")(part, to) if to.reads else None


_BY_NAME: Mapping[str, Rule] = {
    "acts": _act,
    "saved_views": _view,
    "alerts": _alert,
    "subjects": _taught,
    "subject_keys": _taught,
    "templates": _taught,
    "examples": _example,
    "firings": _of_trigger("schedule"),
    "arrivals": _of_trigger("trigger"),
}


def rule_of(table: sa.Table) -> Rule | None:
    """How the rows of a table are cut down, None where they belong to no workflow."""
    if table.name in _BY_NAME:
        return _BY_NAME[table.name]
    if "workflow" in table.c:
        return _own
    for column, parent in (("run", tables.runs), ("item", tables.items), ("exception", tables.exceptions)):
        if column in table.c:
            return _through(parent, column)
    return None


def narrowed(statement: Any, to: Narrowing) -> Any:
    """The statement, cut down to what is seen; all selects in it too."""
    if isinstance(statement, sa.TextClause):
        return _plain(statement)
    if isinstance(statement, sa.Insert) and statement.select is None:
        return statement
    cut = visitors.cloned_traverse(statement, {}, {"select": lambda select: _cut_select(select, to)})
    if isinstance(cut, (sa.Update, sa.Delete)):
        target = cut.table
        condition = _condition(target, to) if isinstance(target, sa.Table) else None
        return cut if condition is None else cut.where(condition)
    return cut


def _plain(statement: sa.TextClause) -> Any:
    words = set(statement.text.replace('"', " ").replace(",", " ").split())
    for name in sorted(words & set(tables.metadata.tables)):
        if rule_of(tables.metadata.tables[name]) is not None:
            raise ClerkworkError(f"a query in plain text reads {name} for one person", advice="write it as a select")
    return statement


def _cut_select(select: Any, to: Narrowing) -> None:
    found = []
    for part, is_optional in _parts(select):
        condition = _condition(part, to)
        if condition is not None and is_optional:
            # The side of an outer join that is not there has no row to hide.
            condition |= part.c[next(iter(part.primary_key)).name].is_(None)
        if condition is not None:
            found.append(condition)
    if found:
        # In place: this is a copy already.
        select._where_criteria += tuple(found)


def _parts(select: Any) -> list[tuple[Any, bool]]:
    """The tables it reads, each with whether it is a side of a join that may be missing."""
    parts: list[tuple[Any, bool]] = []
    waiting = [(part, False) for part in select.get_final_froms()]
    while waiting:
        part, is_optional = waiting.pop()
        if isinstance(part, sa.Join):
            waiting += [(part.left, is_optional or part.full), (part.right, is_optional or part.isouter or part.full)]
        else:
            parts.append((part, is_optional))
    return parts


def _condition(part: Any, to: Narrowing) -> Any:
    table = part.element if isinstance(part, sa.Alias) else part
    if not isinstance(table, sa.Table):
        # A select within the select was cut down itself.
        return None
    rule = rule_of(table)
    return rule(part, to) if rule is not None else None
