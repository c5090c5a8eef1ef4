"""What kind of treatment a request is, by DESIGN's definitions; docs/categories.md tells how."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imr.text.taxonomy.compounds import is_compounded
from imr.text.taxonomy.plain_words import OPERATION, by_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imr.model import Category
    from imr.text.taxonomy.asked import Asked
    from imr.text.taxonomy.concept import Tag

_ASSOCIATED = re.compile(
    r"\bassociated surg\w+ (?:service|procedure|item|equipment)s?\b", re.IGNORECASE
)
_BEFORE = re.compile(
    r"\b(?:pre|peri|intra)[- ]?(?:op(?:erative(?:ly)?)?|surg(?:ical|ery))\b", re.IGNORECASE
)
_AFTER = re.compile(r"\bpost[- ]?(?:op(?:erative(?:ly)?)?|surg(?:ical|ery))\b", re.IGNORECASE)
_TIED_TO_IT = re.compile(
    r"\b(?:for|after|following|prior to|before|during|day of)\b", re.IGNORECASE
)
_AHEAD_OF_IT = re.compile(r"\b(?:for|prior to|before)\b", re.IGNORECASE)
_LONG_AGO = re.compile(r"\b(?:status[- ]post|s/p|history of)\b", re.IGNORECASE)

_THINGS: frozenset[Category] = frozenset({"dme", "electrical-stimulation", "other"})
_STUDIES: frozenset[Category] = frozenset({"imaging", "diagnostic-test"})
_ANY_VISIT = frozenset({"consultation", "follow-up-visit", "evaluation", "medication-management"})
"""Visits that name no specialty."""

_VISITS = re.compile(r"visits?|appointments?", re.IGNORECASE)
"""They count what is asked for as often as they are it."""

_GOVERNED = re.compile(
    r"\b(?P<word>evaluat\w*|assess\w*|exam\w*|visits?|appointments?|opinion|consult\w*|clinic"
    r"|follow[- ]?up|refer\w*)\b[^,;]*?\b(?:to|with|by|for|from|regarding|re)\b[^,;]*$",
    re.IGNORECASE,
)
_IN_SESSIONS = re.compile(
    r"\b(?:sessions?|visits?|treatments?|weekly)\b"
    r"|\d\s*(?:x|times)\s*(?:a |per |/)?\s*(?:\d|week|wk)",
    re.IGNORECASE,
)
_INJECTED = re.compile(
    r"\binject\w*|\binfusions?\b|\bintramuscular\w*|\bsubcutaneous\w*|\bsub-?q\b|\bSQ\b|\bIM\b"
    r"|(?<!schedule )(?<!class )(?<!stage )(?<!type )\bIV\b|\bauto-?inject\w*|\bpre-?filled\b"
    r"|\bpens?\b(?! ?needles?)|\bshots?\b|\bsyringes?\b(?= *(?:$|[,#x(]))",
    re.IGNORECASE,
)
_ONLY_INJECTED = re.compile(
    r"insulin.*|.*mab$|.*parin$|.*botulinumtoxin.*|.*glutide$|tirzepatide|exenatide|etanercept"
    r"|abatacept|abaloparatide|teriparatide|glatiramer|interferon.*|.*poetin alfa|.*filgrastim"
    r"|iron sucrose|pegloticase|octreotide|leuprolide|chorionic gonadotropin|corticotropin"
    r"|collagenase clostridium histolyticum|ziconotide|somatropin|anakinra|fondaparinux"
    r"|.*vaccine|tetanus toxoid|immune globulin|hyaluronate|zoledronic acid|pamidronate"
)
_MEASURED = re.compile(
    r"(?:[\s,-]+(?!inject|at\b|two\b|three\b|\d+ )[\w-]+){0,2}[\s-]+levels?\b"
    r"|,? serum\b|[\s-]*(?:serum |blood |urine )?(?:assays?|concentrations?|titers?|toxicity"
    r"|(?:urine |drug )?(?:test(?:s|ing)?|screen(?:s|ing)?|panel))\b",
    re.IGNORECASE,
)


def categorize(request: str, asked: Asked) -> Category:
    """The category of a request heading, from what it asks for and its words.

    What is asked for first decides, minor things only where there is nothing else. A consultation
    gives way to what is more specific (psychology), equipment and tests to the operation that they
    serve.
    """
    lead = _lead(request, asked)
    if lead is None or lead.concept.minor:
        words = by_words(_without(request, asked.wanted))
        category = _of_minor(lead, words) if lead is not None else words
    elif _begins_with_operation(request, lead, asked):
        category = "surgery"
    else:
        category = _of_lead(request, lead, asked)
    return "surgical-adjunct" if _serves_surgery(request, category, lead, asked) else category


def _of_minor(lead: Tag, words: Category) -> Category:
    """Of guidance or a visit, beside words that may tell more: "wrist therapy, 8 visits"."""
    own = lead.concept.category or "other"
    if own == "consultation" and not _VISITS.fullmatch(lead.text):
        return own
    return own if words == "other" else words


def _lead(request: str, asked: Asked) -> Tag | None:
    """What is asked for first; what only qualifies the next name gives way to it."""
    followed = zip(asked.wanted, (*asked.wanted[1:], None), strict=False)
    wanted = [
        tag for tag, after in followed if after is None or not _qualifies(request, tag, after)
    ]
    return min(wanted, key=lambda tag: (tag.concept.minor, tag.start, -tag.end), default=None)


def _qualifies(request: str, tag: Tag, after: Tag) -> bool:
    """As in "narcotic risk test" and "facet RFA"."""
    between = request[tag.end : after.start]
    if tag.kind == "drug-class":
        listed = re.search(r"[,;&/+]|\b(?:and|with|plus)\b", between)
        return after.kind == "treatment" and not listed
    return (
        tag.concept.category == "injection"
        and after.concept.category == "surgery"
        and not between.strip()
    )


def _of_lead(request: str, lead: Tag, asked: Asked) -> Category:
    if lead.kind != "treatment":
        return _of_medicine(request, lead, asked)
    category = lead.concept.category or "other"
    if category == "consultation":
        return _of_visit(request, lead, asked)
    if category in {"surgery", "injection"} and _is_visit_about(request, lead, asked):
        return "consultation"
    if lead.concept.code == "traction-unit" and _IN_SESSIONS.search(request):
        return "physical-therapy"
    return category


def _without(request: str, tags: Sequence[Tag]) -> str:
    for tag in reversed(tags):
        request = f"{request[: tag.start]} {request[tag.end :]}"
    return request


def _begins_with_operation(request: str, lead: Tag, asked: Asked) -> bool:
    """Whether an operation that no vocabulary names stands before what one names."""
    return any(
        word.start() < lead.start
        and not any(
            tag.start < word.end() and word.start() < tag.end
            for tag in (*asked.wanted, *asked.mentioned)
        )
        for word in OPERATION.finditer(request)
    )


def _of_medicine(request: str, lead: Tag, asked: Asked) -> Category:
    if _MEASURED.match(request, lead.end):
        return "diagnostic-test"
    injected = (
        _INJECTED.search(request)
        or any(tag.concept.category == "injection" for tag in asked.wanted)
        or (lead.kind == "drug" and all(_ONLY_INJECTED.fullmatch(code) for code in lead.codes))
    )
    if injected:
        return "injection"
    return "compounded-topical" if is_compounded(request, asked.medicines) else "medication"


def _of_visit(request: str, lead: Tag, asked: Asked) -> Category:
    """A visit is psych or a program where it names no other specialty than theirs."""
    everything = (*asked.wanted, *asked.mentioned)
    if any(tag.concept.code == "pre-operative-clearance" for tag in everything):
        return "surgical-adjunct"
    if lead.concept.code not in _ANY_VISIT:
        return "consultation"
    for tag in everything:
        between = request[lead.end : tag.start]
        if tag.start > lead.start and not re.search(r"[,;&+]|\band\b|\bplus\b", between):
            if tag.concept.category == "psych":
                return "psych"
            if tag.concept.code == "functional-restoration-program":
                return "program"
    return "consultation"


def _is_visit_about(request: str, lead: Tag, asked: Asked) -> bool:
    """As in "evaluation for knee surgery", "referral to spine surgery", "surgery consult"."""
    governed = _GOVERNED.search(request[: lead.start])
    if governed is not None:
        referred = governed["word"].lower().startswith("refer")
        return not (referred and lead.concept.category == "injection")
    after = next((tag for tag in asked.wanted if tag.start >= lead.end), None)
    return (
        after is not None
        and after.concept.category == "consultation"
        and not request[lead.end : after.start].strip(" -/")
    )


def _serves_surgery(request: str, category: Category, lead: Tag | None, asked: Asked) -> bool:
    """Whether it is wanted only around an operation."""
    if category not in _THINGS | _STUDIES | {"consultation"}:
        return False
    if _ASSOCIATED.search(request) or (
        lead is not None and _is_tied(request, category, lead, asked)
    ):
        return True
    if _BEFORE.search(request):
        return True
    after = _AFTER.search(request)
    if after is None or category == "consultation":
        return False
    return category in _THINGS or lead is None or after.start() < lead.start


def _is_tied(request: str, category: Category, lead: Tag, asked: Asked) -> bool:
    """As in "walker for use after knee surgery", "EKG prior to surgery"; not "MRI after fusion"."""
    words = _TIED_TO_IT if category in _THINGS else _AHEAD_OF_IT
    return category != "consultation" and any(
        tag.concept.category == "surgery"
        and tag.start > lead.start
        and words.search(request, lead.end, tag.start)
        and not _LONG_AGO.search(request, lead.end, tag.start)
        for tag in asked.mentioned
    )
