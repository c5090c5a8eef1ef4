"""The subcommands, and the options they share."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import reading, show
from cli.tags import explain_tags
from cli.terminal import err, note, out, record
from imr import settings
from imr.engines.open import Place, open_index
from imr.engines.opensearch import mapping
from imr.engines.originals import open_originals
from imr.errors import BadQueryError, ModelMissingError, NotFoundError
from imr.reading import reading as read_letter
from imr.search import cases
from imr.search.request import MAX_SIZE, Request
from imr.search.run import search as run_search
from imr.text import model_choice
from imr.text.embedding import Embedder
from imr.text.taxonomy.tagger import default_tagger
from imr.text.vector_cache import RememberingEmbedder

IndexFolder = Annotated[
    Path | None, typer.Option("--index", help="Folder of the embedded index [default: index].")
]
Engine = Annotated[str | None, typer.Option("--engine", help="embedded (default) or opensearch.")]
Url = Annotated[str | None, typer.Option("--url", help="The cluster, for --engine opensearch.")]
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="NAME_OR_FOLDER",
        help="The embedding model: a folder that holds one, or a name of the model hub "
        "[default: bge-small-en-v1.5-q8].",
    ),
]
NoVectorCache = Annotated[
    bool,
    typer.Option("--no-vector-cache", help="Embed all passages anew, and keep no vectors."),
]
Filters = Annotated[
    list[str] | None,
    typer.Option("--filter", "-f", metavar="FIELD=VALUE", help="Repeat; the same field is OR."),
]
Json = Annotated[bool, typer.Option("--json", help="Print the body that HTTP returns.")]


QUERY = (
    'Words, "phrases", "two words"~5, acupunct*, +required, -excluded, AND, OR, NOT, parentheses, '
    'field:value, age:[40 TO 60]. A query that begins with "-" stands behind --.'
)


def register(app: typer.Typer) -> None:
    """Hang the subcommands on the command."""
    for command in (search, serve, source):
        app.command()(command)
    app.command("show")(show_record)
    app.command("explain-tags")(explain_tags)
    model = typer.Typer(help="The embedding model.", no_args_is_help=True)
    model.command("fetch")(fetch_model)
    app.add_typer(model, name="model")
    mappings = typer.Typer(help="The OpenSearch index mapping.", no_args_is_help=True)
    mappings.command("render")(render_mappings)
    mappings.command("check")(check_mappings)
    app.add_typer(mappings, name="mappings")


def place(folder: Path | None, engine: str | None, url: str | None) -> Place:
    """Where the index is: options win over the environment."""
    env = settings.load()
    if engine not in {None, "embedded", "opensearch"}:
        raise BadQueryError(f"there is no engine {engine!r}: choose embedded or opensearch")
    if engine == "embedded" or (engine is None and url is None and folder is not None):
        chosen = None
    else:
        chosen = url or env.opensearch_url
    if engine == "opensearch" and chosen is None:
        raise BadQueryError("--engine opensearch needs --url (or IMR_OPENSEARCH_URL)")
    if chosen is not None and folder is not None:
        raise BadQueryError("--index names a folder of the embedded engine: leave out one of both")
    return Place(
        folder or env.index, chosen, env.opensearch_index, env.access, env.opensearch_shards
    )


def embedder(
    model: str | None = None, *, fetch: bool = True, remember: bool = False
) -> Embedder | None:
    """The model, by default that of the settings; None where it is not on this machine.

    `fetch` gets it where it is not. Where the default can't be had a word says why; another model
    is wanted, and a ModelMissingError raised. `remember` keeps vectors in the cache folder; what
    may go wrong there is told where much is embedded, which is where a model is fetched.
    """
    env = settings.load()
    env = replace(env, model=model or env.model)
    found = _fetched(env) if fetch else model_choice.present(env)
    if found is None or not remember or not env.vector_cache_bytes:
        return found
    say = note if fetch else lambda _: None
    return RememberingEmbedder(found, env.cache / "vectors", env.vector_cache_bytes, say)


def _fetched(env: settings.Settings) -> Embedder | None:
    try:
        return model_choice.fetched(env, note)
    except ModelMissingError as error:
        if env.model is not None:
            raise
        err.print(f"imr: {error}")
        return None


def _for_queries(request: Request, model: str | None) -> Embedder | None:
    """The model, loaded; None where it is not on this machine, or by words alone not needed.

    What it remembers are the phrases of reasons that queries are compared with.
    """
    if request.mode == "keyword":
        return None
    chosen = embedder(model, fetch=False, remember=True)
    if chosen is not None and request.text.strip():
        chosen.embed_query("")
    return chosen


def search(
    words: Annotated[list[str] | None, typer.Argument(metavar="TEXT", help=QUERY)] = None,
    mode: Annotated[str, typer.Option(help="hybrid, keyword or semantic.")] = "hybrid",
    filters: Filters = None,
    size: Annotated[int, typer.Option(min=1, max=MAX_SIZE, help="Results a page.")] = 10,
    page: Annotated[int, typer.Option(min=1, max=1000)] = 1,
    group: Annotated[str, typer.Option(help="letter or none.")] = "letter",
    sort: Annotated[str, typer.Option(help="relevance, newest or oldest.")] = "relevance",
    highlight: Annotated[
        bool, typer.Option("--highlight/--no-highlight", help="Mark what was asked for.")
    ] = True,
    fold: Annotated[
        bool, typer.Option("--fold/--no-fold", help="Show near-identical rationales once.")
    ] = True,
    explain: Annotated[
        bool, typer.Option("--explain", help="Tell why each decision is where it is.")
    ] = False,
    json: Json = False,
    folder: IndexFolder = None,
    engine: Engine = None,
    url: Url = None,
    model: Model = None,
) -> None:
    """Search decisions by meaning and by words."""
    request = Request(
        text=" ".join(words or ()),
        mode=one_of("mode", mode, ("hybrid", "keyword", "semantic")),
        filters=filter_pairs(filters),
        size=size,
        page=page,
        group=one_of("group", group, ("letter", "none")),
        sort=one_of("sort", sort, ("relevance", "newest", "oldest")),
        highlight=highlight,
        fold=fold,
        explain=explain,
    )
    # a third of a cold start is the model's, a third the vocabularies': side by side
    with ThreadPoolExecutor(1) as beside:
        loading = beside.submit(_for_queries, request, model)
        engine_ = open_index(place(folder, engine, url)).current()
        default_tagger()
        chosen = loading.result()
    answer = run_search(engine_, request, chosen)
    if json:
        record(answer.model_dump_json())
    else:
        out.print(show.answer(answer))


def show_record(
    id_: Annotated[str, typer.Argument(metavar="ID", help="A decision or a letter.")],
    letter: Annotated[
        bool, typer.Option("--letter", help="The whole text, with what was read in it marked.")
    ] = False,
    json: Json = False,
    folder: IndexFolder = None,
    engine: Engine = None,
    url: Url = None,
) -> None:
    """Show a decision (CM16-0000042.1) or a whole letter (CM16-0000042), what was read in bold."""
    opened = open_index(place(folder, engine, url)).current()
    stored = cases.decision(opened, id_)
    if stored is not None:
        if letter:
            whole = opened.determination(stored.determination)
            assert whole is not None  # noqa: S101 - its decision is there
            read, number = read_letter(whole), stored.decision.number
            if json:
                record(read.of_decision(number).model_dump_json())
            else:
                out.print(reading.drawn(read, number))
        elif json:
            record(stored.model_dump_json())
        else:
            out.print(show.decision(stored))
        return
    found = cases.letter(opened, id_)
    if found is None:
        raise NotFoundError(f"there is no decision or determination {id_!r} in this index")
    if json:
        record(read_letter(found).model_dump_json())
    elif letter:
        out.print(reading.drawn(read_letter(found)))
    else:
        out.print(show.letter(found))


def source(
    id_: Annotated[str, typer.Argument(metavar="ID", help="A letter or a decision of it.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file [default: ID.pdf or ID.txt].")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Write over a file that is there.")
    ] = False,
    folder: IndexFolder = None,
    engine: Engine = None,
    url: Url = None,
) -> None:
    """Get the file a letter came from, where it was loaded with --keep-originals."""
    where = place(folder, engine, url)
    opened = open_index(where).current()
    of = cases.decision(opened, id_)
    letter = cases.letter(opened, of.determination if of else id_)
    if letter is None:
        raise NotFoundError(f"there is no decision or determination {id_!r} in this index")
    data = open_originals(where).get(letter.source.sha256)
    if data is None:
        raise NotFoundError(f"the file of {id_} was not kept: load it with --keep-originals")
    file = output or Path(f"{letter.id}.{'pdf' if letter.source.format == 'pdf' else 'txt'}")
    if file.is_dir():
        raise BadQueryError(f"{file} is a folder: name the file in it")
    if file.exists() and not force:
        raise BadQueryError(f"{file} is there already: name another with -o, or give --force")
    file.write_bytes(data)
    note(f"{file}: {len(data):,} bytes, loaded as {letter.source.name}")


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    folder: IndexFolder = None,
    engine: Engine = None,
    url: Url = None,
    model: Model = None,
) -> None:
    """Serve the HTTP API."""
    import uvicorn  # noqa: PLC0415 - slow to import, and only needed here

    from api.app import create_app  # noqa: PLC0415
    from api.service import Service  # noqa: PLC0415

    service = Service(place(folder, engine, url), embedder(model, remember=True))
    uvicorn.run(create_app(service), host=host, port=port, log_level="info")


def fetch_model(model: Model = None) -> None:
    """Get the embedding model, checked, into the cache."""
    env = settings.load()
    found = model_choice.fetched(replace(env, model=model or env.model), note)
    spec = found.spec
    out.print(
        f"{spec.name} is at hand: {spec.dimension} dimensions, reads {spec.max_tokens} tokens, "
        f"sha256 {spec.model_sha256}"
    )


def render_mappings() -> None:
    """Write mappings/ from the registry of fields."""
    if not mapping.PATH.parent.is_dir():
        raise _no_checkout()
    mapping.PATH.write_text(mapping.render())
    out.print(f"wrote {mapping.PATH}")


def check_mappings() -> None:
    """Say whether mappings/ is what the registry of fields renders."""
    if not mapping.PATH.exists():
        raise _no_checkout()
    if mapping.PATH.read_text() != mapping.render():
        err.print(f"{mapping.PATH} differs from imr/fields.py: run `imr mappings render`")
        raise typer.Exit(1)
    out.print(f"{mapping.PATH} is what imr/fields.py renders")


def _no_checkout() -> NotFoundError:
    return NotFoundError(f"there is no {mapping.PATH} here: run this in a checkout's root")


def filter_pairs(given: Sequence[str] | None) -> tuple[tuple[str, str], ...]:
    """Filters as a request has them."""
    return tuple(filter_pair(each) for each in given or ())


def filter_pair(given: str) -> tuple[str, str]:
    """A filter as it is written after --filter."""
    name, sign, value = given.partition("=")
    if not sign or not name.strip():
        raise BadQueryError(f"--filter {given!r}: write FIELD=VALUE, as category=imaging")
    return name.strip(), value


def one_of(option: str, value: str, choices: tuple[str, ...]) -> Any:
    """The option's value, where it is one of these."""
    if value not in choices:
        raise BadQueryError(f"--{option} {value!r}: choose {', '.join(choices)}")
    return value
