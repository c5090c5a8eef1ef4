"""Embedding beside reading and writing.

One thread reads, cuts and writes; another embeds what has been cut, and runs a bounded way behind
it. Letters come back in the order they went in.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from imr.text.embedding import Embedder, Vectors
from indexer.embed import Cut, vectors_of

GROUPS_AHEAD = 3
"""Groups that wait to be embedded or written, so that a commit does not stop the embedding."""

TEXTS_AT_ONCE = 100
"""Texts of a group where there is no model that says how many it takes."""

Made = Mapping[str, Vectors] | None


@dataclass(slots=True)
class Commit:
    """Stands between letters: all before it are to be committed."""


@dataclass(slots=True)
class _Group:
    """Letters that are embedded together, and commits among them."""

    steps: list[Cut | Commit]
    made: Future[Made]


def embedded(
    steps: Iterable[Cut | Commit], embedder: Embedder | None
) -> Generator[tuple[list[Cut | Commit], Made], None, None]:
    """The steps in their order, group by group, once their texts' vectors are made.

    A commit is the last step of its group. The steps are taken, and these pairs given, in the
    caller's thread. An error of the embedder is raised where its group would have come. Closing
    this ends the embedding.
    """
    waiting: deque[_Group] = deque()
    size = embedder.at_once if embedder else TEXTS_AT_ONCE
    with ThreadPoolExecutor(1, thread_name_prefix="embedding") as thread:
        try:
            for several, texts in _groups(steps, size):
                waiting.append(_Group(several, thread.submit(vectors_of, texts, embedder)))
                while waiting and (len(waiting) > GROUPS_AHEAD or waiting[0].made.done()):
                    yield _done(waiting.popleft())
            while waiting:
                yield _done(waiting.popleft())
        finally:
            thread.shutdown(wait=False, cancel_futures=True)


def _groups(
    steps: Iterable[Cut | Commit], size: int
) -> Iterator[tuple[list[Cut | Commit], list[str]]]:
    """Steps with at least `size` texts to embed for them, each text once; a commit ends a group."""
    several: list[Cut | Commit] = []
    texts: dict[str, None] = {}
    for step in steps:
        several.append(step)
        if isinstance(step, Cut):
            texts |= dict.fromkeys(step.texts())
        if len(texts) >= size or isinstance(step, Commit):
            yield several, list(texts)
            several, texts = [], {}
    if several:
        yield several, list(texts)


def _done(group: _Group) -> tuple[list[Cut | Commit], Made]:
    return group.steps, group.made.result()
