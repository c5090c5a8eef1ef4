"""`imr doctor`: what is here, what is missing, and how to get it. Secrets are never shown."""

from __future__ import annotations

import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from rich.text import Text

from cli.commands import Engine, IndexFolder, Model, Url, place
from cli.terminal import out
from imr import settings
from imr.addresses import Node, nodes
from imr.engines.open import Place, open_cluster, open_index
from imr.errors import ImrError, IndexMissingError
from imr.settings import Access, Settings
from imr.text import model_choice

LEAST_FREE = 2e9
"""Bytes of disk below which the cache folder is worth a word."""
LEAST_RELEASE = (3, 0)
"""The first release of OpenSearch that has what the mapping and the vectors need."""
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
State = Literal["ok", "missing", "warn", "wrong"]
STYLES: dict[State, str] = {"ok": "green", "missing": "yellow", "warn": "yellow", "wrong": "red"}


@dataclass(frozen=True, slots=True)
class Finding:
    """`missing` is something optional, or that comes with use; `wrong` stops what is configured.

    `warn` works, and not as it should.
    """

    state: State
    what: str
    said: str


def doctor(
    folder: IndexFolder = None, engine: Engine = None, url: Url = None, model: Model = None
) -> None:
    """Look at what searching and loading need, and say how to get what is missing."""
    env = settings.load()
    where = place(folder, engine, url)
    wrong = False
    for each in (*_machine(env), *_model(env, model), *_index(where)):
        wrong |= each.state == "wrong"
        told = f"{each.what:8} {each.said}"
        out.print(Text(f"{each.state:8} ", style=STYLES[each.state]).append(told, style="default"))
    if wrong:
        sys.exit(1)


def _machine(env: Settings) -> Iterator[Finding]:
    yield Finding("ok", "python", sys.version.split()[0])
    yield _cache(env.cache)
    if mvn := shutil.which("mvn"):
        yield Finding("ok", "mvn", mvn)
    else:
        yield Finding(
            "missing", "mvn",
            "only needed where the model hub is out of reach, and for a node to develop on: "
            "install Maven",
        )  # fmt: skip
    if java := shutil.which("java"):
        yield Finding("ok", "java", java)
    else:
        yield Finding(
            "missing", "java", "only needed for a node to develop on: install a JDK, 21 or newer"
        )


def _cache(folder: Path) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding(
            "wrong", "cache",
            f"{folder} can't be written ({error.strerror}): name another in IMR_CACHE",
        )  # fmt: skip
    if free < LEAST_FREE:
        return Finding("wrong", "cache", f"{folder} has {free / 1e9:.1f} GB left: make room")
    return Finding("ok", "cache", f"{folder}, {free / 1e9:.0f} GB free")


def _model(env: Settings, named: str | None) -> Iterator[Finding]:
    chosen = replace(env, model=named or env.model)
    try:
        found = model_choice.present(chosen)
    except ImrError as error:
        yield Finding("wrong", "model", str(error))
        return
    if found is None:
        yield Finding(
            "missing", "model",
            f"{chosen.model or 'the default one'} is not on this machine: get it with "
            "`imr model fetch`; until then search is by keyword",
        )  # fmt: skip
    else:
        yield Finding("ok", "model", f"{found.spec.name}, {found.spec.dimension} dimensions")


def _index(where: Place) -> Iterator[Finding]:
    if where.url is not None:
        problem = None
        for each in _cluster(where):
            yield each
            problem = problem or each.state == "wrong"
        if problem:
            return
    try:
        current = open_index(where).current()
        current.check()
        outcomes = current.corpus_outcomes()
    except IndexMissingError as error:
        yield Finding("missing", "index", str(error))
    except ImrError as error:
        yield Finding("wrong", "index", str(error))
    else:
        model = current.signature.model
        vectors = f"vectors of {model['name']}" if model else "no vectors"
        yield Finding("ok", "index", f"{where}: {sum(outcomes):,} decisions, {vectors}")
        if where.url is not None:
            yield from _closed(where)


def _cluster(where: Place) -> Iterator[Finding]:
    cluster, named = open_cluster(where), nodes(where.url or "")
    yield from _access(where.access, named)
    try:
        release, plugins = cluster.release()
    except ImrError as error:
        yield Finding("wrong", "cluster", str(error))
        return
    if tuple(int(part) for part in release.split(".")[:2]) < LEAST_RELEASE:
        yield Finding("wrong", "cluster", f"OpenSearch {release}: 3.0 or newer is needed")
    elif plugins is not None and "opensearch-knn" not in plugins:
        yield Finding(
            "wrong", "cluster", "it lacks the plugin opensearch-knn: install it on every node"
        )
    else:
        yield Finding("ok", "cluster", f"OpenSearch {release} at {cluster.url}")
    if len(named) > 1:
        yield from _silent(where)


def _access(access: Access, named: Sequence[Node]) -> Iterator[Finding]:
    yield Finding("ok", "access", _how(access, named))
    for node in named:
        if not node.https and node.host not in LOOPBACK:
            yield Finding(
                "wrong",
                "access",
                f"{node.host} is asked over http, which anyone may read: use https",
            )
    file = access.secret_file
    if file is not None and file.stat().st_mode & stat.S_IROTH:
        yield Finding(
            "warn", "access", f"{file} can be read by everybody on this machine: chmod 600 {file}"
        )


def _silent(where: Place) -> Iterator[Finding]:
    """Each of several nodes by itself."""
    for url in (where.url or "").split(","):
        if not url.strip():
            continue
        try:
            open_cluster(replace(where, url=url)).release()
        except ImrError as error:
            yield Finding("warn", "cluster", f"of several nodes this one can't be used: {error}")


def _closed(where: Place) -> Iterator[Finding]:
    """What searches get along with, and loads or the next lost node do not."""
    cluster = open_cluster(where)
    try:
        status, blocks = cluster.health()["status"], cluster.blocks()
    except ImrError as error:
        yield Finding("warn", "index", f"its state can't be asked for: {error}")
        return
    if status != "green":
        told = {"yellow": "a shard lacks its copy, another lost node may take it along"}
        yield Finding(
            "warn", "cluster", f"{where.name} is {status}: {told.get(status, 'a shard is lost')}"
        )
    for block in blocks:
        yield Finding("warn", "index", str(cluster.connection.refusal(403, block, where.name)))


def _how(access: Access, named: Sequence[Node]) -> str:
    """Who we say we are, and whom we trust."""
    who = "no credentials"
    if access.api_key is not None:
        who = "an API key (not shown)"
    elif access.user is not None:
        who = f"user {access.user}, password not shown"
    elif any(node.login for node in named):
        who = "user and password of the URL (not shown)"
    if access.fingerprint is not None:
        return f"{who}; trusts one certificate, by its SHA-256"
    if access.ca is not None:
        return f"{who}; trusts the certificates in {access.ca}"
    if any(node.https for node in named):
        return f"{who}; trusts the system's certificates"
    return who
