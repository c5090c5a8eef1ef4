"""The only reader of the environment. Every variable is told in `docs/settings.md`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from imr.errors import BadSettingError

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
    model: str | None
    """IMR_MODEL: the embedding model, a name or a folder that holds its files."""
    vector_cache_bytes: int
    """IMR_VECTOR_CACHE_GB: how large a model's file of vectors may grow; 0 for none."""
    torch_batch: int
    """IMR_TORCH_BATCH: texts that sentence-transformers embeds in one run."""
    torch_precision: str
    """IMR_TORCH_PRECISION: float32, float16 or bfloat16."""
    alert_secret: str | None = field(repr=False)
    """IMR_ALERT_SECRET: signs the deliveries of alerts to webhooks."""
    offline: bool
    """HF_HUB_OFFLINE: do not ask the model hub."""


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from `environ` (default: the process's own)."""
    env = os.environ if environ is None else environ
    cache = env.get("IMR_CACHE")
    if cache is None:
        home = env.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        cache = str(Path(home) / "imr-precedents")
    return Settings(
        cache=Path(cache),
        index=Path(env.get("IMR_INDEX", "index")),
        opensearch_url=env.get("IMR_OPENSEARCH_URL"),
        opensearch_index=env.get("IMR_OPENSEARCH_INDEX", "imr-decisions"),
        model=env.get("IMR_MODEL") or None,
        vector_cache_bytes=int(1e9 * _number(env, "IMR_VECTOR_CACHE_GB", 4)),
        torch_batch=max(1, int(_number(env, "IMR_TORCH_BATCH", 32))),
        torch_precision=env.get("IMR_TORCH_PRECISION") or "float32",
        alert_secret=env.get("IMR_ALERT_SECRET") or None,
        offline=env.get("HF_HUB_OFFLINE", "") in {"1", "true", "yes", "on"},
    )


def _number(env: Mapping[str, str], name: str, default: float) -> float:
    given = env.get(name) or default
    try:
        found = float(given)
    except ValueError:
        found = -1
    if not 0 <= found < 1e6:
        raise BadSettingError(f"{name} is {given!r}: give a number, as {default}")
    return found


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
