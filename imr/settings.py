"""The only reader of the environment. Every variable is told in `docs/settings.md`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from imr.errors import BadSettingError

HUB_SECONDS = 5
"""How long the model hub may take to answer."""


@dataclass(frozen=True, slots=True)
class Access:
    """How a cluster is talked to: who we are, what certificate is trusted, how long we wait.

    Secrets are left out of `repr`, and so of logs and tracebacks.
    """

    user: str | None = None
    password: str | None = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)
    secret_file: Path | None = field(default=None, compare=False, kw_only=True)
    """The file that the password or key was read from."""
    ca: Path | None = None
    """A file of certificates to trust in place of the system's."""
    fingerprint: str | None = None
    """SHA-256 of the one certificate to trust, 64 hex digits."""
    seconds: float = 15
    """How long one answer to a search may take."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a user may set from outside; command-line options win over these."""

    cache: Path
    """IMR_CACHE: where the model lies, otherwise the user's cache folder."""
    index: Path
    """IMR_INDEX: the embedded index's folder."""
    opensearch_url: str | None = field(repr=False)
    """IMR_OPENSEARCH_URL: search this cluster instead of the embedded index; several nodes apart
    by commas."""
    opensearch_index: str
    """IMR_OPENSEARCH_INDEX: the index's name on the cluster."""
    opensearch_shards: int
    """IMR_OPENSEARCH_SHARDS: of how many shards a new index is made."""
    access: Access
    """IMR_OPENSEARCH_USER, _PASSWORD, _API_KEY (or _FILE of both), _CA, _FINGERPRINT, _TIMEOUT."""
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
        opensearch_url=env.get("IMR_OPENSEARCH_URL") or None,
        opensearch_index=env.get("IMR_OPENSEARCH_INDEX") or "imr-decisions",
        opensearch_shards=_count(env, "IMR_OPENSEARCH_SHARDS", 1),
        access=_access(env),
        model=env.get("IMR_MODEL") or None,
        vector_cache_bytes=int(1e9 * _number(env, "IMR_VECTOR_CACHE_GB", 4)),
        torch_batch=_count(env, "IMR_TORCH_BATCH", 32),
        torch_precision=env.get("IMR_TORCH_PRECISION") or "float32",
        alert_secret=env.get("IMR_ALERT_SECRET") or None,
        offline=env.get("HF_HUB_OFFLINE", "") in {"1", "true", "yes", "on"},
    )


def _access(env: Mapping[str, str]) -> Access:
    user = env.get("IMR_OPENSEARCH_USER") or None
    password = _secret(env, "IMR_OPENSEARCH_PASSWORD", "IMR_OPENSEARCH_PASSWORD_FILE")
    key = _secret(env, "IMR_OPENSEARCH_API_KEY", "IMR_OPENSEARCH_API_KEY_FILE")
    if key is not None and not key.isascii():
        raise BadSettingError("IMR_OPENSEARCH_API_KEY (or _FILE) holds signs that no key has")
    if (user is None) != (password is None):
        raise BadSettingError(
            "IMR_OPENSEARCH_USER and IMR_OPENSEARCH_PASSWORD (or _FILE) go together: set both"
        )
    if user is not None and (":" in user or not user.isprintable()):
        raise BadSettingError("IMR_OPENSEARCH_USER holds a colon, a line's end or the like")
    if user is not None and key is not None:
        raise BadSettingError(
            "IMR_OPENSEARCH_USER and IMR_OPENSEARCH_API_KEY are both set: leave one of them out"
        )
    ca = Path(given) if (given := env.get("IMR_OPENSEARCH_CA")) else None
    if ca is not None and not ca.is_file():
        raise BadSettingError(f"IMR_OPENSEARCH_CA names {ca}, where there is no file")
    of = "IMR_OPENSEARCH_PASSWORD_FILE" if user is not None else "IMR_OPENSEARCH_API_KEY_FILE"
    return Access(
        user, password, key, ca, _fingerprint(env),
        _number(env, "IMR_OPENSEARCH_TIMEOUT", 15, least=0.1),
        secret_file=Path(given) if (given := env.get(of)) else None,
    )  # fmt: skip


def _secret(env: Mapping[str, str], name: str, of_file: str) -> str | None:
    """A secret, or the content of the file that holds it. No message tells it."""
    path = env.get(of_file)
    if not path:
        return _one_line(env.get(name) or None, name)
    if env.get(name):
        raise BadSettingError(f"{name} and {of_file} are both set: leave one of them out")
    try:
        found = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no text"
        raise BadSettingError(f"{of_file} names {path}, which can't be read ({reason})") from error
    if not found:
        raise BadSettingError(f"{of_file} names {path}, which is empty")
    return _one_line(found, f"{of_file} names {path}, which")


def _one_line(secret: str | None, where: str) -> str | None:
    """A secret that fits into a header."""
    if secret is not None and not secret.isprintable():
        raise BadSettingError(
            f"{where} has to hold the secret and nothing else, in one line of text"
        )
    return secret


def _fingerprint(env: Mapping[str, str]) -> str | None:
    given = env.get("IMR_OPENSEARCH_FINGERPRINT")
    if not given:
        return None
    digits = given.replace(":", "").lower()
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise BadSettingError(
            f"IMR_OPENSEARCH_FINGERPRINT is {given!r}: give the SHA-256 of the certificate, 64 hex "
            "digits, as `openssl x509 -noout -fingerprint -sha256` prints it"
        )
    return digits


def _number(env: Mapping[str, str], name: str, default: float, least: float = 0) -> float:
    given = env.get(name) or default
    try:
        found = float(given)
    except ValueError:
        found = -1
    if not least <= found < 1e6:
        raise BadSettingError(
            f"{name} is {given!a}: give a number of {least:g} or more, as {default:g}"
        )
    return found


def _count(env: Mapping[str, str], name: str, default: int) -> int:
    found = _number(env, name, default, least=1)
    if found != int(found):
        raise BadSettingError(f"{name} is {env[name]!a}: give a whole number, as {default}")
    return int(found)


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
