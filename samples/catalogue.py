"""The rows of `samples/data/*.toml`, typed and checked on load."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel, ConfigDict

from imr.model import Category  # pydantic reads it at run time
from samples.data_files import load
from samples.draws import Skewed

LOWER = frozenset({"lumbar", "knee", "ankle", "hip", "foot", "leg"})
ARM = frozenset({"shoulder", "elbow", "wrist", "hand", "finger", "arm"})


class Row(BaseModel):
    """A row of a data file: frozen, and no key that the code does not read."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Site(Row):
    """A part of the body as letters name it, with the chapters of the guidelines that cover it.

    `group` is "spine" or "joint" where courses of therapy make sense, else empty.
    """

    key: str
    part: str
    names: tuple[str, ...]
    region: str
    limb: str
    odg: str
    conditions: tuple[str, ...]
    complaints: tuple[str, ...]
    findings: tuple[str, ...]
    scans: tuple[str, ...]
    group: str = ""
    sided: bool = False
    mtus: tuple[str, int] | None = None
    levels: tuple[str, ...] = ()


class Item(Row):
    """A treatment that can be asked for. `few`: counted in ones and twos, not in visits.

    `sites` is where it may be asked for: "any", "physical" (all but the mind), "body" (spine and
    limbs), "spine", "joint", "lower", "arm", or the key of a site.
    """

    name: str
    category: Category
    theme: str
    treatment: str
    forms: tuple[str, ...]
    sites: str = "any"
    partial: str = ""
    odg: str = ""
    other: tuple[str, ...] = ()
    few: bool = False
    drugs: tuple[str, ...] = ()

    def fits(self, site: Site) -> bool:
        """Whether it may be asked for after an injury of this site."""
        groups = {
            "any": True,
            "physical": site.key != "mind",
            "body": bool(site.group),
            "lower": site.key in LOWER,
            "arm": site.key in ARM,
        }
        return groups.get(self.sites, self.sites in {site.group, site.key})


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
def sites() -> tuple[Site, ...]:
    """All sites, most frequent first."""
    return tuple(Site(**row) for row in load("sites")["site"])


@cache
def drugs() -> Skewed[Drug]:
    """The drugs that are often disputed, drawn by how often."""
    return Skewed([Drug(**row) for row in load("drugs")["drug"]])


@cache
def compounds() -> Skewed[Compound]:
    """All compounded creams."""
    return Skewed([Compound(**row) for row in load("drugs")["compound"]])


@cache
def items(key: str) -> Skewed[Item]:
    """The usual treatments that fit an injury of the site of this key."""
    site = next(row for row in sites() if row.key == key)
    rows = [Item(**row) for row in load("items")["item"]]
    return Skewed([row for row in rows if row.fits(site)], steepness=0.95)


@cache
def adjuncts() -> Skewed[Item]:
    """What is asked for around an operation."""
    return Skewed([Item(**row) for row in load("items")["adjunct"]], steepness=0.3)


@cache
def themes() -> dict[str, Theme]:
    """Guideline sections by the kind of treatment."""
    return {row["name"]: Theme(**row) for row in load("guidelines")["theme"]}
