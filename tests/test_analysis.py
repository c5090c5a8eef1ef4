"""Tokens: what they are, and that both engines make the same ones."""

from __future__ import annotations

import json
import re
import urllib.request
import uuid
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imr.engines.embedded.text import indexed
from imr.letters.parse import parse
from imr.text.analysis import (
    ANALYZER,
    STEMS_APART,
    analyzer,
    blanks_analyzer,
    opensearch_analysis,
    tokens,
    words,
    words_analyzer,
)
from samples import stream
from samples.render import letter_text
from tests.letters_at_hand import letters_at_hand

WORDS_A_CALL = 2_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Norco 10/325mg #90", ["norco", "10/325mg", "90"]),
        ("L4-5 and L4-L5", ["l4-5", "and", "l4", "l5"]),
        ("EMG/NCV, x-ray", ["emg", "ncv", "x", "ray"]),
        ("not medically necessary", ["not", "medic", "necessari"]),
        ("caf\u00e9 CAF\u00c9", ["cafe", "cafe"]),
        ("12/19/16", ["12/19/16"]),
        ("2x/week", ["2x", "week"]),
        ("-- / ' .", []),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(("word", "stem"), STEMS_APART.items())
def test_stems_apart_are_what_the_embedded_engine_gives(word: str, stem: str) -> None:
    assert tokens(word) == [stem]


@pytest.fixture
def analyzed(opensearch_url: str) -> Iterator[str]:
    """URL of an index that has the analysis and nothing else."""
    url = f"{opensearch_url}/analysis-{uuid.uuid4().hex[:8]}"
    ask("PUT", url, {"settings": {"number_of_replicas": 0, "analysis": opensearch_analysis()}})
    yield url
    ask("DELETE", url)


def ask(method: str, url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    request = urllib.request.Request(  # noqa: S310 - the node on loopback
        url,
        method=method,
        data=json.dumps(body).encode() if body else None,
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        found: dict[str, Any] = json.load(answer)
        return found


def vocabulary() -> list[str]:
    """All distinct strings of synthetic letters, and of the real ones where they are at hand."""
    texts = [letter_text(record) for record in islice(stream(3), 150)]
    texts += [parse(path.read_bytes(), path.name).text for path in letters_at_hand()]
    texts += [
        "L4-5 10/325mg T.E.N.S. don't x-ray 2x/week \u00e9t\u00e9 na\u00efve 1.5/2.5-3 a-b-c a'b"
    ]
    return sorted({word for text in texts for word in re.findall(r"\S+", text)})


def test_both_engines_make_the_same_tokens(analyzed: str) -> None:
    words = vocabulary()
    apart = {}
    for start in range(0, len(words), WORDS_A_CALL):
        chunk = words[start : start + WORDS_A_CALL]
        found = ask("POST", f"{analyzed}/_analyze", {"analyzer": ANALYZER, "text": chunk})
        theirs: dict[int, list[str]] = {}
        at, offset = 0, 0
        for token in found["tokens"]:
            # each text of a call starts one character behind the end of the last
            while token["start_offset"] >= offset + len(chunk[at]) + 1:
                offset += len(chunk[at]) + 1
                at += 1
            theirs.setdefault(at, []).append(token["token"])
        for index, word in enumerate(chunk):
            if tokens(word) != theirs.get(index, []):
                apart[word] = (tokens(word), theirs.get(index, []))
    assert len(words) > WORDS_A_CALL
    assert apart == {}


@given(st.text() | st.text(alphabet="aB9\u00e9./'-\u2019 \t\n\x1c\x85\u00a0"))
def test_the_text_index_is_given_the_tokens_of_the_definition(text: str) -> None:
    in_order, different = indexed(text)
    whole = text.encode("utf-8", "replace").decode("utf-8")
    stems, spelled = analyzer().analyze(whole), words_analyzer().analyze(whole)
    assert blanks_analyzer(stemmed=True).analyze(in_order) == tokens(text) == stems
    assert set(blanks_analyzer(stemmed=False).analyze(different)) == set(spelled)
    assert words(text) == spelled
