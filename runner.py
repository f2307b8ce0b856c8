"""The command line, and the only place that wires things together.

Each command is imported when it is called, so that `--help` stays fast.
"""

from __future__ import annotations

import sys
from pathlib import Path

# Started by its path from any folder, the packages beside this file must be the ones that are found.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from commands.main import main

if __name__ == "__main__":
    sys.exit(main())
