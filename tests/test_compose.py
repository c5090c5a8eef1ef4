"""docker-compose.yml was never run here; what it names has to exist, at least."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from typer.main import get_command

from cli.app import app
from imr import settings

ROOT = Path(__file__).parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: each for name, each in SERVICES.items() if "build" in each}
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
SETTINGS = (ROOT / "imr" / "settings.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", OURS)
def test_a_service_is_built_from_a_stage_that_exists(name: str) -> None:
    assert f" AS {OURS[name]['build']['target']}\n" in DOCKERFILE


@pytest.mark.parametrize("name", OURS)
def test_a_service_runs_a_command_that_exists_with_options_it_has(name: str) -> None:
    command, *given = OURS[name]["command"]
    known = get_command(app).commands[command]  # type: ignore[attr-defined]
    known.make_context(command, given, resilient_parsing=True)
    options = {option for parameter in known.params for option in parameter.opts}
    assert {word for word in given if word.startswith("--")} <= options


@pytest.mark.parametrize("name", OURS)
def test_a_service_is_told_by_settings_that_are_read(name: str, tmp_path: Path) -> None:
    given = dict(OURS[name]["environment"])
    assert all(setting in SETTINGS for setting in given)
    mounted = [volume.split(":")[1] for volume in OURS[name]["volumes"]]
    assert Path(given["IMR_OPENSEARCH_CA"]).parent.as_posix() in mounted
    secret = Path(given["IMR_OPENSEARCH_PASSWORD_FILE"])
    assert secret.parent == Path("/run/secrets")
    assert secret.name in OURS[name]["secrets"]
    for setting in ("IMR_OPENSEARCH_CA", "IMR_OPENSEARCH_PASSWORD_FILE"):
        (tmp_path / setting).write_text("as in the container")
        given[setting] = str(tmp_path / setting)
    read = settings.load(given)
    assert read.access.user == given["IMR_OPENSEARCH_USER"]


def test_the_certificate_is_of_the_name_that_is_asked() -> None:
    (alias,) = SERVICES["opensearch"]["networks"]["default"]["aliases"]
    for each in OURS.values():
        assert each["environment"]["IMR_OPENSEARCH_URL"] == f"https://{alias}:9200"


def test_what_is_mounted_waited_for_and_secret_is_declared() -> None:
    for each in SERVICES.values():
        sources = [volume.split(":")[0] for volume in each.get("volumes", ())]
        named = {source for source in sources if re.fullmatch(r"[\w-]+", source)}
        assert named <= set(COMPOSE["volumes"])
        assert set(each.get("secrets", ())) <= set(COMPOSE["secrets"])
        assert set(each.get("depends_on", ())) <= set(SERVICES)
        for other in each.get("depends_on", ()):
            assert "healthcheck" in SERVICES[other]


def test_what_stays_up_comes_back_after_a_crash() -> None:
    staying = {name for name, each in SERVICES.items() if "healthcheck" in each}
    assert staying == {"opensearch", "api"}
    assert all(SERVICES[name]["restart"] == "unless-stopped" for name in staying)


def test_the_password_that_is_advised_needs_no_quoting_anywhere() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    (end,) = re.findall(r"\$\(openssl rand -hex \d+\)(\S*)\"", example)
    assert re.fullmatch(r"[\w.~-]+", end, re.ASCII)
    kinds = (str.isupper, str.islower, str.isdigit, lambda sign: not sign.isalnum())
    assert all(any(map(kind, end)) for kind in kinds)


def test_every_variable_of_the_file_is_in_the_example_of_settings() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    asked = set(re.findall(r"(?<!\$)\$\{(\w+)", text))
    told = set(re.findall(r"^(\w+)=", example, re.MULTILINE))
    assert asked == told
    must = set(re.findall(r"(?<!\$)\$\{(\w+):\?", text))
    assert {name for name in told if f"\n{name}=\n" in example} == must


def test_no_port_of_the_cluster_is_published_and_ours_is_on_this_machine_only() -> None:
    assert "ports" not in SERVICES["opensearch"]
    for each in OURS.values():
        assert all(port.startswith("127.0.0.1:") for port in each.get("ports", ()))


def test_the_release_is_the_one_that_tests_run() -> None:
    recipe = (ROOT / "tests" / "node" / "recipe.py").read_text(encoding="utf-8")
    release = SERVICES["opensearch"]["image"].rpartition(":")[2]
    assert f'"{release}"' in recipe


def test_a_health_check_that_is_a_shell_s_can_be_read_by_one() -> None:
    for each in SERVICES.values():
        asked = each.get("healthcheck", {}).get("test")
        words = shlex.split(asked) if isinstance(asked, str) else asked or ["CMD"]
        assert words[0] in {"curl", "CMD"}
