"""What kind of treatment a heading is by its words alone, where no vocabulary names it.

The ends of words tell operations ("-ectomy") and pictures ("-gram"), the noun that closes a name
tells equipment ("lap traction device") from tests ("optic nerve test").
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imr.model import Category

OPERATION = re.compile(
    r"\b(?:\w-){1,2}plasty\b|\b\w{3,}(?:ectomy|ectomies|otomy|otomies|ostomy|plasty|plasties|pexy|desis|rrhaphy)\b"
    r"(?! (?:care|supplies|bags?|tube))",
    re.IGNORECASE,
)
"""Words that end as the names of operations do."""

_MIXED = re.compile(
    r"\b(?:compound(?:ed|s)?|cmpd)\b|\btopicals?\b(?!\s+(?:anesthe|antibiot|steroid|nsaid|patch))",
    re.IGNORECASE,
)
_KINDS: tuple[tuple[Category, str], ...] = (
    ("injection", r"inject\w*|infusions?|intramuscular|vaccin\w+|blocks?"),
    (
        "diagnostic-test",
        (
            r"(?:vitamin [\w\s,-]{1,20}|serum |blood |drug |[a-z]+(?:ine|ol|ate|ide|in|one|um) )"
            r"levels?|levels? of|titers?|assays?|cultures?|serum|tests?|testing|screen(?:ing)?s?"
            r"|study|studies|biops\w+|antibod\w+|panel|(?!sym)\w{3,}metry"
        ),
    ),
    (
        "medication",
        (
            r"\d+(?:\.\d+)?\s*(?:mg|mcg)|tab(?:let)?s?|capsules?|caps|medications?|medicines?|meds|rx"
            r"|prescriptions?|refills?|creams?|ointments?|gels?|lotions?|patch(?:es)?|solution|oral"
            r"|drops?|syrup|spray|lozenges?|supplements?|vitamins?|herbal|otc|drugs?"
        ),
    ),
    ("imaging", r"XRs?|\w{4,}grams?|\w{4,}graphy|imaging|views?|scans?|radiolog\w+|films?"),
    (
        "surgery",
        (
            r"surger(?:y|ies)|operation|\w{4,}oscopy|excision|resection|reconstruction|ablation"
            r"|implant(?:ation)?|graft(?:ing)?|ligation|amputation|repair"
        ),
    ),
    (
        "consultation",
        (
            r"consult\w*|evaluat\w*|visits?|referral|follow[- ]?up|\w{3,}ologist|\w{3,}iatrist"
            r"|surgeon|specialist|appointment|opinion|(?!techn)\w{4,}ology"
        ),
    ),
    ("program", r"programs?|detox\w*|class|classes|course|school"),
    (
        "home-health",
        r"caregiver|nurses?(?! (?:pract|case))|nursing|home (?:aide|assistance|help|care|health)",
    ),
    ("transportation", r"transport\w*|travel"),
    ("psych", r"psych\w*|counsel\w*|mental health"),
    (
        "dme",
        (
            r"brace|splint|orthosis|devices?|units?|machine|equipment|system|kit|suppl(?:y|ies)|support"
            r"|monitor|pads?|pump|cushion|pillow|chair|bed|boots?|shoes?|garments?|gloves?|stockings?"
            r"|belt|strap|wraps?|rental|purchase|rent|sleeve|walker|frame|stand|tray|aids?|appliance"
            r"|accessor\w+|batter(?:y|ies)"
        ),
    ),
    (
        "physical-therapy",
        (
            r"rehab\w*|exercises?|therapist|modalit\w+"
            r"|(?:^|\d|[,:(]|(?:additional|continued|continue|more|further|outpatient|ongoing|skilled"
            r"|post-?op|operative|surgical|of|for|visits?|sessions?|resume|left|right|knee|shoulder"
            r"|back|neck|hand|wrist|hip|ankle|foot|elbow|lumbar|cervical)\b)\s*therap(?:y|ies)"
        ),
    ),
)
_PATTERNS = tuple(
    (kind, re.compile(rf"(?<!\w)(?:{words})\b", re.IGNORECASE)) for kind, words in _KINDS
)


def by_words(request: str) -> Category:
    """The kind that the heading's words tell; "other" where they tell none."""
    if OPERATION.search(request):
        return "surgery"
    kind: Category = next((kind for kind, words in _PATTERNS if words.search(request)), "other")
    return (
        "compounded-topical" if kind in {"medication", "other"} and _MIXED.search(request) else kind
    )
