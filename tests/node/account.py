"""Whom a node runs as. OpenSearch refuses root, and in a container one often is root."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.node.errors import StartError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Account:
    """Ids to drop to."""

    uid: int
    gid: int


def service_account() -> Account | None:
    """The ids of nobody where this process is root's, None where it may run a node itself."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def reachable(path: Path) -> bool:
    """Whether the user a node runs as may enter a folder and every folder above it."""
    if service_account() is None:
        return os.access(path, os.R_OK | os.X_OK)
    path = path.resolve()
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents))


def hand_over(folder: Path) -> None:
    """Give a folder made by root, and what is in it, to the user a node runs as."""
    account = service_account()
    if account is None:
        return
    if not reachable(folder.parent):
        raise StartError(
            "Started by root, OpenSearch runs as the user nobody, who can't enter "
            f"{folder.parent}: set TMPDIR to a folder that all may enter, such as /tmp."
        )
    for path in (folder, *folder.rglob("*")):
        os.chown(path, account.uid, account.gid)


def readable_home(home: Path, folder: Path) -> Path:
    """An assembled home that the node's user can read: itself, or a copy at `folder`.

    Root's cache lies under /root, which nobody can't enter. The copy is of hard links, which
    cost nothing, where both are on one file system.
    """
    if service_account() is None:
        return home

    def link_or_copy(source: str, target: str) -> None:
        try:
            os.link(source, target)
        except OSError:
            shutil.copy(source, target)

    shutil.copytree(home, folder, copy_function=link_or_copy)
    return folder
