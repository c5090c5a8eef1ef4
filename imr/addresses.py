"""A cluster's address and an index's name, read before anything is asked.

A URL may hold a password, and one that was written wrongly may hold it anywhere. So no message
tells any part of what was given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from urllib.parse import unquote

from imr.errors import BadSettingError

URL = "IMR_OPENSEARCH_URL (or --url)"
INDEX = "IMR_OPENSEARCH_INDEX"
PORTS = {"http": 9200, "https": 443}
"""The port of a URL that names none."""
LONGEST_NAME = 200
"""Bytes of an index's name: a cluster takes 255, and we hang a few on."""

_WRITTEN = r"(?:[\w.~!$&'()*+;=-]|%[0-9A-Fa-f]{2})"
_LOGIN = re.compile(rf"({_WRITTEN}+):((?:{_WRITTEN}|:)+)", re.ASCII)
_LABEL = r"[A-Za-z0-9_](?:[\w-]{0,61}\w)?"
_HOST = re.compile(rf"(\[[0-9A-Fa-f:.]+\]|{_LABEL}(?:\.{_LABEL})*\.?)(?::(\d{{1,5}}))?", re.ASCII)
_PATH = re.compile(r"(?:/[\w.~-]*)*", re.ASCII)
_ENCODE = "in a user or password write / ? # @ % , and others as %2F %3F %23 %40 %25 %2C"
_LONGEST_HOST = 253
_HIGHEST_PORT = 65535
_GENERATION = re.compile(r"(.+)-[0-9]{6}", re.DOTALL)
_NOT_IN_NAMES = frozenset('"*\\<|>/?#,:')


@dataclass(frozen=True, slots=True)
class Node:
    """One node of a cluster; `shown` is its URL without user and password."""

    shown: str
    https: bool
    host: str
    port: int
    path: str
    login: tuple[str, str] | None = field(repr=False)


def nodes(urls: str) -> tuple[Node, ...]:
    """The nodes that URLs name, apart by commas: `http[s]://[user:password@]host[:port][/path]`.

    Raises:
        BadSettingError: what is wrong, and with which of them, without any part of it.
    """
    given = [each.strip() for each in urls.split(",") if each.strip()]
    if not given:
        raise BadSettingError(f"{URL} names no node: write http://host:9200 or https://host:9200")
    return tuple(_node(each, at, len(given)) for at, each in enumerate(given, 1))


def _node(url: str, at: int, of: int) -> Node:
    wrong = _Wrong(f"{URL}: URL {at} of {of}" if of > 1 else URL)
    scheme, _, rest = url.partition("://")
    if scheme.lower() not in PORTS or not rest:
        raise wrong.because("it does not begin with http:// or https:// and a host")
    if "?" in rest or "#" in rest:
        raise wrong.because(f"it has a ? or #, which no node's address has; {_ENCODE}")
    authority, slash, path = rest.partition("/")
    if not _PATH.fullmatch(slash + path):
        raise wrong.because(f"its path holds other signs than letters, digits, . _ ~ -; {_ENCODE}")
    login, at_sign, place = authority.rpartition("@")
    host, port = _host(place, wrong)
    return Node(
        shown=f"{scheme}://{place}{slash}{path}",
        https=scheme.lower() == "https",
        host=host,
        port=PORTS[scheme.lower()] if port is None else port,
        path=path.strip("/"),
        login=_login(login, wrong) if at_sign else None,
    )


@dataclass(frozen=True, slots=True)
class _Wrong:
    """Says what is wrong with one URL."""

    which: str

    def because(self, reason: str) -> BadSettingError:
        return BadSettingError(f"{self.which}: {reason}")


def _host(place: str, wrong: _Wrong) -> tuple[str, int | None]:
    found = _HOST.fullmatch(place)
    if not found or len(found[1]) > _LONGEST_HOST:
        raise wrong.because(f"its host or port can't be read: write host:9200; {_ENCODE}")
    host, port = found[1].strip("[]"), found[2]
    if port is not None and not 1 <= int(port) <= _HIGHEST_PORT:
        raise wrong.because(f"its port is not from 1 to {_HIGHEST_PORT}")
    if place.startswith("["):
        try:
            IPv6Address(host)
        except ValueError:
            raise wrong.because("what stands in [ ] is no IPv6 address") from None
    return host, int(port) if port else None


def _login(login: str, wrong: _Wrong) -> tuple[str, str]:
    found = _LOGIN.fullmatch(login)
    if not found:
        raise wrong.because(f"before the @ has to stand user:password; {_ENCODE}")
    try:
        user, password = (unquote(each, errors="strict") for each in found.groups())
    except UnicodeDecodeError:
        raise wrong.because("its user or password is no UTF-8") from None
    if ":" in user or not (user + password).isprintable():
        raise wrong.because("its user holds a colon, or one of both a line's end or the like")
    return user, password


def index_name(name: str) -> str:
    """The name itself, where it can be that of an index of ours.

    Raises:
        BadSettingError: what is wrong with it.
    """
    if reason := _unfit(name):
        raise BadSettingError(f"{INDEX} is {name!a}, which {reason}")
    return name


def _unfit(name: str) -> str | None:
    """Why an index can't be called that: OpenSearch's rules, and those of generations."""
    blank = any(sign.isspace() for sign in name) or not name.isprintable()
    generation = _GENERATION.fullmatch(name)
    rules = (
        (not name, "is empty"),
        (
            blank or not _NOT_IN_NAMES.isdisjoint(name),
            f"holds a blank or one of {' '.join(sorted(_NOT_IN_NAMES))}: name one index",
        ),
        (name != name.lower(), "has capitals: write it small"),
        (name[:1] in {"_", "-", "+"}, "begins with _ - or +"),
        (name in {".", ".."}, "is only dots"),
        # what can't be encoded is not printable, and so the first to be told
        (len(name.encode(errors="replace")) > LONGEST_NAME, f"has over {LONGEST_NAME} bytes"),
        (
            generation is not None,
            f"is one generation of an index: name the index, {generation and generation[1]}",
        ),
        (
            name.endswith(".loading"),
            f"is what is being built: name the index, {name.removesuffix('.loading')}",
        ),
    )
    return next((reason for holds, reason in rules if holds), None)
