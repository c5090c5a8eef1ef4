"""Why the tagger found what it found, and why a name that stands in the text did not count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from imr.text.taxonomy.fold import Folded, fold
from imr.text.taxonomy.hit import Hit, Trace
from imr.text.taxonomy.nearby import culprit
from imr.text.taxonomy.negation import negated_conditions
from imr.text.taxonomy.requested import only_told
from imr.text.taxonomy.spelling import spellings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from imr.text.taxonomy.concept import Guard, Kind, Mention, Tag
    from imr.text.taxonomy.nearby import Objection
    from imr.text.taxonomy.tagger import Tagger

Reading = Literal["text", "query", "heading"]


@dataclass(frozen=True, slots=True)
class Counted:
    """A tag, the vocabulary's names that matched, and the rules that admitted them.

    `left_out` says why the record has it not although it is tagged: a drug only told of in a
    heading, a condition that a text denies.
    """

    start: int
    end: int
    text: str
    kind: Kind
    code: str
    label: str
    names: tuple[str, ...]
    because: str
    left_out: str | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A name that stands in the text and did not count."""

    start: int
    end: int
    text: str
    kind: Kind
    code: str
    name: str
    because: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the tagger makes of a text, in the order of the text."""

    reading: Reading
    counted: tuple[Counted, ...]
    rejected: tuple[Rejected, ...]


def explain(text: str, tagger: Tagger, reading: Reading = "text") -> Explanation:
    """Tag a text as `Tagger.tag` does, and say why."""
    trace = Trace()
    tags = tagger.tag(text, query=reading == "query", heading=reading == "heading", trace=trace)
    left_out = _left_out(text, tags, reading)
    folded = fold(text)
    beaten = {(hit.start, hit.end, hit.mention) for hit, _ in trace.overlapped}
    standing = [hit for hit in trace.admitted if (hit.start, hit.end, hit.mention) not in beaten]
    counted = [
        _counted(tag, folded, standing, reading, left_out.get((tag.start, tag.kind)))
        for tag in tags
    ]
    rejected = sorted(_rejected(text, folded, trace), key=lambda each: (each.start, each.end))
    return Explanation(reading, tuple(counted), tuple(dict.fromkeys(rejected)))


def _left_out(text: str, tags: Sequence[Tag], reading: Reading) -> dict[tuple[int, Kind], str]:
    if reading == "heading":
        told = only_told(text, tags)
        return {(t.tag.start, t.tag.kind): f"told of, not requested: {t.cue!r}" for t in told}
    if reading == "text":
        denied = negated_conditions(text, tags)
        return {(n.tag.start, n.tag.kind): f"not the patient's: {n.cue!r}" for n in denied}
    return {}


def _counted(
    tag: Tag, folded: Folded, standing: Iterable[Hit], reading: Reading, left_out: str | None
) -> Counted:
    """The tag with the hits it was made of: those of its kind that lie in it."""
    own: list[Hit] = []
    for hit in standing:
        start, end = folded.origin(hit.start, hit.end)
        if hit.concept.kind == tag.kind and tag.start <= start and end <= tag.end:
            own.append(hit)
    mentions = [hit.mention for hit in own if hit.mention]
    reasons = [_form(hit, folded) for hit in own]
    if len(own) > 1:
        reasons.append("sold together")
    if own and folded.origin(own[-1].start, own[-1].end)[1] < tag.end:
        reasons.append("with its number")
    reasons += [_admitted(m.guard, reading) for m in mentions if m.guard]
    return Counted(
        start=tag.start,
        end=tag.end,
        text=tag.text,
        kind=tag.kind,
        code=tag.concept.code,
        label=tag.label,
        names=tuple(mention.text for mention in mentions),
        because="; ".join(dict.fromkeys(reasons)),
        left_out=left_out,
    )


def _form(hit: Hit, folded: Folded) -> str:
    """How the wording differs from the vocabulary's name."""
    if hit.mention is None:
        return "whole words"
    wording = folded.text[hit.start : hit.end]
    spelt = "a known misspelling" if hit.mention.misspelt else "whole word"
    if wording not in spellings(hit.mention.text):
        spelt = "plural" if wording.endswith("s") else "cut by a hyphen"
    if folded.text[hit.end : hit.end + 1].isalnum():
        return f"{spelt}, a dose follows"
    return spelt


def _admitted(guard: Guard, reading: Reading) -> str:
    """The rules that a guarded name met, and those that are not asked here."""
    met: list[str] = []
    if guard.measured or guard.mixed:
        met.append("a strength or mixture beside it")
    if guard.unless_after or guard.unless_before:
        met.append("none of its other meanings beside it")
    strict = guard.exact or guard.only_after or guard.only_before or guard.heading
    if strict and reading != "text":
        met.append(f"a {reading} asks no more")
    elif strict:
        met.append("letter case" if guard.exact else "a word it needs beside it")
    return "guard met: " + ", ".join(met)


def _rejected(text: str, folded: Folded, trace: Trace) -> Iterator[Rejected]:
    for hit, rule in trace.refused:
        if hit.mention is not None:
            yield _rejection(text, folded, hit, _refusal(hit, hit.mention, rule, folded))
    for hit, winner in trace.overlapped:
        if hit.concept.code != winner.concept.code:
            wording = text[slice(*folded.origin(winner.start, winner.end))]
            why = f"overlapped by {wording!r} ({winner.concept.code})"
            yield _rejection(text, folded, hit, why)


def _rejection(text: str, folded: Folded, hit: Hit, because: str) -> Rejected:
    start, end = folded.origin(hit.start, hit.end)
    return Rejected(
        start=start,
        end=end,
        text=text[start:end],
        kind=hit.concept.kind,
        code=hit.concept.code,
        name=hit.mention.text if hit.mention else hit.concept.label,
        because=because,
    )


_REFUSALS: Mapping[Objection, str] = {
    "heading": "too general but in a request heading, or as all of a query",
    "unless_after": "means something else after {word}",
    "unless_before": "means something else before {word}",
    "measured": "counts only beside a strength (10 mg, 5 %)",
    "mixed": "counts only beside a strength, or joined to others by / or +",
    "exact": "counts in running text only as {name!r}",
    "only": "counts in running text only beside {word}",
}


def _refusal(hit: Hit, mention: Mention, rule: Objection, folded: Folded) -> str:
    guard = mention.guard
    word = culprit(guard, rule, folded.text, (hit.start, hit.end)) if guard else ""
    return _REFUSALS[rule].format(word=word, name=mention.text)
