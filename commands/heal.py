"""`heal ...`: what stands in for a target on a page that changed; a person's word writes it into the file."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.check import near
from commands.session import Session, options
from commands.subcommands import Subcommands
from engine.errors import UsageError

if TYPE_CHECKING:
    from bots.browser.healing.backtest import Backtest
    from engine.language import Step, Workflow
    from engine.memory import Memory, Template
    from engine.store.database import Database, Transaction

TRIED = 5  # recorded runs, the newest
_FEATURES = ("role", "name", "label", "text", "title", "placeholder", "id", "called", "heading", "form")


@click.group(cls=Subcommands, no_args_is_help=True)
def heal() -> None:
    """See what stands in for targets that pages show no more, and accept or reject it."""


@heal.command("list")
@click.option("--all", "every", is_flag=True, help="Also those accepted and rejected.")
@options
def list_heals(session: Session, every: bool) -> None:
    """List the proposals that wait for a person."""
    with _store(session) as database, database.read() as transaction:
        found = [one for one in _templates(_memory(transaction)) if every or one.state == "proposed"]
    if session.as_json:
        for one in found:
            session.line(_told(one))
        return
    columns = ["workflow", "step", "target", "now", "alike", "state", "times", "id"]
    lines = [
        (
            *(one.data[name] for name in ("workflow", "step", "target", "locator")),
            f"{one.data['score']:.2f}",
            one.state,
            one.data["times"],
            one.id,
        )
        for one in found
    ]
    session.table(columns, lines, none="no page has changed under a workflow", spare=["id"])


@heal.command()
@click.argument("proposal", metavar="ID")
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path), help="An HTML page with both pictures.")
@options
def show(session: Session, proposal: str, out: Path | None) -> None:
    """Show one: the change of the file, what speaks for it, and what it finds on recorded pages."""
    with _store(session) as database:
        with database.read() as transaction:
            template = _named(_memory(transaction), proposal)
            picture = _picture(transaction, session, template)
        tried = _tried(session, database, template)
    patch = _patch(session, template)
    if out is not None:
        out.write_text(_page(template, patch.lines, tried, picture), encoding="utf-8")
    if session.as_json:
        told = {"file": str(patch.file), "lines": patch.numbers, "pages": tried.pages, "same": tried.same}
        session.line(_told(template) | told | {"other": tried.other, "picture": str(out) if out else None})
        return
    data = template.data
    session.say(f"{template.id}  {template.state}: {template.reason}")
    session.say(f"{data['workflow']}, {data['step']}, on {data['url']}; {data['times']} times, last in {data['run']}\n")
    session.say("\n".join(patch.lines))
    session.say("")
    session.table(["what", "before", "now"], _compared(data), none="nothing is known of either")
    session.say(f"\n{data['score']:.2f} alike, {data['margin']:.2f} ahead of the next; {tried}")
    if out is not None:
        session.say(f"wrote {out}")


@heal.command()
@click.argument("proposal", metavar="ID")
@click.option("--anyway", is_flag=True, help="Even though it is something else on a recorded page.")
@options
def accept(session: Session, proposal: str, anyway: bool) -> None:
    """Write it into the workflow's file, if it finds nothing else on recorded pages."""
    from commands.person import person_at_the_keyboard
    from console.permissions import Permission

    with _store(session) as database:
        with database.read() as transaction:
            template = _named(_memory(transaction), proposal)
        if template.state != "proposed":
            raise UsageError(f"{proposal} is {template.state} already", advice="see `heal list --all`")
        tried = _tried(session, database, template)
        if not tried.passes and not anyway:
            raise UsageError(
                f"{template.data['locator']!r} is not safe: {tried}",
                advice="write a locator of your own into the file, or repeat this with --anyway",
            )
        patch = _patch(session, template)
        with database.write() as transaction:
            person = person_at_the_keyboard(transaction, Permission.DECIDE)
            memory = _memory(transaction)
            memory.alone()
            patch.write()
            reason = f"{person.name} accepted it; {tried}"
            memory.set_state(template.id, "accepted", reason, session.clock.now())
    where = f"{patch.file}:{', '.join(map(str, patch.numbers))}"
    if session.as_json:
        session.line({"id": template.id, "file": str(patch.file), "lines": patch.numbers, "pages": tried.pages})
    else:
        session.say(f"{where}: {template.data['target']!r} is {template.data['locator']!r} now\n{tried}")


@heal.command()
@click.argument("proposal", metavar="ID")
@click.option("--because", default="it is another thing", show_default=True, help="Why, for who asks later.")
@options
def reject(session: Session, proposal: str, because: str) -> None:
    """Say that it is another thing: it is not used again for this target."""
    from commands.person import person_at_the_keyboard
    from console.permissions import Permission

    with _store(session) as database, database.write() as transaction:
        person = person_at_the_keyboard(transaction, Permission.DECIDE)
        memory = _memory(transaction)
        memory.alone()
        template = _named(memory, proposal)
        memory.set_state(template.id, "rejected", f"{person.name}: {because}", session.clock.now())
    if session.as_json:
        session.line({"id": template.id, "state": "rejected"})
    else:
        session.say(f"{template.data['locator']!r} is not used for {template.data['target']!r} again")


# ---- what is kept


@contextmanager
def _store(session: Session) -> Iterator[Database]:
    from commands.wiring import open_store

    with open_store(session) as database:
        yield database


def _memory(transaction: Transaction) -> Memory:
    from bots.browser.healing.remembered import TOPIC
    from engine.store.memory import StoredMemory

    return StoredMemory(transaction, TOPIC)


def _templates(memory: Memory) -> list[Template]:
    """All of them, the oldest first."""
    found = [template for subject in memory.subjects() for template in memory.templates(subject.id)]
    return sorted(found, key=lambda one: (one.made, one.id))


def _named(memory: Memory, proposal: str) -> Template:
    template = memory.template(proposal)
    if template is None:
        raise UsageError(f"there is no proposal {proposal}", advice="see `heal list`")
    return template


def _told(template: Template) -> dict[str, Any]:
    names = ("workflow", "step", "target", "want", "locator", "score", "margin", "used", "times", "url", "item", "run")
    told = {name: template.data[name] for name in names}
    return {"id": template.id, "state": template.state, "reason": template.reason, **told, "made": template.made}


def _compared(data: Any) -> list[tuple[str, Any, Any]]:
    before, after = data["before"], data["after"]
    rows = [(name, before.get(name, ""), after.get(name, "")) for name in _FEATURES]
    return [row for row in rows if row[1] or row[2]]


# ---- the file


class _Patch:
    """The workflow's file with the target replaced, in the step that uses it."""

    def __init__(self, session: Session, workflow: Workflow, step: Step, template: Template) -> None:
        from engine.yaml_edit import replaced
        from engine.yaml_source import read_yaml

        self._workflow, self._session = workflow, session
        self._path = Path(workflow.file)
        self.file = near(self._path)
        source = read_yaml(self._path)
        target, locator = template.data["target"], template.data["locator"]
        node = _node(source, source.value, step)
        self._text, self.numbers = replaced(source, node, target, locator)
        if not self.numbers:
            raise UsageError(
                f"{self.file}: {target!r} does not stand in the step {step.title!r}: it is worked out by an expression",
                advice=f"change the expression so that it gives {locator!r}",
            )
        self._before = source.text.splitlines()

    @property
    def lines(self) -> list[str]:
        """The change as a patch shows it."""
        after, told = self._text.splitlines(), [f"{self.file}"]
        for number in dict.fromkeys(self.numbers):
            told += [f"{number:>4} - {self._before[number - 1].strip()}", f"{number:>4} + {after[number - 1].strip()}"]
        return told

    def write(self) -> None:
        """Change the file, if it is as sound as it was."""
        from commands.registry import load_actions
        from engine.loader import load_source

        load_source(self._text, str(self._path), load_actions(self._session.project))
        self._path.write_text(self._text, encoding="utf-8")


def _patch(session: Session, template: Template) -> _Patch:
    from commands.registry import load_actions
    from engine.workflows import Library

    library = Library(session.project.workflow_folders, load_actions(session.project))
    workflow = library.get(template.data["workflow"])
    return _Patch(session, workflow, _step(workflow, template), template)


def _step(workflow: Workflow, template: Template) -> Step:
    from engine.loader import every_step

    wanted = template.data["step"]
    sections = [workflow.steps, *workflow.verify.values()]
    found = [step for section in sections for step in every_step(section) if step.title == wanted]
    if not found:
        raise UsageError(
            f"{near(Path(workflow.file))} has no step {wanted!r} any more",
            advice=f"write {template.data['locator']!r} where the step uses {template.data['target']!r} now",
        )
    return found[0]


def _node(source: Any, value: Any, step: Step) -> Any:
    """The mapping of the file that the step was read from."""
    from engine.yaml_source import MarkedList, MarkedMapping

    if isinstance(value, MarkedMapping):
        for name, inner in value.items():
            mark = value.keys_at[name]
            if name == step.kind and (mark.line + 1, mark.column + 1) == (step.location.line, step.location.column):
                return inner
            found = _node(source, inner, step)
            if found is not None:
                return found
    elif isinstance(value, MarkedList):
        for inner in value:
            found = _node(source, inner, step)
            if found is not None:
                return found
    return None


# ---- recorded pages and pictures


def _tried(session: Session, database: Database, template: Template) -> Backtest:
    from bots.browser.healing.backtest import backtest

    with database.read() as transaction:
        pages = list(_recorded(transaction, session, template))
    data = template.data
    return backtest(pages, data["target"], data["locator"], data["want"])


def _recorded(transaction: Transaction, session: Session, template: Template) -> Iterator[dict[str, Any]]:
    """The pages of the workflow's last runs that ended well."""
    from bots.browser.snapshots import NAME
    from engine.store import tables
    from engine.store.database import rows

    runs, artifacts = tables.runs, tables.artifacts
    last = runs.select().where(runs.c.workflow == template.data["workflow"], runs.c.outcome == "done")
    for run in rows(transaction, last.order_by(runs.c.started.desc()).limit(TRIED)):
        kept = artifacts.select().where(artifacts.c.run == run["id"], artifacts.c.name == NAME)
        for artifact in rows(transaction, kept):
            path = session.surroundings.artifacts.path(artifact["sha256"])
            if path.is_file():  # retention may have taken it
                yield from json.loads(path.read_bytes())["pages"]


def _picture(transaction: Transaction, session: Session, template: Template) -> bytes | None:
    """The page on which the heal was made, as it was seen."""
    from engine.store import tables
    from engine.store.database import one

    identity = template.data["picture"]
    row = one(transaction, tables.artifacts.select().where(tables.artifacts.c.id == identity)) if identity else None
    path = session.surroundings.artifacts.path(row["sha256"]) if row is not None else None
    return path.read_bytes() if path is not None and path.is_file() else None


def _page(template: Template, patch: list[str], tried: Backtest, picture: bytes | None) -> str:
    """Both pictures side by side: the element as it was, the page with what stands in for it marked."""
    data = template.data

    def image(content: bytes | None, kind: str) -> str:
        if content is None:
            return "<p>No picture is kept.</p>"
        return f'<img alt="" src="data:image/{kind};base64,{base64.b64encode(content).decode()}">'

    left, top, width, height = data["shown"] or (0, 0, 0, 0)
    mark = f'<i style="left:{left - 4}px;top:{top - 4}px;width:{width + 4}px;height:{height + 4}px"></i>'
    rows = "".join(f"<tr>{''.join(f'<td>{html.escape(str(one))}</td>' for one in row)}</tr>" for row in _compared(data))
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(data["target"])}</title>
<style>body{{font:15px/1.5 system-ui,sans-serif;margin:2rem;color:#1a2230;background:#fff}}
pre{{background:#f3f5f8;padding:1rem}}
td,th{{border-bottom:1px solid #d5dae2;padding:.2rem 1rem .2rem 0;text-align:left}}figure{{margin:1rem 0}}
.page{{position:relative;display:inline-block;border:1px solid #d5dae2}}img{{display:block;max-width:none}}
i{{position:absolute;border:3px solid #c2410c;border-radius:4px}}</style>
<h1>{html.escape(data["target"])} &rarr; {html.escape(data["locator"])}</h1>
<p>{html.escape(data["workflow"])}, {html.escape(data["step"])}: {html.escape(template.reason)}.
{data["score"]:.2f} alike, {data["margin"]:.2f} ahead of the next; {html.escape(str(tried))}.</p>
<pre>{html.escape(chr(10).join(patch))}</pre>
<table><tr><th>what<th>before<th>now</tr>{rows}</table>
<figure><figcaption>As it was</figcaption>{image(tried.before, "png")}</figure>
<figure><figcaption>Now, on {html.escape(data["url"])}</figcaption>
<div class="page">{image(picture, "jpeg")}{mark if picture else ""}</div></figure></html>
"""
