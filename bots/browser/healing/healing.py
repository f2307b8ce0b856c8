"""Remembers what each target of a step was, notices when another element answers to it, and finds it on a changed page.

A mend is used at once only where nothing can go wrong by it, and is otherwise proposed: a person accepts it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bots.browser.healing import remembered
from bots.browser.healing.decision import Doubt, Winner, decide, is_another, lost_its_own
from bots.browser.healing.fingerprint import Features, Fingerprint, key_of
from bots.browser.healing.remembered import Key, State
from bots.browser.healing.wording import is_destructive
from bots.browser.targets import Target, Want, parse

if TYPE_CHECKING:
    from playwright.sync_api import Frame

    from bots.browser.do import Do
    from bots.browser.finding import Match
    from bots.browser.session import Session

KEPT: frozenset[Want] = frozenset({"field", "file", "tick", "click", "value", "any"})
PROOFS = frozenset({"see", "url", "count"})
_BY_PROGRAM = frozenset({"css", "xpath"})
_NAMES = ("name", "label", "text", "title", "alt")
_BOUNDARY = frozenset({"button", "a", "area", "summary", "input", "select", "textarea"})


class Healing:
    """Of one session. `asleep` while signing in or closing an overlay, and where nothing is remembered."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.asleep = not session.context.workflow
        self._where = (session.context.workflow, session.context.step)
        self._found: dict[Key, Fingerprint] = {}
        self._beside: dict[tuple[Frame, str, Want, str], list[Features]] = {}
        self._instead: dict[str, str] = {}
        self._reads = False
        self._proven = False

    # ---- the verbs' side

    @contextmanager
    def verb(self, line: Do, following: Sequence[Do]) -> Iterator[None]:
        """A verb is at work: does it only read, and does a later one of the step prove it?"""
        before = (self._reads, self._proven)
        self._reads = line.verb.reads
        self._proven = self._proven or any(one.verb.name in PROOFS for one in following)
        try:
            yield
        finally:
            self._reads, self._proven = before

    @contextmanager
    def away(self) -> Iterator[None]:
        """What happens meanwhile is none of the step's: signing in, closing an overlay."""
        before, self.asleep = self.asleep, True
        try:
            yield
        finally:
            self.asleep = before

    # ---- what is found

    def task(self, target: Target, want: Want) -> dict[str, Any]:
        """What the page is asked for one target."""
        return {"parts": target.as_data(), "want": want, "print": not self.asleep and want in KEPT}

    def now(self, target: Target) -> Target:
        """The target as it is found today: itself, or what stands in for it."""
        fresh = self._instead.get(target.text)
        return parse(fresh) if fresh is not None else target

    def saw(self, target: Target, want: Want, frame: Frame, told: dict[str, Any]) -> None:
        """One element fits. Another one than before, by a locator that only a program understands, is not used."""
        features = told.get("print")
        if features is None or self.asleep or target.text in (*self._instead, *self._instead.values()):
            return
        if frame.name:
            features["frame"] = frame.name
        key = (key_of(target), want)
        known = self._found.get(key) or self._known().get(key)
        if known is None:
            fresh = Fingerprint(key[0], want, self._url(), features, frozenset(), ())
        elif not known.differs(features):
            return
        else:
            if target.parts[-1].kind in _BY_PROGRAM:
                self._must_be(known, target, want, features)
            fresh = known.seen_again(features, self._url(), ())
        fresh = replace(fresh, features=self._scrubbed(features))
        rivals = [one for one in self._others(frame, target, want, features) if one.get("path") != features.get("path")]
        self._found[key] = replace(fresh, rivals=tuple(rivals))

    def doubts(self, target: Target, want: Want) -> bool:
        """Whether what is found is to be looked at before it is used: a program's locator, of which more is known."""
        if self.asleep or target.parts[-1].kind not in _BY_PROGRAM:
            return False
        return (key_of(target), want) in self._known()

    def learn(self) -> None:
        """The step ended well: what was found in it is remembered."""
        context = self._session.context
        if not self._found or context.dry_run:
            return
        found, self._found = self._found, {}
        remembered.keep(context.memory, *self._where, context.item, found.values(), context.now())
        self._known().update({key: replace(one, rivals=()) for key, one in found.items()})

    # ---- what is not found

    def heal(self, target: Target, want: Want) -> tuple[bool, str]:
        """Whether something stands in for a target that is gone, from now on; else what to tell of it."""
        if self.asleep or want not in KEPT or target.text in self._instead:
            return False, ""
        key = (key_of(target), want)
        known = remembered.whole(self._session.context.memory, *self._where, key) if key in self._known() else None
        if known is None:
            return False, ""
        matches = self._candidates(known, target, want)
        verdict = decide(known, [one.told for one in matches])
        if isinstance(verdict, Doubt):
            return False, f"; nothing stands in for it: {verdict.reason}"
        match = matches[verdict.index]
        locator = self._words(match, target, want)
        held_back = self._said_no(key, locator) or self._why_wait(known, match.told, target)
        proposal = self._propose(known, match, target, locator, verdict, held_back)
        if held_back is not None:
            return False, f"; it is probably {locator!r} now, {held_back}" + (
                f": `heal show {proposal}`" if proposal else ""
            )
        self._instead[target.text] = locator
        self._session.context.event(
            "browser.healed", target=target.text, locator=locator, score=verdict.score, margin=verdict.margin
        )
        return True, ""

    def _why_wait(self, known: Fingerprint, features: Features, target: Target) -> str | None:
        """Why a person has to accept it first; None where it may be used at once."""
        if self._reads or self._session.profile.traffic.held_back:
            return None
        names = [target.text, *(str(one.get(name, "")) for one in (known.features, features) for name in _NAMES)]
        if any(is_destructive(name) for name in names):
            return "and what cannot be taken back waits for a person"
        if not self._proven:
            return "but no later verb of the step would prove it (`see:`, `url:`, `count:`), so it waits for a person"
        return None

    def _said_no(self, key: Key, locator: str) -> str | None:
        with self._session.context.memory() as memory:
            known = remembered.proposals(memory, *self._where)
        said = any(
            one.state == State.REJECTED and (one.name, one.data["locator"]) == (key[0], locator) for one in known
        )
        return "but a person said that it is not" if said else None

    def _propose(
        self, known: Fingerprint, match: Match, target: Target, locator: str, winner: Winner, held_back: str | None
    ) -> str | None:
        """Note the mend for a person; its id. A dry run leaves nothing behind."""
        session, context = self._session, self._session.context
        if context.dry_run or held_back == "but a person said that it is not":
            return None
        reason = "used meanwhile" if held_back is None else held_back.partition(" ")[2]
        data = {
            "workflow": context.workflow,
            "step": context.step,
            "target": target.text,
            "want": known.want,
            "locator": locator,
            "reason": reason,
            "used": held_back is None,
            "score": winner.score,
            "margin": winner.margin,
            "url": self._url(),
            "before": dict(known.features),
            "after": {name: one for name, one in match.told.items() if name != "shown"},
            "item": context.item,
            "run": context.run,
            "picture": session.evidence.screenshot("healed"),
            "shown": match.told.get("shown"),
        }
        proposal = remembered.propose(context.memory, *self._where, key_of(target), data, context.now())
        return proposal.id

    # ---- the page

    def _candidates(self, known: Fingerprint, target: Target, want: Want) -> list[Match]:
        """Everything that could be meant, in all frames, each with its fingerprint."""
        from bots.browser.finding import Match

        finder, found = self._session.finder, []
        request = self._request(want, known.features, target, fetch=True)
        for frame in finder.frames(target.frame):
            for place, told in enumerate(finder.call(frame, "prints", request) or []):
                if frame.name:
                    told["frame"] = frame.name
                found.append(Match(frame, 0, place, self._scrubbed(told)))
        return found

    def _words(self, match: Match, target: Target, want: Want) -> str:
        """What an author writes for it, in the scope that the target had."""
        scope = [part.as_data() for part in target.parts[:-1]]
        request = {"want": want, "index": match.place, "parts": scope}
        words = str(self._session.finder.call(match.frame, "words", request) or "")
        written = [words] if words.startswith("css=") and not scope else [*target.text.split(" >> ")[:-1], words]
        return " >> ".join(written)

    def _others(self, frame: Frame, target: Target, want: Want, features: Features) -> list[Features]:
        request = self._request(want, features, target, fetch=False)
        place = (frame, frame.url, want, str(request["parts"]))
        if place not in self._beside:
            answer = self._session.finder.call(frame, "prints", request) or []
            self._beside[place] = [self._scrubbed(one) for one in answer]
        return self._beside[place]

    def _request(self, want: Want, features: Features, target: Target, *, fetch: bool) -> dict[str, Any]:
        scope = [part.as_data() for part in target.parts[:-1]]
        return {"want": want, "wide": features.get("tag") not in _BOUNDARY, "parts": scope, "fetch": fetch}

    def _must_be(self, known: Fingerprint, target: Target, want: Want, features: Features) -> None:
        """A path or a generated id may lead to another element after a change: not where the right one is seen."""
        full = remembered.whole(self._session.context.memory, *self._where, (known.target, known.want)) or known
        if not is_another(full, features):
            return
        matches = self._candidates(full, target, want)
        verdict = decide(full, [one.told for one in matches])
        if isinstance(verdict, Doubt):
            if not lost_its_own(full, features):  # the first of a list is called otherwise every day
                return
        elif matches[verdict.index].told.get("path") == features.get("path"):
            return
        rather = None if isinstance(verdict, Doubt) else self._words(matches[verdict.index], target, want)
        if self._reads and want != "value":
            self._session.context.event("browser.changed", target=target.text, rather=rather)
            return
        now, before = (_called(one) for one in (features, known.features))
        message = f"{target.text!r} finds {now} on {self._session.where()}, where it was {before} before"
        if rather is not None:
            message += f"; that is {rather!r} now"
        advice = f"the page has changed: write {rather or 'a name that a person would say'!r} instead"
        raise self._session.failure("ELEMENT_CHANGED", message, advice)

    def _scrubbed(self, features: dict[str, Any]) -> dict[str, Any]:
        scrub = self._session.evidence.scrub
        return {
            name: scrub(one)
            if isinstance(one, str)
            else [scrub(each) if isinstance(each, str) else each for each in one]
            for name, one in features.items()
        }

    def _url(self) -> str:
        return self._session.evidence.scrub(self._session.page.url).partition("?")[0]

    def _known(self) -> dict[Key, Fingerprint]:
        """What this worker knows of the step's targets; read once."""
        context = self._session.context
        every: dict[tuple[str, str], dict[Key, Fingerprint]] = context.resource("browser fingerprints", dict)
        if self._where not in every:
            every[self._where] = remembered.fingerprints(context.memory, *self._where)
        return every[self._where]


def _called(features: Features) -> str:
    """What a person calls it, else what it is."""
    named = next((str(features[one]) for one in _NAMES if features.get(one)), "")
    return repr(named) if named else f"a {features.get('role') or features.get('tag')}"
