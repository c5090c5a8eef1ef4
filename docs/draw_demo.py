"""Draws `docs/demo.svg`: what `imr demo` shows on a terminal, down to the end of its first search.

Run it as `.venv/bin/python docs/draw_demo.py`. The command really runs, on a terminal of its own
(a pty), because piped output has neither colours nor wrapped lines.
"""  # noqa: INP001

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import struct
import sys
import tempfile
import termios
from pathlib import Path

from rich.console import Console
from rich.text import Text

WIDTH, HEIGHT = 112, 50
LAST_LINE = "more: --page 2"
TARGET = Path(__file__).with_name("demo.svg")


def terminal_output(command: list[str]) -> str:
    """What the command writes to a terminal of WIDTH columns, escape sequences included."""
    child, terminal = pty.fork()
    if child == 0:
        size = struct.pack("HHHH", HEIGHT, WIDTH, 0, 0)
        fcntl.ioctl(sys.stdout.fileno(), termios.TIOCSWINSZ, size)
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        os.execve(command[0], command, environment)  # noqa: S606 - our own command, no shell
    written = bytearray()
    try:
        while piece := os.read(terminal, 65536):
            written += piece
    except OSError:
        pass  # how Linux says that the other end has closed
    os.waitpid(child, 0)
    return written.decode("utf-8").replace("\r\n", "\n")


def shown(written: str) -> str:
    """The lines that stay on the screen, without the bars that came and went."""
    lines = []
    for line in written.split("\n"):
        kept = re.sub(r"\x1b\[\??\d*[A-HJKhl]", "", line.rpartition("\r")[2])
        if not re.match(r"(?:writing letters|indexing)\b", Text.from_ansi(kept).plain):
            lines.append(kept)
        if LAST_LINE in line:
            break
    return "\n".join(lines)


def svg(text: str) -> str:
    """The picture. Viewers load no fonts from elsewhere, so it names none."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text("$ imr demo", style="bold"))
    console.print(Text.from_ansi(text), soft_wrap=True)
    drawn = console.export_svg(title="imr demo", unique_id="imr-demo")
    drawn = re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL)
    drawn = re.sub(r"Fira Code, ?", "", drawn)
    return "\n".join(line.rstrip() for line in drawn.splitlines() if line.strip()) + "\n"


def main() -> None:
    """Run the demo in a folder that is thrown away, and draw it."""
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        command = [str(Path(sys.executable).with_name("imr")), "demo"]
        TARGET.write_text(svg(shown(terminal_output(command))))


if __name__ == "__main__":
    main()
