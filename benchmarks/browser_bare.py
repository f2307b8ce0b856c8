"""The command line without the pages kept for `replay`: what `bench browser` tells their cost against."""

from __future__ import annotations

from bots.browser.snapshots import Snapshots
from commands.main import main

if __name__ == "__main__":
    Snapshots.on = False
    main()
