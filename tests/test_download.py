"""Fetching letters, from a replica of form and result pages on loopback.

The replica has the fields and values of the real form, and pages of our own making: what the live
site's pages look like was not at hand.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

import pytest
from typer.testing import CliRunner

from cli.app import app
from imr.errors import BadQueryError, DownloadError
from indexer.download import MANIFEST, download
from indexer.polite import Site
from samples.write import write_letters

PER_PAGE = 3
CHOICES = {
    "cmbIMROut": ["", "Uphold", "Overturn", "Partially Overturn"],
    "cmbTSpeciality": ["", "Pain Management", "Allergy and  Immunology"],
}


class Replica:
    """The site: a form, result pages, letters; `robots` and `faults` are the test's to set."""

    def __init__(self, letters: dict[str, bytes]) -> None:
        self.letters = letters
        self.robots: str | None = "User-agent: *\nDisallow: /private/\n"
        self.asked: list[tuple[str, str, str]] = []
        self.forms: list[dict[str, list[str]]] = []
        self.faults: dict[str, list[int]] = {}
        self.method = "post"
        self.instead: dict[str, str] = {}

    def answer(self, path: str, form: dict[str, list[str]]) -> tuple[int, str, bytes]:
        """Status, media type and body."""
        parts = urlsplit(path)
        if self.faults.get(parts.path):
            return self.faults[parts.path].pop(0), "text/plain", b"no"
        if parts.path == "/robots.txt":
            return (
                (200, "text/plain", self.robots.encode())
                if self.robots is not None
                else (404, "text/plain", b"")
            )
        if parts.path in {"/search.asp", "/results.asp", "/page.asp"}:
            return 200, "text/html", self.page(parts, form).encode()
        name = parts.path.rpartition("/")[2].removesuffix(".pdf")
        letter = self.letters.get(name)
        return (200, "application/pdf", letter) if letter else (404, "text/plain", b"not here")

    def page(self, parts: SplitResult, form: dict[str, list[str]]) -> str:
        """The form, a page of results, or what the test puts in its place."""
        if parts.path in self.instead:
            return self.instead[parts.path]
        if parts.path == "/search.asp":
            return self.form()
        if parts.path == "/page.asp":
            return self.results(int(parse_qs(parts.query)["n"][0]))
        self.forms.append(form or parse_qs(parts.query, keep_blank_values=True))
        return self.results(1)

    def form(self) -> str:
        selects = "".join(
            f'<select name="{name}">'
            + "".join(f'<option value="{each}">{each}</option>' for each in values)
            + "</select>"
            for name, values in CHOICES.items()
        )
        return (
            f'<html><body><form action="results.asp" method="{self.method}">{selects}'
            '<input type="hidden" name="token" value="t&amp;1"><input type="text" name="txtCase">'
            '<input type="reset" name="clear" value="Clear"></form></body></html>'
        )

    def results(self, number: int) -> str:
        names = sorted(self.letters)
        shown = names[(number - 1) * PER_PAGE : number * PER_PAGE]
        rows = "".join(
            f'<tr><td><a href="letters/{name}.pdf"><b>{name}</b></a></td></tr>' for name in shown
        )
        more = (
            f'<a href="page.asp?n={number + 1}">Next</a>' if number * PER_PAGE < len(names) else ""
        )
        return f"<table>{rows}</table><a href='/about.pdf'>About</a>{more}<a href='search.asp'>Back"


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("letters")
    write_letters(folder, 8, seed=3, formats=("pdf",))
    return {path.stem: path.read_bytes() for path in folder.rglob("*.pdf")}


@pytest.fixture
def replica(letters: dict[str, bytes]) -> Replica:
    return Replica(dict(letters))


@pytest.fixture
def root(replica: Replica) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            self.reply(parse_qs(body, keep_blank_values=True))

        def reply(self, form: dict[str, list[str]]) -> None:
            replica.asked.append((self.command, self.path, self.headers["user-agent"]))
            status, kind, body = replica.answer(self.path, form)
            self.send_response(status)
            self.send_header("content-type", kind)
            if status == 302:
                self.send_header("location", "http://127.0.0.2:9/elsewhere")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def site(root: str, clock: Clock | None = None) -> Site:
    clock = clock or Clock()
    return Site(root, "me@example.org", clock=lambda: clock.now, sleep=clock.sleep)


def fetch(root: str, folder: Path, clock: Clock | None = None, **wanted: str) -> Any:
    return download(site(root, clock), f"{root}/search.asp", wanted, folder)


def manifest(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / MANIFEST).read_text().splitlines()]


@pytest.mark.parametrize("method", ["get", "post"])
def test_all_pages_are_fetched_with_a_manifest(
    method: str, root: str, replica: Replica, tmp_path: Path
) -> None:
    replica.method = method

    report = fetch(root, tmp_path, cmbIMROut="Overturn")

    assert (report.fetched, report.present, report.missing) == (8, 0, 0)
    assert {p.stem: p.read_bytes() for p in tmp_path.glob("*.pdf")} == replica.letters
    entries = manifest(tmp_path)
    assert {entry["case_number"] for entry in entries} == set(replica.letters)
    assert set(entries[0]) == {"case_number", "url", "sha256", "bytes", "fetched"}
    assert replica.forms == [
        {"cmbIMROut": ["Overturn"], "cmbTSpeciality": [""], "token": ["t&1"], "txtCase": [""]}
    ]


def test_it_says_who_it_is_and_asks_once_a_second(
    root: str, replica: Replica, tmp_path: Path
) -> None:
    clock = Clock()

    fetch(root, tmp_path, clock)

    assert {agent for _, _, agent in replica.asked} == {"imr-precedents (+me@example.org)"}
    assert replica.asked[0][1] == "/robots.txt"
    assert [path for _, path, _ in replica.asked].count("/robots.txt") == 1
    assert clock.slept == [1.0] * (len(replica.asked) - 1)


def test_robots_txt_is_obeyed(root: str, replica: Replica, tmp_path: Path) -> None:
    replica.robots = "User-agent: *\nDisallow: /letters/\n"

    with pytest.raises(DownloadError, match=r"robots\.txt"):
        fetch(root, tmp_path)
    assert not any(path.startswith("/letters/") for _, path, _ in replica.asked)


def test_no_robots_txt_forbids_nothing(root: str, replica: Replica, tmp_path: Path) -> None:
    replica.robots = None

    assert fetch(root, tmp_path).fetched == 8


def test_a_broken_download_is_gone_on_with(root: str, replica: Replica, tmp_path: Path) -> None:
    third = sorted(replica.letters)[2]
    replica.faults = {f"/letters/{third}.pdf": [500] * 4}

    with pytest.raises(DownloadError, match="run the same again later"):
        fetch(root, tmp_path)
    assert len(manifest(tmp_path)) == 2
    # a crash tore the last line, and a file was cut: both are fetched again
    first, second = (entry["case_number"] for entry in manifest(tmp_path))
    text = (tmp_path / MANIFEST).read_text()
    (tmp_path / MANIFEST).write_text(text[:-20])
    (tmp_path / f"{first}.pdf").write_bytes(b"%PDF-")
    replica.asked.clear()

    report = fetch(root, tmp_path)
    assert (report.fetched, report.present) == (8, 0)
    assert fetch(root, tmp_path).present == 8
    assert {p.stem: p.read_bytes() for p in tmp_path.glob("*.pdf")} == replica.letters
    assert second in {json.loads(line)["case_number"] for line in whole_lines(tmp_path)}


def whole_lines(folder: Path) -> list[str]:
    lines = (folder / MANIFEST).read_text().splitlines()
    return [line for line in lines if line.endswith("}")]


def test_a_busy_site_is_asked_again_later(root: str, replica: Replica, tmp_path: Path) -> None:
    replica.faults = {"/results.asp": [503, 429]}
    clock = Clock()

    assert fetch(root, tmp_path, clock).fetched == 8
    assert {2.0, 4.0} <= set(clock.slept)


def test_a_letter_that_is_not_there_is_told_and_left_out(
    root: str, replica: Replica, tmp_path: Path
) -> None:
    gone = min(replica.letters)
    replica.faults = {f"/letters/{gone}.pdf": [404]}

    report = fetch(root, tmp_path)
    assert (report.fetched, report.missing) == (7, 1)


def test_another_site_is_never_asked(root: str, replica: Replica, tmp_path: Path) -> None:
    replica.faults = {"/results.asp": [302]}

    with pytest.raises(DownloadError, match="only this site is asked"):
        fetch(root, tmp_path)


def test_what_is_no_letter_ends_it(root: str, replica: Replica, tmp_path: Path) -> None:
    replica.letters[min(replica.letters)] = b"<html>Please log in"

    with pytest.raises(DownloadError, match="is no PDF"):
        fetch(root, tmp_path)
    assert list(tmp_path.glob("*.pdf")) == []


@pytest.mark.parametrize(
    ("wanted", "said"),
    [({"cmbOut": "Uphold"}, "no field 'cmbOut'"), ({"cmbIMROut": "Upheld"}, "choose 'Uphold'")],
)
def test_the_form_tells_what_may_be_asked(
    wanted: dict[str, str], said: str, root: str, tmp_path: Path
) -> None:
    with pytest.raises(BadQueryError, match=said):
        download(site(root), f"{root}/search.asp", wanted, tmp_path)


def test_a_page_without_a_form_is_not_guessed_at(root: str, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="has no form"):
        download(site(root), f"{root}/page.asp?n=1", {}, tmp_path)


STRANGE = {
    "a session": "<title>No records found</title><h1>Your session has expired</h1>Log in again.",
    "a form": "<form action='x'><select name='s'><option>No records found</select></form>",
    "a script": "<script>var none = 'No records found';</script><p>Please wait",
    "links": "<a href='letter.pdf'>A letter</a><a href='CM16-0000042.html'>CM16-0000042</a>",
    "nothing": "",
}


@pytest.mark.parametrize("page", STRANGE.values(), ids=list(STRANGE))
def test_what_is_no_page_of_results_ends_it(
    page: str, root: str, replica: Replica, tmp_path: Path
) -> None:
    replica.instead = {"/results.asp": page}
    with pytest.raises(DownloadError, match=r"results\.asp is no page of results: it has neither"):
        fetch(root, tmp_path)


def test_a_session_that_ends_midway_is_told(root: str, replica: Replica, tmp_path: Path) -> None:
    replica.instead = {"/page.asp": STRANGE["a session"]}
    with pytest.raises(DownloadError, match="begins 'Your session has expired"):
        fetch(root, tmp_path)
    assert len(manifest(tmp_path)) == PER_PAGE


@pytest.mark.parametrize(
    "said",
    [
        "No records found.", "0 results", "There are no matching decisions", "Nothing was found",
        "Your search did not return any", "<b>No</b> IMR decisions match",
    ],
)  # fmt: skip
def test_a_search_that_finds_nothing_is_no_fault(
    said: str, root: str, replica: Replica, tmp_path: Path
) -> None:
    replica.instead = {"/results.asp": f"<html><body><p>{said}</p></body></html>"}

    report = fetch(root, tmp_path)
    assert (report.fetched, report.present, report.missing) == (0, 0, 0)


@pytest.mark.parametrize("contact", ["me", "a@b", "@example.org", "example.org", "", "a\nb@c.de"])
def test_the_site_can_reach_who_asks(contact: str, root: str, tmp_path: Path) -> None:
    asked = ["download", str(tmp_path), "--search", f"{root}/search.asp", "--contact", contact]
    done = CliRunner().invoke(app, asked)

    assert isinstance(done.exception, BadQueryError)
    assert "give a mail or web address" in str(done.exception)


def test_the_command_fetches_as_many_as_were_asked_for(root: str, tmp_path: Path) -> None:
    """In real time: a few requests, a second each."""
    arguments = ["download", str(tmp_path), "--search", f"{root}/search.asp"]
    options = ["--contact", "me@example.org", "--set", "cmbIMROut=Uphold", "--most", "1"]

    done = CliRunner().invoke(app, [*arguments, *options])

    assert done.exit_code == 0, done.output
    assert len(manifest(tmp_path)) == 1
    assert CliRunner().invoke(app, [*arguments, "--contact", "a\nb"]).exit_code != 0
