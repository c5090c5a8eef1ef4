"""Conditions that a text names only to say that the patient does not have them.

After NegEx (Chapman et al., J Biomed Inform 2001): words before or behind a condition deny it, lay
it at another person's door, only suspect it or tell of childhood, within a clause.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from imr.text.taxonomy.fold import lower

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imr.text.taxonomy.concept import Tag


def _phrases(*lines: str) -> str:
    """Alternatives in which a blank is any white space."""
    return "|".join(lines).replace(" ", r"\s+")


_PATIENT = "(?:patient|worker|claimant|applicant|employee|individual|man|woman|he|she|iw)"
_RELATIVE = (
    "(?:(?:grand)?(?:mother|father|parents?)|sister|brother|siblings?|sons?|daughter|child|children"
    "|uncle|aunt|cousin|spouse|wife|husband)"
)
_FINDING = (
    "(?:evidence|signs?|symptoms?|history|indications?|findings?|complaints?|documentation|diagnosis"
    "|suggestion|mention)"
)
_SHOW = (
    "(?:have|had|show|shown|demonstrate|reveal|indicate|suggest|suffer(?:ing|ed)? from"
    "|consistent with|suggestive of|indicative of|criteria for|diagnosed with)"
)
_HOW = r"(?:(?:has|had|also|again|still|further|otherwise|\w+ly|at (?:this|that) time|today) ){0,3}"
_PAYERS = (
    "(?:administrator|adjuster|carrier|insurer|payer|employer|reviewer|ur|utilization review)"
    rf" {_HOW}den(?:ied|ies|ying)"
)
"""A payer denies as well ("denied the MRI for low back pain"), but is no patient."""

_DENIED = (
    rf"{_PATIENT} {_HOW}denied",
    "(?:currently|presently|specifically|otherwise|also) denied(?! (?:the|an?|this|by|for|due)\\b)",
    "denies|denying",
    r"negative for|free of|absence of|lack of",
    rf"(?:no|without)(?: \w+){{0,2}}? {_FINDING} (?:of|for|suggesting|suggestive of)",
    rf"(?:not|never|(?<=n)['\u2019]t) (?:\w+ )?{_SHOW}",
)
_SUSPECTED = (
    r"(?:rule|ruling|(?:has|have|had|mri|emg|imaging) ruled)[ -]out|r/o|to exclude",
    r"(?:rule|ruling)[ -]in(?: or out|/out)?(?! the)|suspects?|suspected (?:to have|of having)",
    r"suspicious (?:for|of)|suspicion (?:for|of|about)|concern(?:s|ing)? for",
    r"(?:evaluate|screen(?:ed|ing)?|work-?up) for",
    r"risks? (?:of|for)|prevent(?:ion of|ing)?|prophyla(?:xis|ctic) (?:of|for|against)",
)
_DIFFERENTIAL = "differential(?: diagnos[ie]s)?(?: (?:includes?|included|of|is|was))?:?"
"""What it lists is suspected, too, to the end of the list."""

_OF = "(?:of|for|includes?|positive for|significant for|remarkable for)"
_ANOTHERS = (
    rf"family (?:medical )?history(?: is| was)?(?: {_OF})?:?",
    rf"{_RELATIVE} (?:(?:also|who) )?(?:has|had|have|with|suffers?|suffered|died|is|was)",
)
_CUE = re.compile(
    rf"\b(?:(?P<payers>{_phrases(_PAYERS)})|{_phrases(*_DENIED, _DIFFERENTIAL, *_ANOTHERS)}"
    rf"|(?P<suspected>{_phrases(*_SUSPECTED)}))(?!\w)"
)
_SAYS = "(?:has|had|is|was|continues?|complains?|reports?|states?|presents?|underwent|admits?)"
_CLAUSE_END = re.compile(
    r"[.;!?](?=\s|$)|\b(?:"
    + _phrases(
        "but|however|although|though|except|aside from|other than|which",
        rf"(?:{_PATIENT}|there|and) {_SAYS}",
        "positive for|diagnosed with|complains? of|reports?|presents? with",
    )
    + r")\b"
)
_KIND = (
    r"(?:any|an?|the|acute|chronic|obvious|definite|significant|frank|new|known|prior|current"
    r"|clinical|overt|associated|other|further|clear|gross|active|residual|underlying|left|right"
    r"|bilateral|lumbar|cervical|thoracic|early|mild|moderate|severe|recurrent|superimposed)"
)
_NO = re.compile(
    r"\b(?:no|without|not|suspected|possibl[ey]|probabl[ey]|questionable|presum(?:ed|ptive)|likely"
    rf"|childhood)(?:\s+{_KIND}){{0,3}}\s+$"
)
_MINOR = r"(?:\d|1[0-7])(?!\d)"
_BEHIND = re.compile(
    r"[\s(,:]*(?:(?:is|are|was|were|has|have|been|being)\s+)*(?:"
    + _phrases(
        "ruled out|excluded|absent|negative|denied|unlikely",
        "(?:is|are|was|were) (?:suspected|possible|probable|questionable)(?! (?:to|that))",
        rf"(?<!,\x20)(?:as an? (?:child|infant|baby)|at (?:the )?age (?:of )?{_MINOR}",
        rf"at {_MINOR} years (?:old|of age)|(?:in|during) (?:\w+ )?(?:childhood|infancy))",
        "not (?:present|noted|seen|found|identified|evident|suspected|demonstrated|documented)",
    )
    + r")\b"
)
_ALTERNATIVE = re.compile(
    r"(?:\s*,[^,.;:]{1,30})*,?\s*(?:\b(?:or|nor|and/or)\b|/)\s*(?:\w+\s+){0,2}"
)
_COMMA = re.compile(r"\s*,\s*")
_OR_FOLLOWS = re.compile(r"(?:\s*,[^,.;:]{1,30})*,?\s*\b(?:or|nor)\b")

_NEAR = 60
"""Characters in which a bare "no", and what stands behind a condition, are looked for."""

_CLAUSE = 300
"""Characters that a cue reaches at most; a clause is shorter."""


class Negated(NamedTuple):
    """A condition that is not the patient's, and the words that say so."""

    tag: Tag
    cue: str


def affirmed(text: str, tags: Sequence[Tag]) -> tuple[Tag, ...]:
    """The conditions among the tags, less those that the text says the patient does not have."""
    out = {negated.tag.start for negated in negated_conditions(text, tags)}
    return tuple(tag for tag in tags if tag.kind == "condition" and tag.start not in out)


def negated_conditions(text: str, tags: Sequence[Tag]) -> Iterator[Negated]:
    """The conditions that are denied, another person's, or only to be ruled out."""
    lowered = lower(text)
    before: Negated | None = None
    for tag in tags:
        if tag.kind != "condition":
            continue
        cue = _in_clause(lowered, tag) or _beside(lowered, tag) or _listed(lowered, before, tag)
        before = Negated(tag, " ".join(cue.split())) if cue else None
        if before is not None:
            yield before


def _in_clause(text: str, tag: Tag) -> str | None:
    """The cue whose clause the condition stands in."""
    low = max(0, tag.start - _CLAUSE)
    begin = max(low, text.rfind(". ", low, tag.start), text.rfind("; ", low, tag.start))
    for found in _CUE.finditer(text, begin, tag.start):
        # "rule out radiculopathy, lumbar sprain, knee contusion": a list of diagnoses
        over = found["suspected"] and "," in text[found.end() : tag.start]
        if (
            not found["payers"]
            and not over
            and not _CLAUSE_END.search(text, found.end(), tag.start)
        ):
            return found[0]
    return None


def _beside(text: str, tag: Tag) -> str | None:
    """A bare "no" or "possible" right before, "was ruled out" or "as a child" right behind.

    Right before, because "no relief of her low back pain" denies no pain.
    """
    found = _NO.search(text, max(0, tag.start - _NEAR), tag.start)
    found = found or _BEHIND.match(text, tag.end, tag.end + _NEAR)
    return found[0] if found else None


def _listed(text: str, before: Negated | None, tag: Tag) -> str | None:
    """What "or" joins to a denied condition is denied too; a comma joins where "or" follows.

    "no fracture, sprain or dislocation", but "no fracture, low back pain persists".
    """
    if before is None:
        return None
    if _ALTERNATIVE.fullmatch(text, before.tag.end, tag.start):
        return before.cue
    in_list = _COMMA.fullmatch(text, before.tag.end, tag.start)
    return before.cue if in_list and _OR_FOLLOWS.match(text, tag.end) else None
