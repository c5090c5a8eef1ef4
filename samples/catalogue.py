"""The rows of `samples/data/*.toml`, typed and checked on load."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, ConfigDict

from imr.model import Category  # pydantic reads it at run time
from samples.templates import Skewed

SITE_GROUPS = {
    "spine": {"lumbar", "cervical", "thoracic"},
    "joint": {"shoulder", "knee", "wrist", "ankle", "elbow", "hip", "foot", "hand"},
    "lower": {"lumbar", "knee", "ankle", "hip", "foot"},
    "arm": {"shoulder", "elbow", "wrist", "hand"},
}
"""Where an item may be asked for; "any", "body" (all but the mind) and a site's key go as well."""


class Row(BaseModel):
    """A row of a data file: frozen, and no key that the code does not read."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Site(Row):
    """A part of the body as letters name it, with the chapters of the guidelines that cover it."""

    key: str
    part: str
    names: tuple[str, ...]
    region: str
    sided: bool
    limb: str
    odg: str
    conditions: tuple[str, ...]
    complaints: tuple[str, ...]
    findings: tuple[str, ...]
    mtus: tuple[str, int] | None = None
    levels: tuple[str, ...] = ()


class Item(Row):
    """A treatment that can be asked for. `few`: counted in ones and twos, not in visits."""

    name: str
    category: Category
    theme: str
    forms: tuple[str, ...]
    sites: str = "any"
    partial: str = ""
    odg: str = ""
    other: tuple[str, ...] = ()
    few: bool = False
    drugs: tuple[str, ...] = ()


class Drug(Row):
    """A drug under the names letters give it; the first strength and count are the usual ones."""

    names: tuple[str, ...]
    generics: tuple[str, ...]
    theme: str
    strengths: tuple[str, ...]
    counts: tuple[int, ...]
    unit: str = ""


class Compound(Row):
    """A cream of several ingredients, asked for in these very words."""

    words: str
    generics: tuple[str, ...]


class Theme(Row):
    """The guideline sections that speak to one kind of treatment."""

    name: str
    chronic: tuple[str, ...] = ()
    opioid2016: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    general: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    odg: tuple[tuple[str, str], ...] = ()
    acupuncture: bool = False
    postsurgical: bool = False


@cache
def load(name: str) -> dict[str, Any]:
    """A data file of this package, by its name without ending."""
    return tomllib.loads(files("samples").joinpath("data", f"{name}.toml").read_text("utf-8"))


@cache
def sites() -> tuple[Site, ...]:
    """All sites, most frequent first."""
    return tuple(Site(**row) for row in load("cases")["site"])


@cache
def drugs() -> Skewed[Drug]:
    """All drugs, drawn by how often they are disputed."""
    return Skewed([Drug(**row) for row in load("drugs")["drug"]])


@cache
def compounds() -> Skewed[Compound]:
    """All compounded creams."""
    return Skewed([Compound(**row) for row in load("drugs")["compound"]])


def drug_classes(ingredients: tuple[str, ...]) -> tuple[str, ...]:
    """The taxonomy's codes of all classes of these ingredients, sorted."""
    table: dict[str, list[str]] = load("drugs")["classes"]
    return tuple(code for code in sorted(table) if not set(ingredients).isdisjoint(table[code]))


@cache
def items(site: Site) -> Skewed[Item]:
    """The treatments that fit an injury of this site."""
    rows = [Item(**row) for row in load("items")["item"]]
    return Skewed([row for row in rows if _fits(row.sites, site.key)], steepness=0.7)


def _fits(wanted: str, key: str) -> bool:
    if wanted in {"any", key}:
        return True
    return key != "mind" if wanted == "body" else key in SITE_GROUPS.get(wanted, ())


@cache
def adjuncts() -> Skewed[Item]:
    """What is asked for around an operation."""
    return Skewed([Item(**row) for row in load("items")["adjunct"]], steepness=0.3)


@cache
def themes() -> dict[str, Theme]:
    """Guideline sections by the kind of treatment."""
    return {row["name"]: Theme(**row) for row in load("guidelines")["theme"]}
