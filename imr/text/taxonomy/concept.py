"""What the vocabularies are made of: concepts, and the mentions that name them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from imr.model import Category

Kind = Literal[
    "drug", "drug-class", "treatment", "body-part", "condition", "specialty", "category", "reason"
]
Form = Literal["topical"]


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing that has many names.

    A drug concept is a set of ingredients, all of which are required: one for an ingredient or a
    brand of it, several for a combination (code "acetaminophen+hydrocodone").

    Attributes:
        names: what to look for in text, the most useful first and at most 40; names that mean
            something else in running text ("PT", "back") are left to the tagger.
        parent: code of the broader concept of the same kind.
        ingredients: of drugs only, sorted.
        classes: codes of drug classes, broader ones included.
        form: "topical" where the name itself says so (Lidoderm).
        category: what a request for this treatment is filed under unless its words say otherwise.
        minor: a treatment that only accompanies others (guidance, evaluation), so that it decides
            the category of a request only where nothing else does.
        numbers: of a product whose strengths go by number ("#3" of acetaminophen with codeine).
    """

    code: str
    kind: Kind
    label: str
    names: tuple[str, ...] = ()
    parent: str | None = None
    ingredients: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    form: Form | None = None
    category: Category | None = None
    minor: bool = False
    numbers: tuple[str, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """What a decision's tags must all hold for this concept to match."""
        return self.ingredients or (self.code,)


@dataclass(frozen=True, slots=True)
class Guard:
    """When a name that has other meanings counts.

    Words are compared folded; "#" stands for any number. `exact` (letter case) and the `only_`
    rules are waived in queries and request headings, the `unless_` rules are not. A `heading` name
    is too general to count anywhere but in a request heading ("visit", "bed"). A `measured` name
    counts nowhere but beside a strength ("MS 15 mg"), a `mixed` one also beside a "/" or "+" that
    joins it to other names ("Keto/Cyclo/Lido cream").
    """

    exact: bool = False
    heading: bool = False
    measured: bool = False
    mixed: bool = False
    only_after: tuple[str, ...] = ()
    only_before: tuple[str, ...] = ()
    unless_after: tuple[str, ...] = ()
    unless_before: tuple[str, ...] = ()

    @property
    def rare(self) -> bool:
        """Whether the name means something else unless its surroundings say otherwise."""
        return bool(
            self.exact
            or self.heading
            or self.measured
            or self.mixed
            or self.only_after
            or self.only_before
        )


@dataclass(frozen=True, slots=True)
class Mention:
    """One way to write a concept; `guard` is None for names that mean nothing else."""

    text: str
    concept: Concept
    guard: Guard | None = None
    misspelt: bool = False


class Tag(NamedTuple):
    """A concept found in text[start:end]; `text` is that wording."""

    concept: Concept
    start: int
    end: int
    text: str

    @property
    def kind(self) -> Kind:
        """Which vocabulary the concept is from."""
        return self.concept.kind

    @property
    def codes(self) -> tuple[str, ...]:
        """The concept's codes, all of which are meant."""
        return self.concept.codes

    @property
    def label(self) -> str:
        """How the concept is shown to people."""
        return self.concept.label

    @property
    def names(self) -> tuple[str, ...]:
        """What else to look for, best first."""
        return self.concept.names
