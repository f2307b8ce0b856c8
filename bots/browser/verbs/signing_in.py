"""Signing in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bots.browser.verbs.registry import Read, VerbInput, verb

if TYPE_CHECKING:
    from bots.browser.session import Session


class Nothing(VerbInput):
    """Takes no argument: `login:`."""


@verb("login", reads=True)
def login(input: Nothing, session: Session) -> Read:
    """Sign in as the connection says, unless the page shows that this is done already."""
    session.door.sign_in()
    return None


@verb("logout")
def logout(input: Nothing, session: Session) -> Read:
    """Forget the session: the next step signs in anew."""
    session.door.forget()
    return None
