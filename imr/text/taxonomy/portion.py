"""The part of a heading that is in dispute, where the heading tells how it came to be so."""

from __future__ import annotations

import re

_REMAINDER = re.compile(
    r"\b(?:the\s+)?(?:remaining|remainder)\b[^.,]*?(?:portion|request|item|treatment|service)s?"
    r"[^.,]*,\s*(?P<item>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_ORIGINAL = re.compile(
    r"\bleaving the original request[^.]*\.\s*(?:the original request,\s*)?(?P<item>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_WAS_ORIGINAL = re.compile(
    r"^(?P<item>.+?)\s+was the original request\b", re.IGNORECASE | re.DOTALL
)
_TAIL = re.compile(r"[\s,]+(?:is|are|was|were)\s*:?\s*$", re.IGNORECASE)


def disputed_portion(request: str) -> str:
    """X of "… was the original request. … The remaining …, X is"; most headings are it whole."""
    for told in (_REMAINDER, _ORIGINAL, _WAS_ORIGINAL):
        if found := told.search(request):
            return _TAIL.sub("", found["item"])
    return request
