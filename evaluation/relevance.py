"""Measures relevance on judged topics over real letters and writes docs/relevance.md.

    python -m evaluation.relevance --letters DIR

The letters are not in the repository; the topics are (`evaluation/topics.json`, `similar.json`).
The figures are also kept in `evaluation/relevance.json`, below which a test lets none fall far.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import mean

from evaluation.bootstrap import Estimate, difference, estimate
from evaluation.measure import DEPTH, FAR, Scores, by_mode, judged_letters, similar
from evaluation.throwaway import caching_embedder, index_of
from evaluation.topics import SimilarCase, Topic, similar_cases, topics

REPORT = Path("docs/relevance.md")
RECORDED = Path(__file__).parent / "relevance.json"
TRIED = Path(__file__).parent / "tried.md"
WORST = 6

Figures = dict[str, dict[str, float]]
"""Mean nDCG@10 by mode (and by the similar cases' baselines), then by half."""


def measured(letters: Path) -> tuple[Scores, Scores]:
    """Topics by mode, and similar cases by each baseline."""
    embedder = caching_embedder()
    with index_of(judged_letters(letters), embedder) as engine:
        return by_mode(engine, embedder, topics()), similar(engine, similar_cases())


def figures(scores: Scores, cases: Scores) -> Figures:
    """What is recorded."""
    halves = {topic.id: topic.half for topic in topics()}
    halves |= {case.id: case.half for case in similar_cases()}
    found: Figures = {}
    for of in (scores, {f"similar: {name}": each for name, each in cases.items()}):
        for name, by_id in of.items():
            found[name] = {
                half: round(mean(s.ndcg for id_, s in by_id.items() if halves[id_] == half), 4)
                for half in ("dev", "held")
            }
    return found


def report(scores: Scores, cases: Scores) -> Iterator[str]:
    """The report's lines."""
    asked, alike = topics(), similar_cases()
    yield "# Relevance\n"
    yield (
        f"{len(asked)} topics and {len(alike)} similar cases, judged by reading over the 146 "
        "decisions of the 70 letters at hand that are not set aside, by a language-model annotator "
        "and checked by no person. Half of them (*dev*) were looked at while search was tuned, of "
        "the other half (*held*) only totals were. Run by `make relevance`, which writes this "
        "page.\n\n"
        f"nDCG@{DEPTH} takes 2^grade - 1 as gain (2 for what was asked, 1 for partly so); recall@"
        f"{FAR} is the share of all such decisions among the first {FAR}. Brackets hold 95 % "
        "intervals: a bootstrap over the topics, for differences a paired one. With 20 topics a "
        "half they are wide; the corpus is small, so that every decision is a candidate of the "
        "semantic leg, which a corpus of a million letters will not have.\n"
    )
    yield "## By mode\n"
    yield from _modes(scores, asked)
    yield "## By type\n"
    yield from _types(scores, asked)
    yield "## Worst topics of the dev half\n"
    yield from _worst(scores, asked)
    yield "## Similar cases\n"
    yield from _similar(cases, alike)
    yield TRIED.read_text(encoding="utf-8").rstrip()


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _table(*head: str) -> Iterator[str]:
    yield _row(*head)
    yield "|---" * len(head) + "|"


def _told(found: Estimate) -> str:
    return f"{found.mean:.3f} [{found.low:.3f}, {found.high:.3f}]"


def _halves(asked: Sequence[Topic | SimilarCase]) -> dict[str, list[str]]:
    found = {half: [each.id for each in asked if each.half == half] for half in ("dev", "held")}
    return {**found, "both": [each.id for each in asked]}


def _modes(scores: Scores, asked: Sequence[Topic]) -> Iterator[str]:
    halves = _halves(asked)
    yield from _table("nDCG@10", *halves)
    for mode, by_id in scores.items():
        cells = (_told(estimate([by_id[id_].ndcg for id_ in ids])) for ids in halves.values())
        yield _row(mode, *cells)
    for other in ("keyword", "semantic"):
        cells = (
            _told(
                difference(
                    [scores["hybrid"][id_].ndcg for id_ in ids],
                    [scores[other][id_].ndcg for id_ in ids],
                )
            )
            for ids in halves.values()
        )
        yield _row(f"hybrid less {other}", *cells)
    yield ""
    yield from _table("recall@20", *halves)
    for mode, by_id in scores.items():
        cells = (_told(estimate([by_id[id_].recall for id_ in ids])) for ids in halves.values())
        yield _row(mode, *cells)
    yield ""


def _types(scores: Scores, asked: Sequence[Topic]) -> Iterator[str]:
    yield from _table("type", "half", "topics", *scores)
    for type_ in dict.fromkeys(topic.type for topic in asked):
        for half in ("dev", "held"):
            ids = [t.id for t in asked if (t.type, t.half) == (type_, half)]
            cells = (f"{mean(by_id[id_].ndcg for id_ in ids):.3f}" for by_id in scores.values())
            yield _row(type_, half, str(len(ids)), *cells)
    yield ""


def _worst(scores: Scores, asked: Sequence[Topic]) -> Iterator[str]:
    dev = [topic for topic in asked if topic.half == "dev"]
    dev.sort(key=lambda topic: scores["hybrid"][topic.id].ndcg)
    yield from _table("topic", *scores)
    for topic in dev[:WORST]:
        cells = (f"{by_id[topic.id].ndcg:.2f}" for by_id in scores.values())
        yield _row(topic.text.replace("|", "\\|"), *cells)
    yield ""


def _similar(cases: Scores, alike: Sequence[SimilarCase]) -> Iterator[str]:
    yield (
        "A decision is the query: its request by keyword, the vectors of its passages, the vector "
        "of the case's facts, and all three joined as in hybrid search. Decisions of its own "
        "letter are left out. These four are baselines; `imr similar` is the feature "
        "([similar.md](similar.md)). Its weights were set before the held half was scored.\n"
    )
    halves = _halves(alike)
    yield from _table("nDCG@10", *halves, "recall@20, both")
    for name, by_id in cases.items():
        cells = [_told(estimate([by_id[id_].ndcg for id_ in ids])) for ids in halves.values()]
        far = estimate([by_id[id_].recall for id_ in halves["both"]])
        yield _row(name, *cells, _told(far))
    yield ""


def recorded() -> Mapping[str, Mapping[str, float]]:
    """The figures of the last report."""
    found: Figures = json.loads(RECORDED.read_text(encoding="utf-8"))
    return found


def main() -> None:
    """Write the report and record the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--letters", type=Path, required=True)
    scores, cases = measured(parser.parse_args().letters)
    lines = "\n".join(report(scores, cases))
    REPORT.write_text(f"{lines.rstrip()}\n", encoding="utf-8")
    kept = json.dumps(figures(scores, cases), indent=1)
    RECORDED.write_text(f"{kept}\n", encoding="utf-8")
    sys.stdout.write(f"wrote {REPORT} and {RECORDED}\n")


if __name__ == "__main__":
    main()
