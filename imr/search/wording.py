"""Clauses as people read them."""

from __future__ import annotations

from imr.search.plan import Clause


def worded(clause: Clause) -> str:
    """A clause by itself: '"first aid"~5', 'acupunct*', 'norco OR (knee AND NOT mri)'.

    Without its own negation, and a phrase without its marks: its kind tells them.
    """
    if clause.kind == "phrase" and clause.field is None:
        return clause.text
    return _worded(clause)


def _worded(clause: Clause) -> str:
    if clause.kind in {"any", "all"}:
        return (" OR " if clause.kind == "any" else " AND ").join(map(_part, clause.parts))
    text = clause.text
    if clause.kind in {"phrase", "near"}:
        text = f'"{text}"'
    if clause.kind == "near":
        text += f"~{clause.slop}"
    if clause.kind == "prefix":
        text += "*"
    return f"{clause.field}: {text}" if clause.field else text


def _part(clause: Clause) -> str:
    text = _worded(clause)
    if clause.kind in {"any", "all"}:
        text = f"({text})"
    return f"NOT {text}" if clause.negated else text
