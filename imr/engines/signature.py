"""What an index was built with, recorded beside it and compared before it is used."""

from __future__ import annotations

import json
from typing import Any

from imr import fields
from imr.errors import IndexMismatchError, UnusableIndexError
from imr.model import Value
from imr.text import analysis
from imr.text.model_spec import ModelSpec
from imr.text.taxonomy import load as taxonomies

Model = dict[str, Any] | None
"""What `ModelSpec.signature` gives."""
LAYOUT = 6
"""Raised when what is stored, or how, changes."""
_ANEW = "index the letters anew into an empty place (on a cluster: --recreate)"


class Signature(Value):
    """Layout, fields and analysis must agree to read or write, the model to compare vectors.

    Another taxonomy refuses writing only. `model` is null in an index built without vectors.
    """

    layout: int
    fields: str
    analysis: str
    taxonomy: str
    model: Model


def current(spec: ModelSpec | None) -> Signature:
    """The signature of an index that this version builds with this model."""
    return Signature(
        layout=LAYOUT,
        fields=fields.fingerprint(),
        analysis=analysis.fingerprint(),
        taxonomy=taxonomies.load().fingerprint,
        model=spec.signature if spec else None,
    )


def stored_signature(recorded: str, where: str) -> Signature:
    """A signature as an index recorded it.

    Raises:
        UnusableIndexError: it is damaged; IndexMismatchError: another version recorded it.
    """
    try:
        found = json.loads(recorded)
    except ValueError as error:
        raise UnusableIndexError(f"{where}: its signature.json is damaged: {_ANEW}") from error
    try:
        return Signature.model_validate(found)
    except ValueError as error:
        raise IndexMismatchError(f"{where} was built by another version: {_ANEW}") from error


def check_readable(stored: Signature, where: str) -> None:
    """Raise IndexMismatchError where this version would read the index wrongly."""
    ours = current(None)
    for part in ("layout", "fields", "analysis"):
        if getattr(stored, part) != getattr(ours, part):
            raise IndexMismatchError(
                f"{where} was built with other {part} than this version's: {_ANEW}"
            )


def check_writable(
    stored: Signature, ours: Signature, where: str, *, retagging: bool = False
) -> None:
    """Raise IndexMismatchError where a load would mix what can't be compared.

    Retagging makes all tags anew, so another taxonomy does not hinder it.
    """
    check_readable(stored, where)
    if not _comparable(stored.model, ours.model):
        raise IndexMismatchError(
            f"{where} holds vectors of {_named(stored.model)}, this load would add "
            f"{_named(ours.model)}{_how(stored.model, ours.model)}: name the model it was built "
            "with (--model or IMR_MODEL), or index anew into an empty place"
        )
    if stored.taxonomy != ours.taxonomy and not retagging:
        raise IndexMismatchError(
            f"{where} was tagged with another taxonomy than this version's: run `imr retag` first"
        )


def retagging_due(stored: Signature) -> tuple[str, ...]:
    """What a search says where the vocabularies have changed since the index was tagged."""
    if stored.taxonomy == taxonomies.load().fingerprint:
        return ()
    return ("the index was tagged with other vocabularies than this version's: run `imr retag`",)


def check_comparable(stored: Signature, spec: ModelSpec) -> None:
    """Raise IndexMismatchError where a query's vector would be compared with another model's."""
    if not _comparable(stored.model, spec.signature):
        raise IndexMismatchError(
            f"the index holds vectors of {_named(stored.model)}, queries are embedded with "
            f"{spec.name}{_how(stored.model, spec.signature)}: name the model it was built with "
            "(--model or IMR_MODEL), search by keyword, or index anew (on a cluster: --recreate)"
        )


def _comparable(one: Model, other: Model) -> bool:
    """Whether their vectors may be compared; the name may be a folder's here, a hub's there."""
    if one is None or other is None:
        return one is other
    return not _differing(one, other)


def _differing(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    keys = {*one, *other} - {"name"}
    return sorted(key for key in keys if one.get(key, "") != other.get(key, ""))


def _how(one: Model, other: Model) -> str:
    """In what two models of one name differ."""
    if one is None or other is None or one["name"] != other["name"]:
        return ""
    return f" with another {', '.join(_differing(one, other))}"


def _named(model: Model) -> str:
    return str(model["name"]) if model else "no model"
