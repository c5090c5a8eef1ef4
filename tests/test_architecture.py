"""What keeps the code as it was designed: rooms, one reader of the environment, small functions."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("imr", "indexer", "api", "cli", "samples", "evaluation", "benchmarks")
MAX_FUNCTION = 60
"""Lines: about a screen."""
NO_NAMES = {"base", "common", "helper", "helpers", "manager", "misc", "tools", "util", "utils"}
"""File names from which nobody can guess what is inside."""


def sources(*rooms: str) -> Iterator[Path]:
    for room in rooms:
        yield from (ROOT / room).rglob("*.py")


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(path: Path) -> set[str]:
    """The top-level names of all modules that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def test_dependencies_point_one_way() -> None:
    lint_imports = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [lint_imports, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_rooms_are_those_of_the_design() -> None:
    """A new room is named here, in the contracts and in what is installed."""
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]

    assert packages == set(ROOMS)
    assert set(settings["importlinter"]["root_packages"]) == packages
    assert set(settings["hatch"]["build"]["targets"]["wheel"]["packages"]) == {
        *packages, "mappings",
    }  # fmt: skip


def test_the_core_has_the_rooms_of_the_design() -> None:
    rooms = {path.parent.name for path in (ROOT / "imr").glob("*/__init__.py")}

    assert rooms == {"alerts", "engines", "export", "letters", "precedents", "search", "text"}


def test_only_the_settings_read_the_environment() -> None:
    readers = {
        relative(path)
        for path in sources(*ROOMS)
        if re.search(r"\bos\.(environ|getenv)|\bimport (environ|getenv)", path.read_text("utf-8"))
    }

    assert readers == {"imr/settings.py"}


@pytest.mark.parametrize(
    ("library", "where"),
    [
        ("opensearchpy", ["imr/engines/opensearch/"]),
        ("faiss", ["imr/engines/embedded/vectors.py", "imr/engines/embedded/lists.py"]),
        ("onnxruntime", ["imr/text/onnx_model.py"]),
        ("sentence_transformers", ["imr/text/torch_model.py"]),
        ("huggingface_hub", ["imr/text/model_hub.py"]),
        ("pypdfium2", ["imr/letters/read.py"]),
        ("rich", ["cli/"]),
        ("typer", ["cli/"]),
        ("fastapi", ["api/"]),
        ("tantivy", ["imr/engines/embedded/", "imr/text/analysis.py"]),
    ],
)
def test_a_library_is_spoken_to_from_one_place(library: str, where: list[str]) -> None:
    users = [relative(path) for path in sources(*ROOMS) if library in imported(path)]

    assert users
    assert [user for user in users if not user.startswith(tuple(where))] == []


def test_functions_fit_on_a_screen() -> None:
    long = {
        f"{relative(path)}:{node.name}"
        for path in sources(*ROOMS, "tests")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno >= MAX_FUNCTION
    }

    assert long == set()


def test_files_are_named_for_what_they_hold() -> None:
    assert [relative(path) for path in sources(*ROOMS) if path.stem in NO_NAMES] == []


def test_the_package_is_typed_and_reads_no_tests() -> None:
    assert [relative(path) for path in sources(*ROOMS) if "tests" in imported(path)] == []
