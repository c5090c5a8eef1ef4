"""`imr download`: letters from the Division's public decision search."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from cli.show import counted
from cli.terminal import err, note, progress
from imr.errors import BadQueryError
from indexer.download import download as fetch
from indexer.polite import Site

CONTACT = re.compile(r"(?:mailto:)?[^\s@:/]+@[^\s@/]+\.[^\s@/.]+|https?://[^\s/]+\.\S+")
"""A mail or web address."""


def download(
    folder: Annotated[Path, typer.Argument(help="Where the letters and their manifest go.")],
    search: Annotated[
        str, typer.Option(metavar="URL", help="The page that has the search's form.")
    ],
    contact: Annotated[
        str,
        typer.Option(metavar="ADDRESS", help="Who asks: a mail or web address, told to the site."),
    ],
    values: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="A field of the form; repeat."),
    ] = None,
    most: Annotated[int | None, typer.Option(min=1, help="Letters to fetch at most.")] = None,
) -> None:
    """Fetch letters from the Division's decision search, one request a second.

    Untested against the live site. Run it again to go on.
    """
    parts = urlsplit(search)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BadQueryError(
            f"--search {search!r}: write the address of the form, https://HOST/PATH"
        )
    if not (contact.isascii() and contact.isprintable() and CONTACT.fullmatch(contact.strip())):
        raise BadQueryError(
            f"--contact {contact!r}: give a mail or web address, as me@example.org or "
            "https://example.org/us, so that the site can reach you"
        )
    wanted = dict(_pair(given) for given in values or ())
    site = Site(f"{parts.scheme}://{parts.netloc}", contact.strip())
    with progress("fetching", most) as bar:

        def step(told: str) -> None:
            bar.step()
            if not err.is_terminal:
                note(told)

        report = fetch(site, search, wanted, folder, most=most, progress=step)
    done = f"{counted(report.fetched, 'letter')} fetched into {folder}"
    note(f"{done}, {report.present:,} there already, {report.missing:,} missing on the site")
    raise typer.Exit(1 if report.missing else 0)


def _pair(given: str) -> tuple[str, str]:
    name, sign, value = given.partition("=")
    if not sign:
        raise BadQueryError(f"--set {given!r}: write FIELD=VALUE, as cmbIMROut=Overturn")
    return name, value
