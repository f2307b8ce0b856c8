"""The spreadsheet bot. Importing it makes its actions known."""

from bots.spreadsheet import actions

__all__ = ["actions"]
