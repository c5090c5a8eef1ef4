"""Reasons: found in the sentences that show them and in no other, with their place."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.reasons import LABELS, Counts, Scored, count, report, score
from imr.errors import TaxonomyError
from imr.letters import annotate, facts
from imr.letters.parse import parse
from imr.model import Determination, Outcome, Span
from imr.text.taxonomy.load import load
from imr.text.taxonomy.reason_signs import expand
from imr.text.taxonomy.reason_vocabulary import FILE, load_reasons, load_reasons_from
from imr.text.taxonomy.reasons import find_reasons
from samples import stream
from samples.render import letter_text
from tests.letters_at_hand import folder as letters_folder
from tests.letters_at_hand import letters_at_hand

HERE = Path(__file__).parent
SENTENCES: dict[str, Any] = tomllib.loads((HERE / "reason_sentences.toml").read_text())
RATIONALES: list[dict[str, Any]] = tomllib.loads((HERE / "reason_rationales.toml").read_text())[
    "rationale"
]
WRITTEN: list[dict[str, Any]] = tomllib.loads((HERE / "reason_written.toml").read_text())[
    "sentence"
]
ENTRIES = load_reasons().entries
GROUPS = {code: SENTENCES[code] for code in ENTRIES}


def codes(text: str, outcome: Outcome, about: str = "") -> set[str]:
    return {code for code, _ in find_reasons(text, outcome, about)}


def asked(request: str) -> str:
    """What is requested, as a letter's reader names it to the finder."""
    return facts.about(request, annotate.request(request))


def each(key: str) -> list[Any]:
    """(code, sentence, request) of every line of one of the lists."""
    return [
        pytest.param(code, sentence, group.get("request", ""), id=f"{code}: {sentence}")
        for code, group in GROUPS.items()
        for sentence in group[key]
    ]


# ---------------------------------------------------------------- sentences


@pytest.mark.parametrize(("code", "sentence", "request_"), each("found"))
def test_a_sentence_shows_its_reason_and_no_other(code: str, sentence: str, request_: str) -> None:
    assert codes(sentence, ENTRIES[code].outcome, request_) == {code}


@pytest.mark.parametrize(("code", "sentence", "request_"), each("elsewhere"))
def test_a_sentence_near_a_reason_does_not_show_it(code: str, sentence: str, request_: str) -> None:
    assert code not in codes(sentence, ENTRIES[code].outcome, request_)


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [(side, text) for side in get_args(Outcome) for text in SENTENCES["nothing"][side]],
)
def test_a_sentence_without_a_reason_shows_none(outcome: Outcome, sentence: str) -> None:
    assert codes(sentence, outcome) == set()


@pytest.mark.parametrize(
    "case", [each for each in WRITTEN if not each.get("weak")], ids=lambda case: case["text"][:60]
)
def test_a_sentence_written_by_definition_shows_its_codes(case: dict[str, Any]) -> None:
    assert sorted(codes(case["text"], case["outcome"], asked(case["request"]))) == case["codes"]


def test_of_all_sentences_written_by_definition_few_are_misread() -> None:
    scored = [
        Scored(
            case["text"],
            frozenset(codes(case["text"], case["outcome"], asked(case["request"]))),
            frozenset(case["codes"]),
        )
        for case in WRITTEN
    ]

    found = count(scored)
    assert found.precision >= 0.9, str(found)
    assert found.recall >= 0.85, str(found)


@pytest.mark.parametrize("case", SENTENCES["mixed"], ids=lambda case: case["text"][:60])
def test_sentences_with_several_reasons_show_them_all(case: dict[str, Any]) -> None:
    assert sorted(codes(case["text"], case["outcome"])) == case["codes"]


@pytest.mark.parametrize("case", RATIONALES, ids=lambda case: case["text"][:60])
def test_a_rationale_shows_its_reasons(case: dict[str, Any]) -> None:
    assert sorted(codes(case["text"], case["outcome"], asked(case["request"]))) == case["codes"]


def test_every_code_is_tried_both_ways() -> None:
    assert set(SENTENCES) == {*ENTRIES, "nothing", "mixed"}
    for group in GROUPS.values():
        assert len(group["found"]) >= 5
        assert len(group["elsewhere"]) >= 3


@pytest.mark.parametrize(("code", "sentence", "request_"), each("found"))
def test_a_reason_explains_only_its_own_outcome(code: str, sentence: str, request_: str) -> None:
    for outcome in get_args(Outcome):
        for found in codes(sentence, outcome, request_):
            assert ENTRIES[found].outcome == outcome
    assert code not in codes(sentence, other(ENTRIES[code].outcome), request_)


def other(outcome: Outcome) -> Outcome:
    return "overturned" if outcome == "upheld" else "upheld"


# ---------------------------------------------------------------- places


def shown(text: str, outcome: Outcome = "upheld", about: str = "") -> dict[str, str]:
    return {code: text[slice(*span)] for code, span in find_reasons(text, outcome, about)}


def test_the_place_of_a_reason_is_its_sentence() -> None:
    text = (
        "The claimant is 40.  No red  fl\u00adags\nwere noted. What is asked for is not necessary."
    )

    assert shown(text) == {"no-red-flags-or-deficit": "No red  fl\u00adags\nwere noted."}


def test_a_later_sentence_about_the_case_is_shown_before_an_earlier_one() -> None:
    text = "There are no red flags. The patient has pain. In this case no red flags were found."

    assert shown(text) == {"no-red-flags-or-deficit": "In this case no red flags were found."}


def test_a_sentence_about_the_case_is_shown_before_a_guideline_s_own_words() -> None:
    case = "The guideline does not support Zorvex for this patient."
    text = f"{case} The ODG does not recommend Zorvex."

    assert shown(text, about="Zorvex 10 mg #30") == {"not-recommended": case}


def test_words_of_the_request_tell_whether_a_guideline_speaks_of_it() -> None:
    text = "Zorvex is not recommended. What is asked for is not medically necessary."

    assert codes(text, "upheld", "Zorvex 10 mg #30") == {"not-recommended"}
    assert codes(text, "upheld", "Physical therapy") == set()


def test_what_others_said_is_no_reason_of_the_reviewer() -> None:
    text = "Utilization review denied it as no red flags were noted. The exam shows weakness."

    assert codes(text, "upheld") == set()


@pytest.mark.parametrize("request_", ["Naproxen 550 mg #60", "Physical therapy 6 visits"])
def test_a_test_s_reason_is_none_for_a_drug_where_others_are_given(request_: str) -> None:
    text = (
        "No weakness was found. There is no functional improvement. The request exceeds the "
        "guideline."
    )

    assert codes(text, "upheld", asked(request_)) == {
        "no-functional-improvement",
        "exceeds-guideline",
    }


PIECES = [
    line for group in GROUPS.values() for key in ("found", "elsewhere") for line in group[key]
]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(PIECES),
            st.sampled_from(["no", "red flags", ",", ";", ". ", "\n", "\u00ad", "guideline", "if"]),
            st.text(max_size=12),
        ),
        max_size=30,
    ),
    st.sampled_from(get_args(Outcome)),
)
def test_any_text_gives_each_code_once_within_its_bounds(
    pieces: list[str], outcome: Outcome
) -> None:
    text = " ".join(pieces)
    found = find_reasons(text, outcome, "MRI of the knee")

    assert len({code for code, _ in found}) == len(found)
    spans: list[Span] = [span for _, span in found]
    assert spans == sorted(spans)
    for start, end in spans:
        assert 0 <= start < end <= len(text)
        assert text[start:end].strip()


def test_a_text_without_full_stops_is_read_to_its_end() -> None:
    text = "and so on " * 5000 + "there are no red flags " + "and so on " * 500

    ((code, (start, end)),) = find_reasons(text, "upheld")
    assert code == "no-red-flags-or-deficit"
    assert "there are no red flags" in text[start:end]
    assert end - start <= 2000


# ---------------------------------------------------------------- records


def with_rationale(text: str) -> Determination:
    """A synthetic letter of one decision, upheld, whose rationale is this text."""
    record = next(each for each in stream(11) if len(each.decisions) == 1)
    decision = record.decisions[0].model_copy(update={"rationale": text, "outcome": "upheld"})
    return record.model_copy(update={"decisions": (decision,)})


def test_a_letter_s_decision_carries_its_reasons_with_their_place() -> None:
    rationale = (
        "The guideline recommends imaging for red flags. In this case there are no red flags. "
        "Conservative care has not been tried. What is asked for is not medically necessary."
    )
    found = parse(letter_text(with_rationale(rationale)).encode(), "letter.txt")

    (decision,) = found.decisions
    told = {r.code: " ".join(found.text[slice(*r.span)].split()) for r in decision.reasons}
    assert told == {
        "no-red-flags-or-deficit": "In this case there are no red flags.",
        "conservative-care-not-tried": "Conservative care has not been tried.",
    }
    start, end = decision.spans["rationale"]
    assert all(start <= reason.span[0] < reason.span[1] <= end for reason in decision.reasons)


def test_reasons_are_found_anew_in_what_is_stored() -> None:
    letter = parse(letter_text(next(islice(stream(12), 1))).encode(), "letter.txt")
    bare = letter.model_copy(
        update={
            "decisions": tuple(
                decision.model_copy(update={"reasons": ()}) for decision in letter.decisions
            )
        }
    )

    assert any(decision.reasons for decision in letter.decisions)
    assert facts.revise(bare) == letter


def test_codes_and_labels_are_names_for_filters() -> None:
    taxonomy = load()

    assert [concept.code for concept in taxonomy.of("reason")] == list(ENTRIES)
    for entry in ENTRIES.values():
        for name in (entry.code, entry.label, entry.label.upper()):
            concept = taxonomy.resolve("reason", name)
            assert concept is not None
            assert concept.code == entry.code


# ---------------------------------------------------------------- the vocabulary


def test_choices_expand_to_every_wording() -> None:
    assert list(expand("{no,little} relief")) == ["no relief", "little relief"]
    assert list(expand("was {clearly ,}seen")) == ["was clearly seen", "was seen"]


def test_every_code_has_its_meaning() -> None:
    assert len(ENTRIES) == 23
    assert {entry.outcome for entry in ENTRIES.values()} == set(get_args(Outcome))
    assert len({entry.label for entry in ENTRIES.values()}) == len(ENTRIES)
    page = (HERE.parent / "docs" / "reasons.md").read_text(encoding="utf-8")
    for entry in ENTRIES.values():
        assert f"| `{entry.code}` | {entry.label} | {entry.definition} |" in page


@pytest.fixture
def vocabulary(tmp_path: Path) -> Path:
    shutil.copy(str(files("imr.text.taxonomy") / FILE), tmp_path / FILE)
    return tmp_path / FILE


NEW = """
[[reason]]
code = "lunar-phase"
label = "The moon"
outcome = "upheld"
definition = "The moon was full."
said = ["none gain"]
"""


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (NEW.replace('"none gain"', '"none moon"'), "no such sign: moon"),
        (NEW.replace('"none gain"', '"none GAIN"'), "neither a sign nor a number of words"),
        (NEW.replace('"none gain"', '"-gain"'), "names no sign that is to stand there"),
        (NEW.replace('said = ["none gain"]', ""), "no rule finds it"),
        (NEW.replace("lunar-phase", "Lunar phase"), "lower-case words joined by hyphens"),
        (NEW.replace("lunar-phase", "not-recommended"), "the code is used twice"),
        (NEW.replace('"upheld"', '"denied"'), "outcome must be one of upheld, overturned"),
        (NEW.replace('label = "The moon"', ""), "label must be a text"),
        (NEW + 'tide = "high"', "unknown key tide"),
        (NEW + 'yields-to = ["sun"]', "yields-to names no code of this file: sun"),
        (NEW + 'never = ["sun"]', "no such sign: sun"),
        ("[signs.moon]", "sign 'moon' must be a list of phrases"),
    ],
)
def test_a_vocabulary_that_contradicts_itself_is_refused(
    written: str, told: str, vocabulary: Path
) -> None:
    with vocabulary.open("a", encoding="utf-8") as file:
        file.write(written)

    with pytest.raises(TaxonomyError, match=re.escape(told)):
        load_reasons_from(vocabulary)


@pytest.mark.parametrize(
    ("line", "instead", "told"),
    [
        ("[signs]", '[signs]\nmoon = ["full moon"]', "no rule uses the signs moon"),
        ("[signs]", '[signs]\nno-harm = ["full moon"]', "not valid TOML"),
        ('source = "', 'sauce = "', "holds source, [signs] and [[reason]]"),
        ("\nturn = [", "\nreturn = [", "turn"),
    ],
)
def test_signs_are_used_and_the_finder_s_own_are_there(
    line: str, instead: str, told: str, vocabulary: Path
) -> None:
    text = vocabulary.read_text(encoding="utf-8")
    assert line in text
    vocabulary.write_text(text.replace(line, instead, 1), encoding="utf-8")

    with pytest.raises(TaxonomyError, match=re.escape(told)):
        load_reasons_from(vocabulary)


def test_a_phrase_is_written_as_text_folds(vocabulary: Path) -> None:
    text = vocabulary.read_text(encoding="utf-8")
    vocabulary.write_text(text.replace('"red flag*"', '"Red flag*"'), encoding="utf-8")

    with pytest.raises(TaxonomyError, match="is not written as text folds"):
        load_reasons_from(vocabulary)


# ---------------------------------------------------------------- labels and scores


def test_labels_name_codes_and_hold_no_text() -> None:
    paths = sorted(LABELS.glob("CM*.json"))
    assert len(paths) == 42
    for path in paths:
        label = json.loads(path.read_text(encoding="utf-8"))
        assert label["case_number"] == path.stem
        for decision in label["decisions"]:
            for reason in decision["reasons"]:
                assert ENTRIES[reason["code"]].outcome == decision["outcome"]
                assert re.fullmatch("[0-9a-f]{64}", reason["evidence_sha256"])


def test_scores_count_codes_over_all_decisions() -> None:
    scored = [
        Scored("A.1", frozenset({"x", "y"}), frozenset({"x"})),
        Scored("A.2", frozenset({"x"}), frozenset({"x", "z"})),
        Scored("A.3", frozenset(), frozenset()),
    ]

    assert count(scored) == Counts(right=2, wrong=1, missed=1)
    assert count(scored, "x") == Counts(right=2, wrong=0, missed=0)
    assert count(scored).precision == pytest.approx(2 / 3)
    assert count(scored).recall == pytest.approx(2 / 3)
    assert count([]).precision == count([]).recall == 1.0


def test_of_the_half_held_back_only_totals_are_told() -> None:
    scored = [Scored("A.1", frozenset({"x"}), frozenset({"y"}))]

    assert len(list(report(scored, "held"))) == 1
    assert "A.1" in "\n".join(report(scored, "seen"))


def test_reasons_agree_with_the_labels_of_the_letters_at_hand() -> None:
    place = letters_folder()
    if place is None or not letters_at_hand():
        pytest.skip("no real letter is at hand: they are not in the repository")

    totals = count(list(score(place / "pdf", "seen")))
    assert totals.precision >= 0.9
    assert totals.recall >= 0.8
