"""Native dialogs: alert, confirm, prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from bots.browser.verbs.registry import Read, VerbInput, verb

if TYPE_CHECKING:
    from bots.browser.session import Session


class Dialog(VerbInput):
    short: ClassVar[str | None] = "answer"
    answer: Literal["accept", "dismiss"] = Field(default="accept", description="OK, or Cancel")
    says: str | None = Field(default=None, description="What the dialog must say; another text is dismissed")
    text: str | None = Field(default=None, description="What to type into a prompt")


@verb("dialog")
def dialog(input: Dialog, session: Session) -> Read:
    """Answer the native dialog that the verb before this one opened. Without it such a dialog is an exception."""
    session.await_dialog()
    return None
