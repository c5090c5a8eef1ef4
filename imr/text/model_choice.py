"""Which model a user means, and what runs it.

nothing                                    the default, on ONNX
the name of a pinned model                 that one, on ONNX
a folder with model.onnx, tokenizer.json   that one, on ONNX
a folder of sentence-transformers          that one, on torch
any other name                             a model of the hub, on torch
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from imr.errors import ModelMissingError, ModelUnusableError
from imr.settings import Settings
from imr.text import model_files, model_hub
from imr.text.embedding import Embedder
from imr.text.model_files import BGE_SMALL, PINNED, ModelFiles
from imr.text.model_folder import onnx_spec
from imr.text.onnx_model import OnnxEmbedder
from imr.text.torch_model import TorchEmbedder

Say = Callable[[str], None]
_HUB_NAME = re.compile(r"[\w.-]+(?:/[\w.-]+)?")


def present(settings: Settings) -> Embedder | None:
    """The model, where its files are on this machine; no network is asked."""
    named = settings.model
    if folder := model_files.named_folder(settings):
        return _in_folder(folder, settings)
    if named is None or named in PINNED:
        files = model_files.find(PINNED[named] if named else BGE_SMALL, settings)
        return OnnxEmbedder(files) if files else None
    kept = _kept(named, settings)
    return TorchEmbedder(kept, named, settings) if kept.is_dir() else None


def fetched(settings: Settings, say: Say = lambda _: None) -> Embedder:
    """The model; fetched from the first source that has it where it is not on this machine.

    Raises:
        ModelMissingError: no source has it, or what runs it is not installed.
        ModelUnusableError: the folder holds no model, or one that nothing here can run.
    """
    if found := present(settings):
        return found
    named = settings.model
    if named is None or named in PINNED:
        return OnnxEmbedder(model_files.fetch(PINNED[named] if named else BGE_SMALL, settings, say))
    return _from_hub(named, settings, say)


def _in_folder(folder: Path, settings: Settings) -> Embedder:
    if (folder / "model.onnx").is_file() and (folder / "tokenizer.json").is_file():
        return OnnxEmbedder(_onnx_files(folder))
    if (folder / "modules.json").is_file() or (folder / "config.json").is_file():
        return TorchEmbedder(folder, folder.resolve().name, settings)
    raise ModelUnusableError(
        f"{folder} holds no model: neither model.onnx with tokenizer.json, nor a model of "
        "sentence-transformers (modules.json)"
    )


def _onnx_files(folder: Path) -> ModelFiles:
    source = "the named folder"
    for pinned in PINNED.values():
        if files := model_files.checked(pinned, folder, source):
            return files
    spec = onnx_spec(folder, folder.resolve().name)
    return ModelFiles(spec, folder / "model.onnx", folder / "tokenizer.json", source)


def _kept(name: str, settings: Settings) -> Path:
    return settings.cache / "models" / name.replace("/", "--")


def _from_hub(name: str, settings: Settings, say: Say) -> Embedder:
    kept = _kept(name, settings)
    model = TorchEmbedder(kept, name, settings)  # says before a download that torch is missing
    answer = "no such folder, and no name of a model either"
    if _HUB_NAME.fullmatch(name):
        say(f"asking the model hub for {name}")
        model_files.make_cache(settings)
        # beside its final place, so that the move into it is atomic
        with tempfile.TemporaryDirectory(dir=settings.cache) as folder:
            scratch = Path(folder) / "model"
            hub = model_hub.snapshot(name, scratch, settings)
            if hub is None:
                kept.parent.mkdir(exist_ok=True)
                scratch.rename(kept)
                return model
            answer = f"no such folder; model hub: {hub}"
    raise ModelMissingError(
        f"the model {name} could not be had ({answer}). Name a folder that holds it, the name of "
        f"a model of the hub, or one of {', '.join(PINNED)}"
    )
