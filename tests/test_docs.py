"""What the documents say exists, and what exists is in the documents.

`python -m tests.test_docs` renders the tables that are made from code.
"""

from __future__ import annotations

import hashlib
import re
import shlex
import tomllib
from collections.abc import Iterator
from inspect import getsource
from pathlib import Path
from typing import Any, get_args

import pytest
import typer
from pydantic import BaseModel

from api import parameters
from cli.app import app
from imr import errors, fields, settings
from imr.errors import ImrError
from imr.model import Category, Determination
from imr.precedents.conflicts import ConflictsResponse
from imr.precedents.outcomes import Row
from imr.precedents.similar import SimilarResponse
from imr.search.response import SearchResponse
from imr.search.suggest import SuggestResponse

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
ENTRANCES = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")
PAGES = sorted([*(ROOT / name for name in ENTRANCES), *DOCS.rglob("*.md")])
APACHE_2 = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"
"""sha256 of the licence's text as its foundation publishes it."""

_FENCE = re.compile(r"^```(?:sh|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ANY_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_VARIABLE = re.compile(r'"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)"')
_RENDERED = re.compile(r"(<!-- rendered: (\w+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


# ---------------------------------------------------------------- tables made from code


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def fields_table() -> str:
    def yes(holds: object) -> str:
        return "yes" if holds else ""

    return table(
        ["name", "label", "type", "filter", "facet", "sort", "searched", "names", "exported"],
        [
            [
                f"`{field.name}`",
                field.label,
                field.type,
                yes(field.filtered),
                field.facet or "",
                yes(field.sorted),
                f"{field.weight:g}" if field.weight is not None else "",
                field.concept or "",
                yes(field.exported),
            ]
            for field in fields.FIELDS
        ],
    )


def every_error() -> list[type[ImrError]]:
    found = [each for each in vars(errors).values() if isinstance(each, type)]
    return [each for each in found if issubclass(each, ImrError)]


def errors_table() -> str:
    rows = sorted((each.code, each) for each in every_error())
    return table(
        ["code", "status", "title", "when"],
        [
            [f"`{code}`", str(each.status), each.title, (each.__doc__ or "").split("\n")[0]]
            for code, each in rows
        ],
    )


TABLES = {"fields": fields_table, "errors": errors_table}


def rendered(page: str) -> str:
    """The page with its tables made anew."""
    return _RENDERED.sub(lambda m: f"{m[1]}\n{TABLES[m[2]]()}\n{m[4]}", page)


@pytest.mark.parametrize("name", TABLES)
def test_tables_are_what_the_code_renders(name: str) -> None:
    page = text_of(f"docs/{name}.md")

    assert f"<!-- rendered: {name} -->" in page
    assert page == rendered(page), "run `.venv/bin/python -m tests.test_docs`"


def test_error_codes_are_told_apart() -> None:
    codes = [each.code for each in every_error()]

    assert len(set(codes)) == len(codes)


# ---------------------------------------------------------------- nothing is left untold


def test_every_setting_is_told() -> None:
    variables = set(_VARIABLE.findall(getsource(settings)))
    page = text_of("docs/settings.md")

    assert {"IMR_INDEX", "IMR_CACHE", "HF_HUB_OFFLINE"} <= variables
    assert {name for name in variables if f"`{name}`" not in page} == set()


def test_settings_is_the_only_reader_of_the_environment() -> None:
    readers = {
        named(path)
        for room in ("imr", "indexer", "api", "cli", "samples")
        for path in (ROOT / room).rglob("*.py")
        if re.search(r"\bos\.(?:environ|getenv)\b", path.read_text(encoding="utf-8"))
    }

    assert readers == {"imr/settings.py"}


def test_every_dependency_has_its_reason_and_licence() -> None:
    project = tomllib.loads(text_of("pyproject.toml"))["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(each for extra in extras for each in extra)]
    rows = re.findall(
        r"^\| ([\w-]+) \| .+ \| .+ \| .+ \|$", text_of("docs/dependencies.md"), re.MULTILINE
    )

    assert {re.split(r"[<>=~!\[; ]", each)[0] for each in wanted} == {*rows} - {"package"}


def keys_of(model: type[BaseModel]) -> Iterator[str]:
    """The names of a model's fields and of the models within it."""
    for name, field in model.model_fields.items():
        yield name
        yield from (key for inner in models_in(field.annotation) for key in keys_of(inner))


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models_in(part)


@pytest.mark.parametrize(
    ("page", "model"),
    [
        ("docs/record.md", Determination),
        ("docs/search.md", SearchResponse),
        ("docs/search.md", SuggestResponse),
        ("docs/outcomes.md", Row),
        ("docs/similar.md", SimilarResponse),
        ("docs/similar.md", ConflictsResponse),
    ],
)
def test_every_key_of_record_and_answer_is_told(page: str, model: type[BaseModel]) -> None:
    told = set(_INLINE.findall(_ANY_FENCE.sub("", text_of(page))))

    assert set(keys_of(model)) - told == set()


def test_every_category_is_told() -> None:
    page = text_of("docs/record.md")

    assert [each for each in get_args(Category) if each not in page] == []


def test_every_parameter_of_a_search_is_told() -> None:
    page = text_of("docs/search.md")

    assert {name for name in parameters._OWN if f"| `{name}` |" not in page} == set()


# ---------------------------------------------------------------- what is shown works


def commands_shown() -> Iterator[tuple[str, list[str]]]:
    """(page, words) of every `imr …` in a shell block or in a line of text."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        lines = [line for block in _FENCE.findall(text) for line in block.splitlines()]
        lines += [line for line in _INLINE.findall(_ANY_FENCE.sub("", text)) if " " in line]
        for line in lines:
            words = shell_words(line.removeprefix("$ "))
            if words and words[0] in {"imr", ".venv/bin/imr"}:
                yield named(page), words[1:]


def shell_words(line: str) -> list[str]:
    """The line's first command, up to a pipe or a comment; none where it is no shell."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    try:
        words = list(lexer)
    except ValueError:
        return []
    ends = [at for at, word in enumerate(words) if set(word) <= set("|&;<>()")]
    return words[: ends[0]] if ends else words


COMMANDS = [(page, tuple(words)) for page, words in commands_shown()]


@pytest.mark.parametrize(("page", "words"), sorted(set(COMMANDS)))
def test_commands_shown_are_understood(page: str, words: tuple[str, ...]) -> None:
    """The command line itself reads them: an unknown option or a wrong value raises.

    A command without anything behind it is only named.
    """
    command: Any = typer.main.get_command(app)
    rest = list(words)
    if rest[0] == "COMMAND" or rest[0] in {"--help", "--version"}:
        return
    while hasattr(command, "commands"):
        if not rest:  # a group of commands is named
            return
        assert rest[0] in command.commands, f"{page}: imr {shlex.join(words)}"
        command = command.commands[rest.pop(0)]
    if rest:
        command.make_context(shlex.join(words), rest)


def test_commands_are_shown_at_all() -> None:
    assert {"demo", "index", "search", "show", "serve", "parse"} <= {
        words[0] for page, words in COMMANDS if page in {"README.md", "docs/cli.md"}
    }


def test_every_command_is_told() -> None:
    command: Any = typer.main.get_command(app)
    page = text_of("docs/cli.md")
    for name, each in command.commands.items():
        for path in [f"{name} {inner}" for inner in getattr(each, "commands", {})] or [name]:
            assert f"`imr {path}" in page


def test_make_targets_shown_exist() -> None:
    targets = set(re.findall(r"^([\w-]+):", text_of("Makefile"), re.MULTILINE))
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        inline = [each for each in _INLINE.findall(_ANY_FENCE.sub("", text)) if "make " in each]
        lines = [line for block in _FENCE.findall(text) for line in block.splitlines()] + inline
        shown = {m[1] for line in lines if (m := re.match(r"(?:\$ )?make ([\w-]+)", line))}
        assert shown - targets == set(), named(page)


def test_the_readme_names_the_two_commands() -> None:
    targets = set(re.findall(r"^([\w-]+):", text_of("Makefile"), re.MULTILINE))

    assert {"demo", "test"} <= targets
    assert re.search(r"^make demo\b", text_of("README.md"), re.MULTILINE)
    assert re.search(r"^make test\b", text_of("README.md"), re.MULTILINE)


def anchor_of(heading: str) -> str:
    """A heading's anchor as code hosts make it."""
    kept = re.sub(r"[^\w\- ]", "", heading.replace("`", "").strip().lower())
    return kept.replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_relative_links_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(_ANY_FENCE.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        if anchor:
            heads = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {anchor_of(head) for head in heads}, link


def test_commit_hooks_check_what_make_lint_checks() -> None:
    recipe = text_of("Makefile").partition("\nlint:")[2].partition("\n\n")[0]
    tools = re.findall(r"\$\(VENV\)/bin/([\w-]+(?: (?:check|format))?)", recipe)
    hooks = re.findall(
        r"entry: \.venv/bin/([\w-]+(?: (?:check|format))?)", text_of(".pre-commit-config.yaml")
    )

    assert tools
    assert sorted(hooks) == sorted(tools)


def test_the_licence_is_whole_and_unaltered() -> None:
    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == APACHE_2


if __name__ == "__main__":
    for table_name in TABLES:
        target_page = DOCS / f"{table_name}.md"
        target_page.write_text(rendered(target_page.read_text(encoding="utf-8")), encoding="utf-8")
