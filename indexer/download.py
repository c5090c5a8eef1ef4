"""Fetches letters from the public decision search of the Division of Workers' Compensation.

Tested against a replica of form and result pages written for the tests; **untested against the live
site**, whose pages may differ. Nothing about them is guessed beyond this: a form that has the
fields of the search (`cmbIMROut` and the like), result pages with links to PDF files whose name or
text holds a case number, and a link "Next" to the following page. Where a page has none of this the
download ends with an error that says what was missing.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.robotparser import RobotFileParser

from imr.errors import BadQueryError, DownloadError, DownloadMissingError

AGENT = "imr-precedents"
PAUSE = 1.0
"""Seconds between the beginnings of two requests."""
TIMEOUT = 60
MOST_PAGE, MOST_LETTER = 10_000_000, 20_000_000
"""Bytes of a page and of a letter that are taken."""
MOST_HOPS = 5
ATTEMPTS = 4
MANIFEST = "manifest.jsonl"
CASE = re.compile(r"CM\d{2}-\d{7}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request gave; `url` is where it was found after redirects."""

    url: str
    body: bytes


@dataclass(slots=True)
class Site:
    """One site, asked politely: robots.txt, a pause, a name, and no other host."""

    root: str
    contact: str
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _next: float = 0.0
    _robots: RobotFileParser | None = field(default=None, repr=False)

    @property
    def agent(self) -> str:
        """How every request names itself."""
        return f"{AGENT} (+{self.contact})"

    def get(self, url: str, most: int = MOST_PAGE) -> Answer:
        """Fetch an address of the site.

        Raises:
            DownloadError: robots.txt forbids it, it lies elsewhere, or it can't be had.
        """
        if not self._allowed(url):
            raise DownloadError(f"{url}: the site's robots.txt asks programs to stay away from it")
        return self._fetched("GET", url, None, most)

    def post(self, url: str, form: dict[str, str]) -> Answer:
        """Send a form to an address of the site; errors as in `get`."""
        if not self._allowed(url):
            raise DownloadError(f"{url}: the site's robots.txt asks programs to stay away from it")
        return self._fetched("POST", url, urlencode(form).encode(), MOST_PAGE)

    def _allowed(self, url: str) -> bool:
        if self._robots is None:
            rules = RobotFileParser()
            try:
                answer = self._fetched("GET", urljoin(self.root, "/robots.txt"), None, 500_000)
                rules.parse(answer.body.decode("utf-8", "replace").splitlines())
            except DownloadMissingError:
                rules.parse([])
            self._robots = rules
        return self._robots.can_fetch(AGENT, url)

    def _fetched(self, method: str, url: str, body: bytes | None, most: int) -> Answer:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._followed(method, url, body, most)
            except DownloadMissingError:
                raise
            except (OSError, HTTPException, _BusyError) as error:
                if attempt == ATTEMPTS:
                    raise DownloadError(
                        f"{url} can't be had ({error}): run the same again later, what is there "
                        "is not fetched twice"
                    ) from error
                self.sleep(PAUSE * 2**attempt)
        raise AssertionError("unreachable")

    def _followed(self, method: str, url: str, body: bytes | None, most: int) -> Answer:
        for _ in range(MOST_HOPS):
            self._wait()
            if urlsplit(url)[:2] != urlsplit(self.root)[:2]:
                raise DownloadError(f"{url} is not of {self.root}: only this site is asked")
            status, location, data = self._asked(method, url, body, most)
            if status in {301, 302, 303, 307, 308} and location:
                url = urljoin(url, location)
                method, body = ("GET", None) if status in {301, 302, 303} else (method, body)
                continue
            if status in {404, 410}:
                raise DownloadMissingError(f"{url} is not there ({status})")
            if status == 429 or status >= 500:
                raise _BusyError(f"it answered {status}")
            if status != 200:
                raise DownloadError(f"{url} answered {status}: nothing was taken from it")
            return Answer(url, data)
        raise DownloadError(f"{url}: more than {MOST_HOPS} redirects")

    def _asked(
        self, method: str, url: str, body: bytes | None, most: int
    ) -> tuple[int, str | None, bytes]:
        parts = urlsplit(url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.netloc, timeout=TIMEOUT)
        headers = {"User-Agent": self.agent, "Accept": "text/html, application/pdf"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request(method, target, body, headers)
            answer: HTTPResponse = connection.getresponse()
            data = answer.read(most + 1)
            if len(data) > most:
                raise DownloadError(f"{url} is larger than {most:,} bytes: it was not taken")
            return answer.status, answer.headers.get("location"), data
        finally:
            connection.close()

    def _wait(self) -> None:
        """One request a second, whatever is asked."""
        now = self.clock()
        if now < self._next:
            self.sleep(self._next - now)
            now = self._next
        self._next = now + PAUSE


class _BusyError(Exception):
    """Ask again later."""


_NOT_SENT = frozenset({"reset", "button", "image"})


class _Page(HTMLParser):
    """What a page of the site has: the form's fields, links with their texts."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.action: str | None = None
        self.method = "get"
        self.fields: dict[str, str] = {}
        self.choices: dict[str, list[str]] = {}
        self.links: list[tuple[str, str]] = []
        self._select: str | None = None
        self._link: str | None = None
        self._text: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Forms, inputs, selects, options and links."""
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form" and self.action is None:
            self.action = given.get("action", "")
            self.method = given.get("method", "get").lower()
        elif (
            tag == "input" and name and given.get("type", "text").lower() not in {"reset", "button"}
        ):
            self.fields[name] = given.get("value", "")
        elif tag == "select" and name:
            self._select = name
            self.choices[name] = []
            self.fields.setdefault(name, "")
        elif tag == "option" and self._select is not None:
            self.choices[self._select].append(given.get("value", ""))
            if "selected" in given:
                self.fields[self._select] = given.get("value", "")
        elif tag == "a" and given.get("href"):
            self._link, self._text = given["href"], []

    def handle_endtag(self, tag: str) -> None:
        """The end of a link or a list of choices."""
        if tag == "a" and self._link is not None:
            self.links.append((self._link, " ".join("".join(self._text).split())))
            self._link = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        """The text of a link."""
        if self._link is not None:
            self._text.append(data)


@dataclass(slots=True)
class Report:
    """What a download did."""

    fetched: int = 0
    present: int = 0
    missing: int = 0


def download(
    site: Site,
    search: str,
    wanted: dict[str, str],
    folder: Path,
    *,
    most: int | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Report:
    """Fetch the letters that the site's search finds, into a folder, as `CM16-0000042.pdf`.

    `search` is the address of the form, `wanted` values of its fields. What the manifest has and
    is whole is not fetched again, so a broken download is gone on with by running it again.

    Raises:
        BadQueryError: the form has no such field or value; DownloadError: see Site.
    """
    folder.mkdir(parents=True, exist_ok=True)
    known = _present(folder)
    report = Report()
    for case, url in _found(site, search, wanted):
        if most is not None and report.fetched >= most:
            break
        if case in known:
            report.present += 1
            continue
        try:
            data = site.get(url, MOST_LETTER).body
        except DownloadMissingError as error:
            report.missing += 1
            progress(str(error))
            continue
        if not data.startswith(b"%PDF-"):
            raise DownloadError(f"{url} is no PDF: the site's pages are not as expected")
        _keep(folder, case, url, data)
        known.add(case)
        report.fetched += 1
        progress(case)
    return report


def _found(site: Site, search: str, wanted: dict[str, str]) -> Iterator[tuple[str, str]]:
    """(case number, address of its letter), page by page."""
    form = site.get(search)
    page = _page(form)
    if page.action is None:
        raise DownloadError(f"{search} has no form: the site's pages are not as expected")
    _check(page, wanted, search)
    values = {**page.fields, **wanted}
    target = urljoin(form.url, page.action or form.url)
    if page.method == "post":
        answer = site.post(target, values)
    else:
        answer = site.get(f"{target}?{urlencode(values)}")
    seen = {answer.url}
    while True:
        page = _page(answer)
        for href, text in page.links:
            case = CASE.search(text) or CASE.search(href)
            if case and urlsplit(href).path.lower().endswith(".pdf"):
                yield case[0].upper(), urljoin(answer.url, href)
        following = next(
            (urljoin(answer.url, h) for h, t in page.links if t.lower() == "next"), None
        )
        if following is None or following in seen:
            return
        seen.add(following)
        answer = site.get(following)


def _page(answer: Answer) -> _Page:
    return _Page(answer.body.decode("utf-8", "replace"))


def _check(page: _Page, wanted: dict[str, str], search: str) -> None:
    for name, value in wanted.items():
        if name not in page.fields:
            raise BadQueryError(
                f"the form at {search} has no field {name!r}: it has {', '.join(page.fields)}"
            )
        choices = page.choices.get(name)
        if choices is not None and value not in choices:
            raise BadQueryError(
                f"the form's field {name} has no value {value!r}: choose "
                f"{', '.join(repr(choice) for choice in choices if choice)}"
            )


def _present(folder: Path) -> set[str]:
    """The cases of the manifest whose file is there as it was fetched; a torn line is none."""
    found = set()
    manifest = folder / MANIFEST
    lines = manifest.read_text(encoding="utf-8").splitlines() if manifest.exists() else []
    for line in lines:
        try:
            entry = json.loads(line)
            data = (folder / f"{entry['case_number']}.pdf").read_bytes()
        except (ValueError, KeyError, OSError):
            continue
        if hashlib.sha256(data).hexdigest() == entry["sha256"]:
            found.add(entry["case_number"])
    return found


def _keep(folder: Path, case: str, url: str, data: bytes) -> None:
    """The file, whole or not at all, and then its line in the manifest."""
    scratch = folder / f"{case}.part"
    with scratch.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(folder / f"{case}.pdf")
    entry = {
        "case_number": case,
        "url": url,
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "fetched": datetime.now(UTC).replace(microsecond=0).isoformat(),
    }
    with (folder / MANIFEST).open("a+b") as file:
        # a line that a crash tore is ended first
        torn = file.tell() and _last_byte(folder / MANIFEST) != b"\n"
        file.write((b"\n" if torn else b"") + json.dumps(entry).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _last_byte(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1)
