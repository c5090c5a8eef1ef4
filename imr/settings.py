"""The only reader of the environment. Every variable is told in `docs/settings.md`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

HUB_SECONDS = 5
"""How long the model hub may take to answer."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a user may set from outside; command-line options win over these."""

    cache: Path
    """IMR_CACHE: where the model lies, otherwise the user's cache folder."""
    index: Path
    """IMR_INDEX: the embedded index's folder."""
    opensearch_url: str | None
    """IMR_OPENSEARCH_URL: search this cluster instead of the embedded index."""
    opensearch_index: str
    """IMR_OPENSEARCH_INDEX: the index's name on the cluster."""
    model_folder: Path | None
    """IMR_MODEL: a folder that holds the model's files, for machines without any registry."""
    offline: bool
    """HF_HUB_OFFLINE: do not ask the model hub."""


def load(environ: dict[str, str] | None = None) -> Settings:
    """Read the settings from `environ` (default: the process's own)."""
    env = os.environ if environ is None else environ
    cache = env.get("IMR_CACHE")
    if cache is None:
        home = env.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        cache = str(Path(home) / "imr-precedents")
    model = env.get("IMR_MODEL")
    return Settings(
        cache=Path(cache),
        index=Path(env.get("IMR_INDEX", "index")),
        opensearch_url=env.get("IMR_OPENSEARCH_URL"),
        opensearch_index=env.get("IMR_OPENSEARCH_INDEX", "imr-decisions"),
        model_folder=Path(model) if model else None,
        offline=env.get("HF_HUB_OFFLINE", "") in {"1", "true", "yes", "on"},
    )


def send_no_telemetry() -> None:
    """Keep onnxruntime from reporting home; it looks once, when it is first imported.

    Without this its packages write a device id into the user's cache and send events.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    os.environ["ORT_TELEMETRY_DISABLED"] = "1"


def set_hub_patience() -> None:
    """Fail over fast where the model hub is out of reach; read when its library is imported."""
    os.environ.setdefault("HF_HUB_DOWNLOAD_TIMEOUT", str(HUB_SECONDS))
    os.environ.setdefault("HF_HUB_ETAG_TIMEOUT", str(HUB_SECONDS))
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")


def without_secret(url: str) -> str:
    """The URL without a name and password that may stand in it, fit to be shown."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
