"""The data files of this package: sentences, words and rows of what can be asked for."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def load(name: str) -> dict[str, Any]:
    """A file of `samples/data`, by its name without ending."""
    return tomllib.loads(files("samples").joinpath("data", f"{name}.toml").read_text("utf-8"))
