"""`imr explain-tags`: what the vocabularies find in a text, by which rule, what they pass over."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, cast, get_args

import typer
from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from cli.terminal import indented, out, record
from imr.errors import BadQueryError
from imr.text.taxonomy.explain import Counted, Explanation, Reading, Rejected, explain
from imr.text.taxonomy.tagger import default_tagger

STYLE = {
    "drug": "cyan",
    "drug-class": "blue",
    "treatment": "green",
    "body-part": "magenta",
    "condition": "yellow",
}


def explain_tags(
    text: Annotated[str, typer.Argument(help="The text; - reads standard input.")],
    as_: Annotated[
        str, typer.Option("--as", help="What the text is: heading (a request), query or text.")
    ] = "text",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show what the vocabularies find in a text, and why."""
    if as_ not in get_args(Reading):
        raise BadQueryError(f"--as {as_!r}: choose {', '.join(get_args(Reading))}")
    given = sys.stdin.buffer.read() if text == "-" else text.encode("utf-8", "replace")
    text = given.decode("utf-8", "replace")
    found = explain(text, default_tagger(), cast("Reading", as_))
    if as_json:
        record(json.dumps({"text": text, **asdict(found)}, ensure_ascii=False))
    else:
        out.print(shown(found))


def shown(found: Explanation) -> Group:
    """The explanation for a terminal: two lines a tag, two a name that did not count."""
    head = Text(f"read as a {found.reading}: ", style="dim")
    head.append(f"tags {len(found.counted)}", style="not dim bold")
    head.append(f", names passed over {len(found.rejected)}", style="not dim")
    return Group(head, *_tags(found.counted), *_passed_over(found.rejected))


def _tags(tags: tuple[Counted, ...]) -> Iterator[Text | Padding]:
    for tag in tags:
        line = _head(tag)
        if tag.label.replace("/", "+") != tag.code:
            line.append(f"  {tag.label}")
        yield line
        yield indented(Text(f"{' + '.join(tag.names)}: {tag.because}", style="dim"))
        if tag.left_out:
            yield indented(Text(f"left out of the record: {tag.left_out}", style="red"))


def _passed_over(names: tuple[Rejected, ...]) -> Iterator[Text | Padding]:
    if names:
        yield Text("passed over:", style="bold")
    for name in names:
        yield _head(name)
        yield indented(Text(f"{name.name}: {name.because}", style="dim"))


def _head(found: Counted | Rejected) -> Text:
    line = Text(f"{found.start}-{found.end}".ljust(9), style="dim")
    line.append(" ".join(found.text.split()), style="not dim bold")
    line.append(f"  {found.kind} ", style=f"not dim {STYLE.get(found.kind, '')}")
    line.append(found.code, style="not dim")
    return line
