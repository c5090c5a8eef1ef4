"""Fetches letters from the public decision search of the Division of Workers' Compensation.

Tested against a replica of form and result pages written for the tests; **untested against the live
site**, whose pages may differ. Nothing about them is guessed beyond this: a form that has the
fields of the search (`cmbIMROut` and the like), result pages with links to PDF files whose name or
text holds a case number, or with words that say that nothing was found, and a link "Next" to the
following page. Where a page has none of this the download ends with an error that says what was
missing.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

from imr.errors import BadQueryError, DownloadError, DownloadMissingError
from indexer.form_pages import Page
from indexer.polite import MOST_LETTER, Answer, Site

MANIFEST = "manifest.jsonl"
NOTHING = re.compile(
    r"\b(?:no|0|zero)\s+(?:\w+\s+){0,2}(?:results?|records?|decisions?|determinations?|letters?|"
    r"cases|match(?:es)?)\b|\bnothing\s+(?:was\s+|is\s+)?found\b|"
    r"\bnot\s+(?:find|return|match)\s+any\b",
    re.IGNORECASE,
)
"""How a page of results says that it has none."""
CASE = re.compile(r"CM\d{2}-\d{7}", re.IGNORECASE)


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
        letters = list(_letters(page))
        if not letters and not NOTHING.search(page.text):
            raise DownloadError(
                f"{answer.url} is no page of results: it has neither links to .pdf files with case "
                f'numbers nor words like "no records found", and begins {page.text[:80]!r}'
            )
        for case, href in letters:
            yield case, urljoin(answer.url, href)
        following = next(
            (urljoin(answer.url, h) for h, t in page.links if t.lower() == "next"), None
        )
        if following is None or following in seen:
            return
        seen.add(following)
        answer = site.get(following)


def _letters(page: Page) -> Iterator[tuple[str, str]]:
    """(case number, address) of the letters that a page of results links to."""
    for href, text in page.links:
        case = CASE.search(text) or CASE.search(href)
        if case and urlsplit(href).path.lower().endswith(".pdf"):
            yield case[0].upper(), href


def _page(answer: Answer) -> Page:
    return Page(answer.body.decode("utf-8", "replace"))


def _check(page: Page, wanted: dict[str, str], search: str) -> None:
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
