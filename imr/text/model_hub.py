"""Speaks to the model hub, and fails over fast where it is out of reach."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from imr.settings import Settings, set_hub_patience

WANTED = ("*.json", "*.txt", "*.model", "*.safetensors")
"""What a model of sentence-transformers is loaded from; pickled weights are not asked for."""
UNWANTED = ("onnx/*", "openvino/*")


def download(
    repository: str, paths: Mapping[str, str], folder: Path, settings: Settings
) -> str | None:
    """Put single files into a folder, under other names. None when done, otherwise why not."""
    if settings.offline:
        return "not asked, HF_HUB_OFFLINE is set"
    set_hub_patience()
    from huggingface_hub import HfApi, hf_hub_download  # noqa: PLC0415 - slow to import

    try:
        if not HfApi().repo_exists(repository):
            return f"has no {repository}"
        for path, name in paths.items():
            found = hf_hub_download(repository, path, cache_dir=str(folder / "hub"))
            shutil.copyfile(found, folder / name)
    except Exception as error:  # noqa: BLE001 - whatever the hub does, the next source is asked
        return f"out of reach ({type(error).__name__})"
    return None


def snapshot(repository: str, folder: Path, settings: Settings) -> str | None:
    """Put a whole model of sentence-transformers into a folder. None when done, else why not."""
    if settings.offline:
        return "not asked, HF_HUB_OFFLINE is set"
    set_hub_patience()
    from huggingface_hub import HfApi, snapshot_download  # noqa: PLC0415

    try:
        if not HfApi().repo_exists(repository):
            return f"has no {repository}"
        snapshot_download(
            repository, local_dir=str(folder),
            allow_patterns=list(WANTED), ignore_patterns=list(UNWANTED),
        )  # fmt: skip
    except Exception as error:  # noqa: BLE001 - the caller says what else can be done
        return f"out of reach ({type(error).__name__})"
    return None
