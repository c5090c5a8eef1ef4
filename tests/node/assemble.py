"""Puts an OpenSearch home together, once a machine.

What Maven fetches and what is made of it both stay in the user's cache folder, so
that a second checkout, or the next run, finds them there.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.node import recipe
from tests.node.errors import AssemblyError, MissingToolError

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Holds the recipe's fingerprint; written last, so that a home which has it is whole.
_MARKER = "recipe.sha256"

#: A home is 100 MB; on a slow line that takes minutes, not hours.
_MVN_SECONDS = 900


def cache_folder() -> Path:
    """This project's part of the user's cache (IMR_CACHE names another place)."""
    if named := os.environ.get("IMR_CACHE"):
        return Path(named).expanduser().resolve()
    users = os.environ.get("XDG_CACHE_HOME")
    return (Path(users) if users else Path.home() / ".cache").resolve() / "imr-precedents"


def default_home() -> Path:
    """Where the assembled server is kept."""
    return cache_folder() / f"opensearch-{recipe.VERSION}"


def assemble(home: Path | None = None) -> Path:
    """The folder of a whole OpenSearch, fetched and built where it is not there yet.

    Raises MissingToolError where it must be built and there is no `mvn`, AssemblyError
    where building fails. A half-built home is never seen under its name: it is built beside
    it and renamed, and a lock makes a second process wait for the first.
    """
    home = home or default_home()
    if _is_current(home):
        return home
    home.parent.mkdir(parents=True, exist_ok=True)
    with _lock(home.with_name(f"{home.name}.lock")):
        if not _is_current(home):
            _build_beside(home)
    return home


def _is_current(home: Path) -> bool:
    try:
        return (home / _MARKER).read_text(encoding="ascii") == recipe.fingerprint()
    except OSError:
        return False


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Held by one process at a time; the system lets go of it when that process ends."""
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _build_beside(home: Path) -> None:
    """Build in a folder next to `home` (renaming works within one file system only).

    The lock is held, so that another such folder is what a killed process left.
    """
    prefix = f".{home.name}-"
    for abandoned in home.parent.glob(f"{prefix}*"):
        shutil.rmtree(abandoned)
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=prefix) as folder:
        new = Path(folder) / "new"
        _build(new, Path(folder) / "poms")
        if home.exists():
            home.rename(Path(folder) / "old")
        new.rename(home)


def _build(home: Path, poms: Path) -> None:
    jars = _fetch(poms)
    _move(jars["server"], home / "lib")
    present = {jar.name for jar in (home / "lib").iterdir()}
    for module in recipe.MODULES:
        folder = home / "modules" / module.name
        _move([jar for jar in jars[module.name] if jar.name not in present], folder)
        text = recipe.descriptor(module)
        (folder / "plugin-descriptor.properties").write_text(text, encoding="ascii")
    # Never looked into, but the server makes it where it lacks, and its user may not.
    (home / "bin").mkdir()
    _unpack_knn(jars["knn"], home / "plugins" / recipe.KNN.name)
    _open_to_all(home)
    (home / _MARKER).write_text(recipe.fingerprint(), encoding="ascii")


def _fetch(poms: Path) -> dict[str, list[Path]]:
    """Every group's files, by the group's name. Two runs of `mvn`: see recipe.KNN_SHA256."""
    strict: dict[str, tuple[recipe.Artifact, ...]] = {"server": recipe.SERVER}
    strict |= {module.name: (module.artifact,) for module in recipe.MODULES}
    groups = strict | {"knn": (recipe.KNN,)}
    for name, artifacts in groups.items():
        (poms / name).mkdir(parents=True)
        (poms / name / "pom.xml").write_text(recipe.pom(name, artifacts), encoding="ascii")
    (poms / "pom.xml").write_text(recipe.aggregate_pom(list(strict)), encoding="ascii")
    _mvn(poms, "--strict-checksums")
    _mvn(poms / "knn")
    return {name: sorted((poms / name / "files").iterdir()) for name in groups}


def _mvn(folder: Path, *options: str) -> None:
    """Copy the runtime dependencies of the project(s) in a folder to their `files/`."""
    mvn = shutil.which("mvn")
    if mvn is None:
        raise MissingToolError(
            "OpenSearch for tests is put together by Maven, and there is no mvn on the PATH: "
            "install it (Debian: apt-get install maven), or name a running server in "
            "IMR_TEST_OPENSEARCH."
        )
    command = [mvn, "--batch-mode", "--quiet", "--no-transfer-progress", *options]
    command += [f"-Dmaven.repo.local={cache_folder() / 'm2'}", "-Dstyle.color=never"]
    command += [recipe.MAVEN_GOAL, "-DincludeScope=runtime", "-DoutputDirectory=files"]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_MVN_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise AssemblyError(
            f"mvn had not fetched OpenSearch within {_MVN_SECONDS} s: is the network slow? "
            "Try again: it goes on from what it has."
        ) from late
    if done.returncode != 0:
        end = "\n".join(done.stdout.splitlines()[-20:])
        raise AssemblyError(
            f"mvn could not fetch OpenSearch's parts: is Maven Central in reach? It said:\n{end}"
        )


def _move(jars: list[Path], folder: Path) -> None:
    folder.mkdir(parents=True)
    for jar in jars:
        jar.rename(folder / jar.name)


def _unpack_knn(files: list[Path], folder: Path) -> None:
    """The plugin's zip holds what its folder holds, its descriptor too."""
    (archive,) = files
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != recipe.KNN_SHA256:
        raise AssemblyError(
            f"{archive.name} has sha256 {found}, expected {recipe.KNN_SHA256}: it is damaged or "
            f"was replaced. Delete {cache_folder() / 'm2'} and try again; do not run it."
        )
    folder.mkdir(parents=True)
    with zipfile.ZipFile(archive) as content:
        content.extractall(folder)


def _open_to_all(home: Path) -> None:
    """Let every user read it, whatever the umask: root starts a node as nobody."""
    for path in (home, *home.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
