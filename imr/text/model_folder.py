"""What a folder says of the model in it, in the files that sentence-transformers keeps.

1_Pooling/config.json               how the vectors of tokens become one, and their dimension
sentence_bert_config.json           the longest text (or tokenizer_config.json)
config_sentence_transformers.json   prompts: what goes before a query and before a passage
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from imr.errors import ModelUnusableError
from imr.text.model_spec import ModelSpec

POOLING = "1_Pooling/config.json"
LENGTH = "sentence_bert_config.json"
PROMPTS = "config_sentence_transformers.json"
_FORMER = {"pooling_mode_cls_token": "cls", "pooling_mode_mean_tokens": "mean"}
"""How older versions say it: one key a kind, true or false."""


def onnx_spec(folder: Path, name: str) -> ModelSpec:
    """The model of a folder with model.onnx and tokenizer.json.

    Raises:
        ModelUnusableError: a file that says how to use it is missing, or says what ONNX can't do.
    """
    told = _told(folder / POOLING)
    if told is None:
        raise ModelUnusableError(
            f"{folder}: no model known by its sha256, and nothing says how to use it: put "
            f'{POOLING} beside it ({{"embedding_dimension": 384, "pooling_mode": "mean"}} or '
            '"cls", as the model was trained), or leave the option out'
        )
    return ModelSpec(
        name=name,
        dimension=_number(
            told.get("embedding_dimension", told.get("word_embedding_dimension")),
            folder / POOLING, "embedding_dimension",
        ),
        max_tokens=_longest(folder),
        pooling=_pooling(told, folder / POOLING),
        query_prefix=prompt(prompts := _prompts(folder), "query"),
        passage_prefix=prompt(prompts, "document", "passage", "corpus"),
        model_sha256=digest(folder, sorted(folder.glob("model.onnx*"))),
    )  # fmt: skip


def _pooling(told: dict[str, Any], path: Path) -> str:
    given = told.get("pooling_mode") or [key for key in _FORMER if told.get(key)]
    kinds = [given] if isinstance(given, str) else [_FORMER.get(each, each) for each in given]
    if kinds not in (["cls"], ["mean"]):
        raise ModelUnusableError(
            f"{path}: its pooling ({', '.join(map(str, kinds)) or 'none'}) can't be done on ONNX, "
            "only cls or mean can: name the model's sentence-transformers folder instead"
        )
    return str(kinds[0])


def _longest(folder: Path) -> int:
    for name, key in ((LENGTH, "max_seq_length"), ("tokenizer_config.json", "model_max_length")):
        if (found := (_told(folder / name) or {}).get(key)) is not None:
            return _number(found, folder / name, key)
    raise ModelUnusableError(
        f"{folder}: nothing says how long a text it reads: put {LENGTH} beside it "
        '({"max_seq_length": 512})'
    )


def _number(found: object, path: Path, key: str) -> int:
    # where there is no limit, tokenizer_config.json says so by 1e30
    if isinstance(found, int) and 1 < found < 1_000_000:
        return found
    raise ModelUnusableError(f"{path}: {key} is {found!r}: write the model's own number there")


def _prompts(folder: Path) -> dict[str, str]:
    found = (_told(folder / PROMPTS) or {}).get("prompts")
    return found if isinstance(found, dict) else {}


def prompt(prompts: dict[str, str], *names: str) -> str:
    """The first of these prompts that is told, as sentence-transformers chooses it."""
    return next((prompts[name] or "" for name in names if name in prompts), "")


def _told(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ModelUnusableError(f"{path} can't be read: {error}") from error
    if not isinstance(found, dict):
        raise ModelUnusableError(f"{path} holds no JSON object")
    return found


def weights(folder: Path) -> list[Path]:
    """The files with the weights in a folder of sentence-transformers."""
    for ending in ("safetensors", "bin"):
        found = sorted(folder.rglob(f"*.{ending}"))
        found = [p for p in found if not any(s[0] == "." for s in p.relative_to(folder).parts)]
        if found:
            return found
    raise ModelUnusableError(f"{folder}: it holds no weights (*.safetensors)")


def digest(folder: Path, files: list[Path]) -> str:
    """The file's sha256; of several, that of the list that `sha256sum` would print of them."""
    found = [(path.relative_to(folder), sha256(path)) for path in files]
    if len(found) == 1:
        return found[0][1]
    lines = "".join(f"{digest}  {path.as_posix()}\n" for path, digest in found)
    return hashlib.sha256(lines.encode()).hexdigest()


def sha256(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
