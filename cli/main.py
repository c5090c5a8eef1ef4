"""Where `imr` begins.

A person waits for a search, and a third of a short command is imports: the commands that are asked
most take theirs alone.
"""

from __future__ import annotations

import sys

from cli.root import made, running

OFTEN = frozenset({"search", "show"})
"""Commands of `cli.commands`."""


def run() -> None:
    """Run the command."""
    if sys.argv[1:2] and sys.argv[1] in OFTEN:
        from cli import commands  # noqa: PLC0415

        app = made()
        commands.register(app)
    else:
        from cli.app import app  # noqa: PLC0415
    running(app)
