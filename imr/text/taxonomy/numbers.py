"""Numbers as a heading writes them, made digits: "Six (6) additional", "twice a week"."""

from __future__ import annotations

import re

_ONES = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
_ONES += " sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_WORTH = {word: number for number, word in enumerate(_ONES.split(), start=1)}
_WORTH |= {word: 10 * number for number, word in enumerate(_TENS.split(), start=2)}
_NUMBER_WORD = re.compile(
    rf"\b(?:({'|'.join(_TENS.split())})[ -]?)?({'|'.join([*_ONES.split(), *_TENS.split()])})\b"
)
_OFTEN = re.compile(
    r"\b(once|twice|thrice)\b(?=\s+(?:a|per|every|each|weekly|monthly|week|month)\b)|\b(once|twice)/"
)
_TIMES = {"once": "1 times", "twice": "2 times", "thrice": "3 times"}
_TOLD_TWICE = re.compile(r"\b(\d+)\s*\(\s*#?\1\s*\)|\(\s*(\d+)\s*\)\s*\2\b")
_HUNDRED = re.compile(r"\b([1-9]) hundred(?:(?: and)? (\d{1,2}))?\b")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")


def in_digits(text: str) -> str:
    """Lower case; "six", "six (6)" and "(six) 6" as "6", "twice a" as "2 times a"."""
    text = _NUMBER_WORD.sub(_digits, text.lower())
    text = _HUNDRED.sub(lambda told: str(100 * int(told[1]) + int(told[2] or 0)), text)
    text = _OFTEN.sub(lambda often: f"{_TIMES[often[1] or often[2]]}{'/' * bool(often[2])}", text)
    return _TOLD_TWICE.sub(lambda told: told[1] or told[2], _THOUSANDS.sub("", text))


def _digits(word: re.Match[str]) -> str:
    return str((_WORTH[word[1]] if word[1] else 0) + _WORTH[word[2]])
