"""What a heading asks for, apart from what it only mentions.

"Transportation to physical therapy" asks for transportation, "Physical therapy after rotator cuff
repair" for therapy, "Interpreter for an MRI" for an interpreter.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from imr.text.taxonomy.concept import Tag
    from imr.text.taxonomy.load import Taxonomy

_WORDS = r"(?:(?!(?:and|or|with|w|plus|then)\b)[^\s,;:()&+]+\s+){0,6}$"
"""A few words up to the name, of one phrase: "for the right knee and" has begun another."""

_HISTORY = re.compile(
    r"(?:\bstatus[- ]post|\bs/p|\bpost(?![- ]?(?:op|surg|traum|concuss|herpet|myelo|disc|void"
    r"|partum|natal|dural))|\bafter|(?<!the )\bfollowing(?!:)|\bdue to|\bbecause of|\bsecondary to"
    r"|\brelated to|\bprior to|\bbefore|\buntil|\bpending|\binstead of|\bin lieu of|\brather than"
    r"|\bin place of|\bversus|\bvs\.?|\bexcluding|\bwithout|\bw/o|\bhistory of|\bh/o|\bfailed)"
    rf"[\s-]+{_WORDS}",
    re.IGNORECASE,
)
_PURPOSE = re.compile(
    r"\b(?:for|during|while|to (?:assist|help|aid|facilitate|evaluate|determine|consider|discuss)"
    rf"(?: with| for)?|regarding|re:|in preparation)\s+{_WORDS}",
    re.IGNORECASE,
)
_ON_THE_WAY = re.compile(r"\b(?:to|from|for|at|during)\b", re.IGNORECASE)
_SAME_AGAIN = re.compile(r"[\s/&+]*(?:(?:and|or|and/or|with|w/)\s+)?", re.IGNORECASE)
_LISTED = re.compile(r"[\s,/&+]*(?:(?:and|or|and/or|with)\s+)?[^,;:()]{0,40}", re.IGNORECASE)
_ADJECTIVES = frozenset({"follow-up-visit", "evaluation"})
"""Visits whose names also stand before what is asked for again: "Follow-up MRI"."""


class Asked(NamedTuple):
    """Treatments and drugs in order: what is asked for, and what is named beside it."""

    wanted: tuple[Tag, ...]
    mentioned: tuple[Tag, ...]

    @property
    def medicines(self) -> list[Tag]:
        """All drugs and drug classes, but for those in a treatment's name."""
        return [tag for tag in (*self.wanted, *self.mentioned) if tag.kind != "treatment"]


def asked_for(request: str, tags: Sequence[Tag], taxonomy: Taxonomy) -> Asked:
    """Part the treatments and drugs among tags into wanted and mentioned.

    Where all of them look mentioned, they are wanted: a heading asks for something.

    Args:
        request: the heading that the tags were found in.
        tags: all of the heading, in order.
        taxonomy: for telling that a purpose only says the same more closely ("Surgery for carpal
            tunnel release").
    """
    services = _services(tags)
    wanted: list[Tag] = []
    mentioned: list[Tag] = []
    at = 0
    for tag in sorted((*services, *_medicines(tags, services)), key=lambda tag: tag.start):
        gap = request[at : tag.start]
        last = mentioned[-1] if mentioned and mentioned[-1].end == at else None
        is_mentioned = _is_mentioned(gap, tag, wanted, last)
        labelled = gap.strip() in {":", "-", "\u2013"}
        if (is_mentioned or labelled) and wanted and _says_more(wanted[-1], tag, taxonomy):
            is_mentioned = False
            wanted.pop()
        (mentioned if is_mentioned else wanted).append(tag)
        at = tag.end
    if not wanted:
        return Asked(tuple(mentioned), ())
    return Asked(_without_adjectives(request, wanted), tuple(mentioned))


def _services(tags: Sequence[Tag]) -> list[Tag]:
    """Treatments, but for what is a part of a drug's name."""
    drugs = [(tag.start, tag.end) for tag in tags if tag.kind == "drug"]
    return [
        tag
        for tag in tags
        if tag.kind == "treatment"
        and tag.concept.code != "surgical-adjunct"
        and not any(
            start <= tag.start and tag.end <= end and tag.end - tag.start < end - start
            for start, end in drugs
        )
    ]


def _medicines(tags: Iterable[Tag], services: Iterable[Tag]) -> list[Tag]:
    """Drugs and drug classes that are not part of a treatment's name ("epidural steroid …")."""
    taken = [(tag.start, tag.end) for tag in services]
    return [
        tag
        for tag in tags
        if tag.kind in {"drug", "drug-class"}
        and not any(start < tag.end and tag.start < end for start, end in taken)
    ]


def _is_mentioned(gap: str, tag: Tag, wanted: Sequence[Tag], last: Tag | None) -> bool:
    if _HISTORY.search(gap):
        return True
    if not wanted:
        return last is not None and _goes_on(gap, tag, last)
    first = wanted[0].concept
    if first.category == "transportation" or first.code == "interpreter":
        return bool(_ON_THE_WAY.search(gap)) or (last is not None and bool(_LISTED.fullmatch(gap)))
    if _PURPOSE.search(gap) and any(each.concept.code != "evaluation" for each in wanted):
        return True
    return last is not None and _goes_on(gap, tag, last)


def _goes_on(gap: str, tag: Tag, last: Tag) -> bool:
    """Whether a name goes on with what was mentioned: "after cuff repair and SLAP repair"."""
    if _SAME_AGAIN.fullmatch(gap):
        return bool(gap.strip()) or tag.concept.category == last.concept.category
    return tag.concept.category == last.concept.category and bool(_LISTED.fullmatch(gap))


def _says_more(last: Tag, tag: Tag, taxonomy: Taxonomy) -> bool:
    """Whether a purpose is what is asked for: "supplies for TENS unit", "imaging for x-rays"."""
    if {last.kind, tag.kind} != {"treatment"}:
        return False
    if last.concept.code == "dme":
        return tag.concept.category in {"dme", "electrical-stimulation"}
    return last.concept.code in taxonomy.ancestors("treatment", tag.concept.code)


def _without_adjectives(request: str, wanted: Sequence[Tag]) -> tuple[Tag, ...]:
    """Without "follow-up" and "repeat" visits that only say that something is asked for again."""
    kept = [
        tag
        for tag, after in zip(wanted, (*wanted[1:], None), strict=False)
        if not (
            after is not None
            and tag.concept.code in _ADJECTIVES
            and after.concept.category != "consultation"
            and not request[tag.end : after.start].strip(" -")
        )
    ]
    return tuple(kept)
