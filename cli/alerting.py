"""`imr alerts`: saved searches, and what is new to each after a load."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from json import dumps
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from cli.commands import QUERY, Engine, Filters, IndexFolder, Json, Url, filter_pairs, one_of, place
from cli.show import counted, heard
from cli.terminal import err, note, out, record
from imr import settings
from imr.alerts.find import find, heard_of, matching
from imr.alerts.store import Alerts, Delivery, SavedSearch, path_of
from imr.alerts.webhook import Sender, check_address
from imr.engines.open import Place, open_index
from imr.engines.protocol import Engine as OpenEngine
from imr.errors import BadQueryError, BadSettingError, ImrError, IndexLockedError

UNSIGNED = "a webhook's deliveries are signed: set IMR_ALERT_SECRET"
NAME = re.compile(r"[\w][\w .-]{0,79}")
Name = Annotated[str, typer.Argument(metavar="NAME", help="What the search is called.")]


def register(app: typer.Typer) -> None:
    """Hang the subcommands on the command."""
    alerts = typer.Typer(help="Saved searches and what is new to each.", no_args_is_help=True)
    alerts.command("add")(add)
    alerts.command("list")(list_all)
    alerts.command("remove")(remove)
    alerts.command("run")(run)
    app.add_typer(alerts, name="alerts")


@contextmanager
def _opened(where: Place) -> Iterator[Alerts]:
    alerts = Alerts(path_of(where, settings.load().cache))
    try:
        yield alerts
    finally:
        alerts.close()


def add(
    name: Name,
    text: Annotated[str, typer.Argument(help=QUERY)] = "",
    filters: Filters = None,
    match: Annotated[str, typer.Option(help="default, all or any.")] = "default",
    subject: Annotated[str, typer.Option(help="default, requested or mentioned.")] = "default",
    scope: Annotated[str, typer.Option(help="default, decision, facts or all.")] = "default",
    webhook: Annotated[
        str | None, typer.Option(metavar="URL", help="Where its deliveries are sent.")
    ] = None,
    from_start: Annotated[
        bool, typer.Option("--from-start", help="What matches now is new, too.")
    ] = False,
    folder: IndexFolder = None,
    engine: Engine = None,
    url: Url = None,
) -> None:
    """Save a search; from now on decisions that come to match it are new."""
    if not NAME.fullmatch(name):
        raise BadQueryError(f"{name!r} is no name: up to 80 letters, digits, blanks, dots, dashes")
    saved = SavedSearch(
        name=name,
        text=text,
        filters=filter_pairs(filters),
        match=one_of("match", match, ("default", "all", "any")),
        subject=one_of("subject", subject, ("default", "requested", "mentioned")),
        scope=one_of("scope", scope, ("default", "decision", "facts", "all")),
        webhook=check_address(webhook) if webhook else None,
        created=datetime.now(UTC).replace(microsecond=0),
    )
    where = place(folder, engine, url)
    opened = open_index(where).current()
    now = [id_ for ids in matching(opened, saved) for id_ in ids]
    with _opened(where) as alerts:
        alerts.add(saved, [] if from_start else now)
    note(f"{name}: {counted(len(now), 'decision')} match now{', all new' if from_start else ''}")
    told = heard_of(opened, saved, any_=bool(now))
    for line in heard(told.warnings, told.did_you_mean):
        note(line.plain)
    if saved.webhook and settings.load().alert_secret is None:
        note(f"note: {UNSIGNED} before `imr alerts run`")


def list_all(
    json: Json = False, folder: IndexFolder = None, engine: Engine = None, url: Url = None
) -> None:
    """List the saved searches."""
    with _opened(place(folder, engine, url)) as alerts:
        for saved in alerts.all():
            if json:
                record(saved.model_dump_json())
                continue
            line = Text(saved.name, style="bold").append(f"  {saved.text}", style="not bold")
            line.append("".join(f"  {field}={value}" for field, value in saved.filters))
            out.print(line.append(f"  {saved.webhook or ''}", style="dim"))


def remove(name: Name, folder: IndexFolder = None, engine: Engine = None, url: Url = None) -> None:
    """Forget a saved search and what is on its way."""
    with _opened(place(folder, engine, url)) as alerts:
        alerts.remove(name)


def run(
    format_: Annotated[str, typer.Option("--format", help="jsonl, or text for a mail.")] = "jsonl",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A folder: one file a delivery, named by its id."),
    ] = None,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Webhooks may be at private addresses.")
    ] = False,
    folder: IndexFolder = None,
    engine: Engine = None,
    url: Url = None,
) -> None:
    """Deliver the decisions that are new to each saved search."""
    one_of("format", format_, ("jsonl", "text"))
    where = place(folder, engine, url)
    with _opened(where) as alerts, _alone(alerts.path):
        failed = list(_find(alerts, open_index(where).current()))
        for delivery in alerts.waiting():
            address = alerts.get(delivery.search).webhook
            try:
                if address is None:
                    _hand_over(delivery, format_, output)
                else:
                    _sender(private=allow_private).send(delivery, address)
            except ImrError as error:
                failed.append((delivery.search, str(error)))
                continue
            alerts.confirm(delivery)
    for name, said in dict.fromkeys(failed):
        err.print(Text(f"{name}: ", style="red").append(said, style="default"))
    raise typer.Exit(1 if failed else 0)


def _find(alerts: Alerts, current: OpenEngine) -> Iterator[tuple[str, str]]:
    """Make deliveries for each search; the names of those that failed, and why."""
    for saved in alerts.all():
        try:
            find(current, alerts, saved)
        except BadQueryError as error:  # a value that the index no longer has
            yield saved.name, str(error)


def _sender(*, private: bool) -> Sender:
    secret = settings.load().alert_secret
    if secret is None:
        raise BadSettingError(UNSIGNED)
    return Sender(secret, private=private)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One run at a time; the system lets go of the lock with the process."""
    descriptor = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise IndexLockedError("alerts are being delivered by another process: wait") from None
    try:
        yield
    finally:
        os.close(descriptor)


def _hand_over(delivery: Delivery, format_: str, output: Path | None) -> None:
    """Print a delivery, or write its file, which is there whole or not at all."""
    made = "\n".join(_text(delivery) if format_ == "text" else _lines(delivery))
    if output is None:
        record(made)
        return
    output.mkdir(parents=True, exist_ok=True)
    file = output / f"{delivery.id}.{'txt' if format_ == 'text' else 'jsonl'}"
    scratch = file.with_suffix(".part")
    with scratch.open("w", encoding="utf-8") as written:
        written.write(f"{made}\n")
        written.flush()
        os.fsync(written.fileno())
    scratch.replace(file)


def _lines(delivery: Delivery) -> Iterator[str]:
    """One JSON object a decision and line."""
    for decision in delivery.decisions:
        yield dumps(
            {"search": delivery.search, "delivery": delivery.id, **decision}, ensure_ascii=False
        )


def _text(delivery: Delivery) -> Iterator[str]:
    """As a mail has it."""
    yield f"{delivery.search}: {counted(len(delivery.decisions), 'new decision')}"
    for decision in delivery.decisions:
        yield f"- {decision['citation']}"
        yield f"  {decision['request']}"
    yield ""
