"""One site, asked politely: with a name, a pause between requests, and within its robots.txt."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.robotparser import RobotFileParser

from imr.errors import DownloadError, DownloadMissingError

AGENT = "imr-precedents"
PAUSE = 1.0
"""Seconds between the beginnings of two requests."""
TIMEOUT = 60
MOST_PAGE, MOST_LETTER = 10_000_000, 20_000_000
"""Bytes of a page and of a letter that are taken."""
MOST_HOPS = 5
ATTEMPTS = 4


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
