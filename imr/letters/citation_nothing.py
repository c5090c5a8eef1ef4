"""Who decided, and the sentences of a citation block that cite nothing though they name much."""

from __future__ import annotations

import re

# Patterns for re.VERBOSE. Who decided, as the letters of 2013 to 2017 call them.
WHO = r"""(?:The\ )?(?:Claims\ Administrator|Utilization\ Review(?:er)?|UR|MAXIMUS|IMR
    |(?:(?:Expert|Physician|Medical|Professional|MAXIMUS|IMR)\ )?Reviewer)(?:['\u2019]s)?"""
DECISION = (
    r"(?:its|their|his|her|his/her|his\ or\ her|the|a)\ (?:UR\ |medical\ )?"
    r"(?:decisions?|determinations?)(?:\(s\))?"
)
_KIND = r"""(?:recommendations?|recommendation\(s\)|evidence|guidelines?|guidance|citations?
    |sources?|criteria|standards?|literature|medical|treatment|other|scientific|peer[- ]reviewed
    |evidence[- ]based|or|and)"""
_ONE = r"(?:the\ )?(?:CA\ |California\ )?(?:MTUS|ACOEM|ODG)"
_GUIDELINES = rf"{_ONE}(?:(?:,?\ (?:and|or|nor)\ |/|,\ ){_ONE})*(?:\ Guidelines)?"
# up to the end of the sentence or what stands against it: "did not cite the MTUS, but used the ODG"
_REST = r"[^.;]*?(?:(?=,?\ (?:but|however)\b)|[.;]|$)"

_SENTENCES = re.compile(
    rf"""\b(?:
      {WHO}\ based\ {DECISION}\ (?:up)?on\ (?:the\ )?(?:{_KIND}\ )+(?:that\ (?:is|are)\ )?
          outside\ (?:of\ )?{_ONE}(?:\ Guidelines)?\b\.?     # before every "Non-MTUS Citation"
    | {WHO}(?:\ (?:decision|determination|denial)(?:\ letter)?)?\ (?:did|does|do)\ not\ {_REST}
    | {WHO}\ (?:cited|used|provided|listed|identified|referenced)\ no\b{_REST}
    | {WHO}\ found\ (?:that\ )?(?:no|the)\b[^.]*\.?   # "… no section of the MTUS was applicable."
    | {_GUIDELINES}\ (?:(?:is|are|was|were)\ (?:silent|mute)|(?:do|does|did)\ not)\b[^.,;]*[.,;]?
    | (?:but\ )?(?:did|does|do)\ not
          \ (?:cite|specify|provide|mention|identify|state|name|list)\b{_REST}
    | No\ (?:applicable\ |specific\ |relevant\ )*{_GUIDELINES}\b[^.,;]*[.,;]?
    | Neither\b[^.,;]*[.,;]?                          # "… the MTUS nor ACOEM addresses pillows"
    | (?:is|are|was|were|being)\ (?:relied|used|applied|utilized|selected|chosen|consulted
          |referenced|(?:not\ )?applicable|(?:not\ )?relevant|appropriate|evidence[- ]based)
          \b[^.;]*                                    # "… were relied upon by the reviewer"
    | because\b[^.;]*
    | Per\ the\ Strength\ of\ Evidence\ hierarchy[^.]*?Workers.?\ Compensation,?
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_STATEMENT = re.compile(
    rf"""{WHO}\b.*                                    # "… failed to cite a guideline"
    | (?:No|None|N/A|Not|Nil|Neither|Unknown|Unspecified|Unable)\b.*
    | (?:There|It|This|Decision|Denial|Guidelines?|In)\b
        (?=.*\b(?:no|not|none|without|unable)\b)
        (?=.*\b(?:cit|guideline|criteri|evidence|referenc|source|document|specif|provided)).*
    | See\ (?:the\ )?(?:decision\ )?(?:rationale|above|below|attached|discussion)\b.*
    | (?:(?:his|her|their|his/her|the|own)\ )*(?:clinical|medical|professional)
        \ (?:judge?ment|experience|expertise|opinion|knowledge|training)\b.*""",
    re.IGNORECASE | re.VERBOSE,
)

LEADS_UP = re.compile(
    rf"""^(?:{WHO}\b.*\ | .*\b(?:according\ to|accordance\ with|reference\ to|per|cit(?:es|ed|ing)
        |us(?:es|ed|ing)|appl(?:ies|ied|ying)|referenc(?:es|ed|ing)|quot(?:es|ed|ing)
        |relies\ on|relying\ on|based\ on|follow(?:s|ed|ing))\ (?:the\ )?)$""",
    re.IGNORECASE | re.VERBOSE,
)
"""A sentence that leads up to the name of a source: "The decision was made according to the …"."""


def without_denials(text: str) -> str:
    """The text without sentences that say what was not cited or why something was."""
    return _SENTENCES.sub(" ", text).strip()


def cites_nothing(statement: str) -> bool:
    """Does a statement that names no source say that there is none ("No guideline cited")?"""
    return bool(_STATEMENT.fullmatch(statement))
