"""What lies in a folder or matches a pattern: lazily, in a stable order, no error kept silent."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePath

MAGIC = re.compile(r"[*?\[]")
Identity = tuple[int, int]
"""Device and inode: the same for two names of one file or folder."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A path; `error` says why a folder could not be listed, `again` that it was before."""

    path: str
    is_folder: bool = False
    error: OSError | None = None
    again: bool = False


def identity(path: str) -> Identity | None:
    """What the path leads to; None where it leads nowhere."""
    try:
        found = os.stat(path)  # noqa: PTH116 - millions of them: strings, no Path objects
    except OSError:
        return None
    return found.st_dev, found.st_ino


def below(folder: str, wanted: Callable[[str], bool], visited: set[Identity]) -> Iterator[Entry]:
    """Files below the folder whose name is wanted, folder by folder in order of name.

    Links are followed. `visited` holds the folders that were listed: none is listed twice (it comes
    as an entry marked `again`), so links that lead in a circle end.
    """
    stack = [_listed(folder, wanted, visited)]
    while stack:
        entry = next(stack[-1], None)
        if entry is None:
            stack.pop()
        elif entry.is_folder:
            stack.append(_listed(entry.path, wanted, visited))
        else:
            yield entry


def matching(pattern: str) -> Iterator[Entry]:
    """Files and folders that match, in order of name; what is below a matching folder is left out.

    As in a shell: `*`, `?` and `[…]` within a name, `**` for any number of folders; names that
    begin with a dot are matched only by a pattern that does.
    """
    parts = PurePath(pattern).parts
    first = next(i for i, part in enumerate(parts) if MAGIC.search(part))
    base, rest = os.path.join("", *parts[:first], ""), parts[first:]  # noqa: PTH118
    fits = re.compile(_translated(rest)).fullmatch
    deepest = None if "**" in rest else len(rest)
    visited: set[Identity] = set()
    stack = [_listed(base or ".", _any, visited)]
    while stack:
        entry = next(stack[-1], None)
        if entry is None:
            stack.pop()
            continue
        if entry.again:
            continue
        path = entry.path if base else entry.path.removeprefix("./")
        if entry.error is not None or fits(path[len(base) :]):
            yield replace(entry, path=path)
        elif entry.is_folder and (deepest is None or len(stack) < deepest):
            stack.append(_listed(entry.path, _any, visited))


def _any(_: str) -> bool:
    return True


def _listed(folder: str, wanted: Callable[[str], bool], visited: set[Identity]) -> Iterator[Entry]:
    """The folders and the wanted files right in the folder, by name."""
    try:
        found = os.stat(folder)  # noqa: PTH116
        if (found.st_dev, found.st_ino) in visited:
            return iter([Entry(folder, again=True)])
        visited.add((found.st_dev, found.st_ino))
        with os.scandir(folder) as entries:
            kept = [
                Entry(entry.path, is_folder)
                for entry in entries
                if (is_folder := _is_folder(entry)) or wanted(entry.name)
            ]
    except OSError as error:
        return iter([Entry(folder, error=error)])
    return iter(sorted(kept, key=lambda entry: entry.path))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False


def _translated(parts: tuple[str, ...]) -> str:
    """A regular expression over the path below the pattern's fixed part."""
    name = r"(?!\.)[^/]+"
    out = ""
    for at, part in enumerate(parts):
        last = at == len(parts) - 1
        if part == "**":
            out += f"(?:{name}/)*" + (name if last else "")
        else:
            out += ("" if part.startswith(".") else r"(?!\.)") + _one_name(part)
            out += "" if last else "/"
    return out


def _one_name(pattern: str) -> str:
    out, at = "", 0
    while at < len(pattern):
        char = pattern[at]
        end = pattern.find("]", at + 2)
        if char == "*":
            out += "[^/]*"
        elif char == "?":
            out += "[^/]"
        elif char == "[" and end > 0:
            inner = pattern[at + 1 : end].replace("\\", r"\\").replace("[", r"\[")
            out += f"[^{inner[1:]}]" if inner[0] == "!" else f"[{inner}]"
            at = end
        else:
            out += re.escape(char)
        at += 1
    return out
