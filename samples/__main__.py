"""`python -m samples FOLDER`: writes synthetic letters into a folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from samples.variations import LAYOUTS
from samples.write import FORMATS, write_letters


def main() -> None:
    """Read the arguments and write."""
    parser = argparse.ArgumentParser(prog="python -m samples", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=200, help="letters (200)")
    parser.add_argument("--seed", type=int, default=0, help="another number, other letters (0)")
    parser.add_argument("--format", choices=FORMATS, action="append", help="both unless given")
    parser.add_argument(
        "--layout",
        choices=(*LAYOUTS, "all"),
        default="current",
        help='"all" gives each letter the layout of its time; those of 2013 are unverified',
    )
    asked = parser.parse_args()
    write_letters(
        asked.folder,
        asked.count,
        seed=asked.seed,
        formats=asked.format or FORMATS,
        layout=asked.layout,
    )


if __name__ == "__main__":
    main()
