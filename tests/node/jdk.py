"""Finds a Java that OpenSearch 3 runs on."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.node.account import reachable
from tests.node.errors import MissingToolError

if TYPE_CHECKING:
    from collections.abc import Iterator

#: OpenSearch 3's class files are compiled for this release.
MINIMUM = 21

#: Where systems and version managers keep their JDKs.
_PLACES = (
    ("/usr/lib/jvm", "*"),
    ("/usr/lib64/jvm", "*"),
    ("/usr/java", "*"),
    ("/usr/local", "*jdk*"),
    ("/opt", "*jdk*"),
    ("/opt/java", "*"),
    ("/opt/hostedtoolcache", "Java_*/*/*"),
    ("/Library/Java/JavaVirtualMachines", "*/Contents/Home"),
    ("~/.sdkman/candidates/java", "*"),
    ("~/.jdks", "*"),
)


@dataclass(frozen=True)
class Jdk:
    """A JDK's folder and its feature release (21, 25)."""

    home: Path
    release: int

    @property
    def java(self) -> Path:
        return self.home / "bin" / "java"


def find_jdk(minimum: int = MINIMUM) -> Jdk:
    """JAVA_HOME where it is new enough, else the oldest JDK here that is.

    The oldest, because that is the one OpenSearch's own tests are likeliest to have run
    on: a release newer than the server may have lost something it needs.

    Raises MissingToolError naming what was found instead.
    """
    seen = [jdk for home in _homes() if (jdk := read_jdk(home)) is not None]
    fitting = [jdk for jdk in seen if jdk.release >= minimum and reachable(jdk.home)]
    named = os.environ.get("JAVA_HOME")
    for jdk in fitting:
        if named and jdk.home == Path(named).resolve():
            return jdk
    if fitting:
        return min(fitting, key=lambda jdk: (jdk.release, str(jdk.home)))
    found = ", ".join(f"{jdk.release} in {jdk.home}" for jdk in seen) or "none"
    raise MissingToolError(
        f"OpenSearch needs a JDK of release {minimum} or newer (found: {found}). Install one, "
        f"for example Debian's openjdk-{minimum}-jdk-headless or Eclipse Temurin, or set "
        "JAVA_HOME to one; run by root, it must lie where the user nobody may read it."
    )


def read_jdk(home: Path) -> Jdk | None:
    """The JDK in a folder, by its `release` file; None where there is none."""
    try:
        text = (home / "release").read_text(encoding="utf-8")
    except OSError:
        return None
    version = re.search(r'^JAVA_VERSION="(?:1\.)?(\d+)', text, re.MULTILINE)
    if version is None or not os.access(home / "bin" / "java", os.X_OK):
        return None
    return Jdk(home, int(version[1]))


def _homes() -> Iterator[Path]:
    """Folders that may be JDKs, links resolved, each once."""
    folders = [Path(named)] if (named := os.environ.get("JAVA_HOME")) else []
    for place, pattern in _PLACES:
        folders += sorted(Path(place).expanduser().glob(pattern))
    yield from dict.fromkeys(folder.resolve() for folder in folders)
