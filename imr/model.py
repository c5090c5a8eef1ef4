"""The public record: one Determination a letter, one Decision a disputed item.

Everything here is a frozen value. The shape is a contract with users (`imr parse`, the HTTP
answers and the stored index all print it), described for people in `docs/record.md`.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Outcome = Literal["upheld", "overturned"]
Priority = Literal["Standard", "Expedited"]
Sex = Literal["female", "male"]
Side = Literal["left", "right", "bilateral"]
GuidelineSource = Literal["MTUS", "ODG", "ACOEM", "other"]
Category = Literal[
    "medication",
    "compounded-topical",
    "injection",
    "surgery",
    "surgical-adjunct",
    "imaging",
    "diagnostic-test",
    "physical-therapy",
    "chiropractic",
    "acupuncture",
    "massage",
    "electrical-stimulation",
    "dme",
    "psych",
    "home-health",
    "program",
    "consultation",
    "transportation",
    "other",
]

Span = tuple[int, int]
"""Half-open character range [start, end) in `Determination.text`."""


class Value(BaseModel):
    """What all parts of the record share: frozen, and no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Dates(Value):
    """The letter's own dates; null where the letter does not give one."""

    injury: date | None = None
    ur_denial: date | None = None
    received: date | None = None
    assigned: date | None = None
    decision: date | None = None


class Reviewer(Value):
    """Who decided, as far as the letter says."""

    licensure_states: tuple[str, ...] = ()
    specialties: tuple[str, ...] = ()


class Patient(Value):
    """The injured worker as the clinical summary introduces them; conditions are taxonomy names."""

    age: int | None = None
    sex: Sex | None = None
    conditions: tuple[str, ...] = ()


class Citation(Value):
    """One guideline cited by the claims administrator or the reviewer.

    `document` is without year, edition, date and the words "Guidelines" and "Chapter";
    `cited` is the wording of the letter.
    """

    source: GuidelineSource
    document: str | None = None
    year: int | None = None
    sections: tuple[str, ...] = ()
    pages: str | None = None
    cited: str = ""


class Reason(Value):
    """Why the reviewer decided so, with the place in the letter that shows it."""

    code: str
    span: Span


class Decision(Value):
    """One disputed item: what was asked for, how it ended, and why. The unit of search."""

    id: str
    number: int = Field(ge=1)
    request: str
    outcome: Outcome
    category: Category
    treatments: tuple[str, ...] = ()
    drugs: tuple[str, ...] = ()
    drug_classes: tuple[str, ...] = ()
    body_parts: tuple[str, ...] = ()
    side: Side | None = None
    levels: tuple[str, ...] = ()
    quantity: float | int | None = None
    administrator_guidelines: tuple[Citation, ...] = ()
    reviewer_guidelines: tuple[Citation, ...] = ()
    reasons: tuple[Reason, ...] = ()
    rationale: str = ""
    spans: dict[str, Span] = Field(default_factory=dict)


class Source(Value):
    """The file the letter came from. `sha256` is over its bytes."""

    name: str
    sha256: str
    format: Literal["pdf", "text"]
    pages: int = Field(ge=1)


class LetterWarning(Value):
    """Something in the letter that could not be read; `code` is stable, `message` for people."""

    code: str
    message: str


class Determination(Value):
    """One letter. `text` is the cleaned text that all spans point into."""

    id: str
    case_number: str | None = None
    dates: Dates = Dates()
    priority: Priority | None = None
    reviewer: Reviewer = Reviewer()
    patient: Patient = Patient()
    clinical_summary: str = ""
    decisions: tuple[Decision, ...] = ()
    text: str = ""
    source: Source
    warnings: tuple[LetterWarning, ...] = ()
