"""The files bot. Importing it makes its actions known."""

from bots.files import archives, look, move, write

__all__ = ["archives", "look", "move", "write"]
