"""Which drugs a heading asks for, and which it only tells of: tried, replaced, weaned off."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imr.text.taxonomy.concept import Tag

_WHOM = r"(?: (?:him|her|the patient|completely|down|slowly))?"
_OFF = r"(?: off| from)+(?: of)?"
_CUES = (
    # as in "(failed gabapentin)" and "after failure of Norco"
    r"(?:failed|tried)(?: (?:trials?|use) of| (?:treatment|therapy) with)?",
    r"failures? (?:of|with|on|to)|failing",
    r"(?:prior|previous|past|unsuccessful) (?:trials?|use) of",
    # "Butrans in place of Norco", "switch from OxyContin"
    r"(?:in (?:place|lieu)|instead) of|rather than|as opposed to|versus|vs\.?",
    r"replac(?:e|es|ing)|substitut(?:e|es|ing) for|(?:replacement|substitute) (?:for|of)",
    r"(?:switch|chang|transition|convert|rotat)(?:e|ed|ing)?(?: over)?(?: off)? from",
    # "wean from oxycodone"; what is given "for weaning" is asked for
    rf"(?:wean|taper|detox|withdraw|titrat|com|stay)(?:e|ed|ing|ification|al)?{_WHOM}{_OFF}",
    r"discontinu(?:e|es|ed|ing|ation of)|d/c(?:'?d)?|stop(?:ped|ping)?|cessation of",
    # "allergic to codeine", "constipation due to Norco", "without codeine"
    r"allerg(?:ic|y) to|intoleran(?:t|ce) (?:to|of)|unable to tolerate",
    r"(?:can ?not|does not|did not|doesn't|didn't) tolerate",
    r"(?:side|adverse) effects? (?:of|from|to|with)|due to|secondary to|caused by",
    r"dependen(?:ce|cy|t) (?:up)?on|addict(?:ed|ion) to|overdose of",
    r"without|not including|no more|(?:while|currently) (?:on|taking)",
    # "levels of testosterone", "screen for opiates"
    r"levels? of|(?:screen|test)(?:s|ing)? for|monitoring (?:of|for)",
)
_DETERMINED = r"(?: (?:the|her|his|their|this|any|all|current|chronic|daily|use of|usage of))*"
_CUE_BEFORE = re.compile(
    rf"\b(?P<cue>{'|'.join(_CUES)}){_DETERMINED}[ :(]*$".replace(" ", r"\s"), re.IGNORECASE
)
_CUE_AFTER = re.compile(
    # "gabapentin has failed", "Norco (discontinued)", and not "Lyrica (failed gabapentin)"
    r"(?:\s+(?:(?:has|have|had|was|were|is|are|to|be|been|being|previously)\s+)*|\s*\((?=[^()]*\)))"
    r"(?P<cue>failed|tried(?: and failed)?|ineffective|not (?:helpful|effective|tolerated)"
    r"|discontinued|stopped|d/c'?d)(?=\s*(?:$|[).,;]|due\b|because\b|in\b|and\b))"
    # "testosterone level", "NSAID-induced gastritis", "opioid dependence"
    r"|[\s-]+(?P<noun>(?:serum |blood )?levels?|induced|related|associated|free|dependen(?:t|ce|cy)"
    r"|allergy|intolerance|addiction|withdrawals?|screen(?:ing)?|metabolites?)\b",
    re.IGNORECASE,
)
_LISTED = re.compile(r"[\s,/&+()]*(?:(?:and|or|and/or|nor)\b)?[\s,/&+(]*", re.IGNORECASE)
_PURPOSE = re.compile(r"\b(?P<cue>for|from|to treat)\s+(?:\w+\s+){0,2}$", re.IGNORECASE)
_REACH = 60
"""Characters a cue is looked for in."""


class Told(NamedTuple):
    """A drug that is not asked for, the words that say so, and where the list they begin stands."""

    tag: Tag
    cue: str
    since: int


def requested(heading: str, tags: Sequence[Tag]) -> tuple[Tag, ...]:
    """The tags of a heading without the drugs and drug classes that it only tells of.

    "Lyrica 75mg #60 (failed gabapentin)" asks for pregabalin alone, "Detoxification program to
    taper off Norco" for no drug.
    """
    told = {(told.tag.start, told.tag.kind) for told in only_told(heading, tags)}
    return tuple(tag for tag in tags if (tag.start, tag.kind) not in told)


def only_told(heading: str, tags: Sequence[Tag]) -> Iterator[Told]:
    """The drugs and drug classes that a heading mentions and does not ask for."""
    before: Told | None = None
    asked = False
    for tag in tags:
        if tag.kind not in {"drug", "drug-class"}:
            asked = asked or tag.kind == "treatment"
            continue
        told = _told(heading, tag) or _told_with(heading, before, tag)
        if told is None and tag.kind == "drug-class" and asked:
            told = _in(tag, _PURPOSE.search(heading, max(0, tag.start - _REACH), tag.start))
        asked = asked or told is None
        before = told
        if told is not None:
            yield told


def _told(heading: str, tag: Tag) -> Told | None:
    """What stands right before or right after the name and takes it out of the request."""
    before = _CUE_BEFORE.search(heading, max(0, tag.start - _REACH), tag.start)
    return _in(tag, before) or _in(tag, _CUE_AFTER.match(heading, tag.end, tag.end + _REACH))


def _told_with(heading: str, before: Told | None, tag: Tag) -> Told | None:
    """A list shares its cue ("failed gabapentin, Lyrica and Norco"); a dose ends the list.

    So does the end of the brackets it stands in: "(failed Norco) Percocet".
    """
    if before is None or not _LISTED.fullmatch(heading, before.tag.end, tag.start):
        return None
    depth = 0
    for character in heading[before.since : tag.start]:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return None
    return Told(tag, before.cue, before.since)


def _in(tag: Tag, match: re.Match[str] | None) -> Told | None:
    if match is None:
        return None
    cue = " ".join(next(filter(None, match.groupdict().values())).split())
    return Told(tag, cue, min(match.end(), tag.start))
