"""How many texts a second a model embeds, and how busy a load keeps the machine.

    python -m benchmarks.embedding
    python -m benchmarks.embedding --model NAME_OR_FOLDER      a model of sentence-transformers

Ways of running are taken in turns, so that a busy machine slows all of them alike; the middle round
is told. Texts a core-second count only the processor time that was had: they compare ways even
where other programs took their share. See docs/performance.md.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.letters import Clock
from benchmarks.report import put
from imr import settings
from imr.engines.embedded.writer import EmbeddedWriter
from imr.engines.signature import current
from imr.letters.pool import Pool
from imr.text import model_choice
from imr.text.embedding import Embedder, Vectors
from imr.text.onnx_model import OnnxEmbedder
from indexer import pipeline
from indexer.embed import cut
from indexer.sources import letter_files
from samples import stream
from samples.write import write_letters

ROUNDS = 5
TEXTS = 60
LETTERS = 100
BATCHES = (1, 8, 16, 32, 64, 128)
Run = Callable[[Sequence[str]], object]


@dataclass(frozen=True, slots=True)
class Rate:
    """Texts a second of wall time, and a core-second."""

    wall: float
    core: float


def measured(run: Run, texts: Sequence[str]) -> Rate:
    """Embed the texts once."""
    began, used = time.perf_counter(), time.process_time()
    run(texts)
    return Rate(
        len(texts) / (time.perf_counter() - began), len(texts) / (time.process_time() - used)
    )


def middle(rates: Sequence[Rate]) -> Rate:
    """The median of either."""
    return Rate(median(r.wall for r in rates), median(r.core for r in rates))


def kinds(embedder: Embedder) -> dict[str, list[str]]:
    """What a load embeds: passages of rationales, and facts of cases."""
    passages: list[str] = []
    facts: list[str] = []
    for letter in islice(stream(77), TEXTS):
        pieces = cut(letter, embedder)
        passages += [piece.text for of in pieces.pieces for piece in of]
        facts += pieces.facts
    return {"passages": passages[:TEXTS], "facts": facts[:TEXTS]}


def ways(model: OnnxEmbedder) -> dict[str, Run]:
    """Ways to use all cores, beside one core alone."""
    cores = len(os.sched_getaffinity(0))

    def one_by_one(session: object) -> Run:
        def run(texts: Sequence[str]) -> None:
            for text in texts:
                _run(model, session, text)

        return run

    def session_a_thread(texts: Sequence[str]) -> None:
        def work(number: int) -> None:
            for text in texts[number::cores]:
                _run(model, sessions[number], text)

        with ThreadPoolExecutor(cores) as threads:
            list(threads.map(work, range(cores)))

    sessions = [model._session(1) for _ in range(cores)]  # noqa: SLF001 - what is compared
    return {
        "1 thread": OnnxEmbedder(model.files, threads=1).embed,
        f"each text on {cores} threads": one_by_one(model._session(cores)),  # noqa: SLF001
        f"{cores} texts at once, a session each": session_a_thread,
        f"{cores} texts at once, one session (in use)": model.embed,
    }


def _run(model: OnnxEmbedder, session: object, text: str) -> None:
    model._pooled(session, model._tokenizer.encode(text).ids)  # noqa: SLF001


def table_of_ways(model: OnnxEmbedder, rounds: int) -> Iterator[str]:
    """Rates of each way and kind of text."""
    texts, by_way = kinds(model), ways(model)
    for run in by_way.values():
        run(texts["passages"][:4])  # loaded before anything is timed
    found: dict[tuple[str, str], list[Rate]] = {}
    for _ in range(rounds):
        for way, run in by_way.items():
            for kind, of in texts.items():
                found.setdefault((way, kind), []).append(measured(run, of))
    lengths = {k: np.mean([model.count_tokens(text) for text in of]) for k, of in texts.items()}
    told = ", ".join(f"{len(texts[k])} {k} of {lengths[k]:.0f} tokens" for k in texts)
    yield f"{model.spec.name}, {told} on average, {rounds} rounds in turns, the middle one:\n"
    yield "| way | " + " | ".join(f"{k} a second | a core-second" for k in texts) + " |"
    yield "|---" * (1 + 2 * len(texts)) + "|"
    for way in by_way:
        rates = [middle(found[way, kind]) for kind in texts]
        yield f"| {way} | " + " | ".join(f"{r.wall:.0f} | {r.core:.0f}" for r in rates) + " |"


def whole_load(model: OnnxEmbedder) -> Iterator[str]:
    """`imr index` as a whole, and how busy its parts were."""
    report = pipeline.LoadReport()
    with tempfile.TemporaryDirectory() as scratch:
        write_letters(Path(scratch) / "letters", LETTERS, seed=5, formats=("pdf",))
        files = letter_files([str(Path(scratch) / "letters")])
        counted = Counted(model)
        before, idle, began = _core_seconds(), _idle_seconds(), time.perf_counter()
        with EmbeddedWriter(Path(scratch) / "index", current(model.spec)) as writer:
            cutting = Clock(pipeline, "cut")
            writing = [Clock(writer, name) for name in ("known", "replace", "commit")]
            with Pool() as pool:
                letters = pipeline.parsed(files, pool, lambda _: None)
                pipeline.load(letters, writer, counted, report)
        cutting.stop()
        wall, used = time.perf_counter() - began, _core_seconds() - before
        cores = len(os.sched_getaffinity(0))
        idle = (_idle_seconds() - idle) / wall / cores
    parts = {
        "parsing (worker processes; processor time)": _cpu(resource.RUSAGE_CHILDREN),
        "embedding (a thread of its own)": counted.seconds,
        "cutting into passages": cutting.seconds,
        "writing, commits included": sum(clock.seconds for clock in writing),
    }
    yield (
        f"\nA whole load of {report.letters} synthetic letters as PDF ({report.decisions} "
        f"decisions, {counted.texts} texts embedded), nothing kept from before: {wall:.1f} s, "
        f"**{report.letters / wall:.1f} letters and {counted.texts / wall:.0f} texts a second**, "
        f"{counted.texts / used:.0f} texts a core-second. It had {used / wall:.2f} of "
        f"{cores} cores, other programs the rest but for {idle:.0%} that was idle. How long its "
        "parts were at work:\n"
    )
    yield "| part | share of the time |\n|---|---|"
    for part, seconds in parts.items():
        yield f"| {part} | {seconds / wall:.0%} |"


class Counted(OnnxEmbedder):
    """Counts the texts that are embedded, and the time it takes."""

    def __init__(self, model: OnnxEmbedder) -> None:
        super().__init__(model.files)
        self.texts, self.seconds = 0, 0.0

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See Embedder."""
        began = time.perf_counter()
        made = super().embed(texts)
        self.seconds += time.perf_counter() - began
        self.texts += len(texts)
        return made


def _cpu(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def _core_seconds() -> float:
    """Of this process and of its children that have ended."""
    return _cpu(resource.RUSAGE_SELF) + _cpu(resource.RUSAGE_CHILDREN)


def _idle_seconds() -> float:
    """Of all cores, nothing to do or waiting for a disk."""
    idle, waiting = Path("/proc/stat").read_text("ascii").split(maxsplit=6)[4:6]
    return (int(idle) + int(waiting)) / os.sysconf("SC_CLK_TCK")


def table_of_batches(name: str, rounds: int) -> Iterator[str]:
    """Rates of another model by batch and precision, and what precision costs."""
    env = replace(settings.load(), model=name)
    import torch  # noqa: PLC0415 - of the extra `torch`

    exact = model_choice.fetched(env)
    texts = [text for of in kinds(exact).values() for text in of]
    reference = exact.embed(texts)
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "the CPU"
    chosen = [(size, precision) for precision in ("float32", "bfloat16") for size in BATCHES]
    models = {
        each: model_choice.fetched(replace(env, torch_batch=each[0], torch_precision=each[1]))
        for each in chosen
    }
    found: dict[tuple[int, str], list[Rate]] = {each: [] for each in chosen}
    for number in range(rounds + 1):
        for each, model in models.items():
            rate = measured(model.embed, texts)
            if number:  # the first round warms up
                found[each].append(rate)
    yield (
        f"{exact.spec.name} (sha256 {exact.spec.model_sha256[:8]}) on sentence-transformers, "
        f"{device}, {len(texts)} passages and facts, {rounds} rounds in turns, the middle one:\n"
    )
    yield "| batch | precision | texts a second | a core-second | least cosine to float32 |"
    yield "|---|---|---|---|---|"
    for each, model in models.items():
        rate = middle(found[each])
        vectors = model.embed(texts)
        lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(reference, axis=1)
        least = ((vectors * reference).sum(axis=1) / lengths).min()
        yield f"| {each[0]} | {each[1]} | {rate.wall:.1f} | {rate.core:.1f} | {least:.5f} |"


def main() -> None:
    """Measure and write the section."""
    parser = argparse.ArgumentParser(description="Time embedding.")
    parser.add_argument("--model", help="another model, by name or folder")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    if given.model:
        title, lines = "Embedding with torch", list(table_of_batches(given.model, given.rounds))
    else:
        model = model_choice.fetched(settings.load())
        assert isinstance(model, OnnxEmbedder)  # noqa: S101 - other models have the option
        title = "Embedding"
        lines = [*table_of_ways(model, given.rounds), *whole_load(model)]
    put(title, lines)
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
