"""Headings that tell what part of a request had been authorized, and the item still in dispute."""

from __future__ import annotations

ENDINGS = (
    "The remaining IMR eligible portion of the original request, ",
    "The original request, ",
)
"""What stands before the disputed item, which is followed by "is"."""


def disputed(heading: str) -> str:
    """The item in dispute alone: what layouts without such headings ask for."""
    for ending in ENDINGS:
        _, found, item = heading.partition(ending)
        if found:
            return item.removesuffix(" is")
    return heading
