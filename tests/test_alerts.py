"""Saved searches and alerts: nothing twice, nothing lost, whenever a run is killed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.service import Service
from imr import settings
from imr.alerts.find import find, matching
from imr.alerts.store import Alerts, Delivery, SavedSearch
from imr.alerts.webhook import Sender, check_address
from imr.engines.open import Place
from imr.errors import AlertUndeliveredError, BadQueryError, NotFoundError
from tests.corpus import Loader, put, read

IMR = Path(sys.executable).parent / "imr"
SECRET = "a secret of the tests"  # noqa: S105
KINDS = ("imaging", "medication", "surgery", "injection", "acupuncture", "massage")


def corpus(first: int, last: int) -> str:
    return "\n\n".join(
        f"CM16-{number:07}.1 upheld 2016-05-01\nrequest: Item {number}\n"
        f"category: {KINDS[number % len(KINDS)]}"
        for number in range(first, last)
    )


def ids(first: int, last: int, kind: str | None = None) -> set[str]:
    numbers = [n for n in range(first, last) if kind is None or KINDS[n % len(KINDS)] == kind]
    return {f"CM16-{number:07}.1" for number in numbers}


def saved(name: str, **asked: Any) -> SavedSearch:
    return SavedSearch.model_validate({"name": name, "created": "2026-01-01T00:00:00Z", **asked})


@pytest.fixture
def alerts(tmp_path: Path) -> Iterator[Alerts]:
    opened = Alerts(tmp_path / "alerts.sqlite3")
    yield opened
    opened.close()


# ---------------------------------------------------------------- what is new


def test_only_what_came_after_is_new_and_only_once(load: Loader, alerts: Alerts) -> None:
    engine = load(corpus(0, 12)).engine
    search = saved("imaging", filters=(("category", "imaging"),))
    alerts.add(search, [id_ for several in matching(engine, search) for id_ in several])

    find(engine, alerts, search)
    assert list(alerts.waiting()) == []

    later = load(corpus(0, 30)).engine
    find(later, alerts, search)
    find(later, alerts, search)
    (delivery,) = alerts.waiting()
    assert {d["id"] for d in delivery.decisions} == ids(12, 30, "imaging")
    first = delivery.decisions[0]
    assert first == {
        "id": "CM16-0000012.1",
        "citation": "IMR CM16-0000012, item 1, decided 2016-05-01, upheld",
        "request": "Item 12",
        "outcome": "upheld",
        "decided": "2016-05-01",
        "category": "imaging",
    }
    alerts.confirm(delivery)
    find(later, alerts, search)
    assert list(alerts.waiting()) == []


def test_many_are_told_in_several_deliveries(load: Loader, alerts: Alerts) -> None:
    engine = load(corpus(0, 1_100)).engine
    alerts.add(saved("all"), [])

    find(engine, alerts, saved("all"))

    told = [[d["id"] for d in delivery.decisions] for delivery in alerts.waiting()]
    assert max(map(len, told)) <= 500
    assert {id_ for several in told for id_ in several} == ids(0, 1_100)
    assert sum(map(len, told)) == 1_100


def test_a_removed_search_is_forgotten_wholly(alerts: Alerts) -> None:
    alerts.add(saved("one"), [])
    alerts.put("one", [{"id": "CM16-1.1"}])
    alerts.remove("one")

    assert (alerts.all(), list(alerts.waiting())) == ([], [])
    alerts.put("one", [{"id": "CM16-2.1"}])
    assert list(alerts.waiting()) == []
    with pytest.raises(NotFoundError, match="no saved search 'one'"):
        alerts.get("one")


def test_a_name_is_taken_once(alerts: Alerts) -> None:
    alerts.add(saved("one"), [])

    with pytest.raises(BadQueryError, match="already"):
        alerts.add(saved("one"), [])


# ---------------------------------------------------------------- a receiver of webhooks


class Receiver:
    """A real server on loopback; `answer` says with which status each delivery is met."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answer: Callable[[int], int] = lambda _: 204

    @contextmanager
    def listening(self) -> Iterator[str]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(outer.answer(len(outer.got)))
                self.send_header("location", "http://127.0.0.1:9/elsewhere")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/hook?x=1"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


DELIVERY = Delivery.model_validate(
    {"id": "d1", "search": "s", "created": "2026-01-01T00:00:00Z", "decisions": [{"id": "A.1"}]}
)


def sender(*, private: bool = True) -> tuple[Sender, list[float]]:
    slept: list[float] = []
    return Sender(SECRET, private=private, waits=(1.0, 2.0), sleep=slept.append), slept


def test_a_delivery_is_signed_as_the_standard_says() -> None:
    receiver = Receiver()
    with receiver.listening() as url:
        sender()[0].send(DELIVERY, url)

    ((headers, body),) = receiver.got
    stamped = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    made = hmac.new(SECRET.encode(), stamped, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(made).decode()}"
    assert headers["webhook-id"] == "d1"
    assert Delivery.model_validate_json(body) == DELIVERY


def test_it_is_sent_again_until_it_is_taken() -> None:
    receiver = Receiver()
    receiver.answer = lambda attempt: 503 if attempt < 3 else 200
    with receiver.listening() as url:
        made, slept = sender()
        made.send(DELIVERY, url)

    assert (len(receiver.got), slept) == (3, [1.0, 2.0])


@pytest.mark.parametrize(("status", "attempts"), [(500, 3), (302, 3), (400, 1), (410, 1), (429, 3)])
def test_what_is_not_taken_is_told(status: int, attempts: int) -> None:
    """A redirect is no answer: it may lead to where the sender must not go."""
    receiver = Receiver()
    receiver.answer = lambda _: status
    with (
        receiver.listening() as url,
        pytest.raises(
            AlertUndeliveredError, match=rf"127.0.0.1 did not .*\(it answered {status}\)"
        ),
    ):
        sender()[0].send(DELIVERY, url)

    assert len(receiver.got) == attempts


def test_private_addresses_are_refused_unless_allowed() -> None:
    receiver = Receiver()
    with receiver.listening() as url:
        for address in (url, url.replace("127.0.0.1", "localhost")):
            with pytest.raises(BadQueryError, match="private address"):
                sender(private=False)[0].send(DELIVERY, address)
    assert receiver.got == []


@pytest.mark.parametrize(
    "url",
    ["ftp://x.org", "x.org", "https://", "https://a:b@x.org/", "https://x.org/\n", "http://[/"],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(BadQueryError):
        check_address(url)


# ---------------------------------------------------------------- the doors, and kills


def environment() -> dict[str, str]:
    return {**os.environ, "IMR_ALERT_SECRET": SECRET}


def start(*arguments: object, env: dict[str, str]) -> subprocess.Popen[str]:
    command = [str(IMR), *map(str, arguments)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env
    )


def imr(*arguments: object, env: dict[str, str], code: int = 0) -> str:
    process = start(*arguments, env=env)
    out, err = process.communicate(timeout=120)
    assert process.returncode == code, err
    return out if not code else err


def files_of(folder: Path) -> dict[str, list[str]]:
    return {
        path.name: [json.loads(line)["id"] for line in path.read_text().splitlines()]
        for path in folder.glob("*.jsonl")
    }


def test_after_each_load_a_run_tells_what_is_new(tmp_path: Path) -> None:
    index, env = tmp_path / "index", environment()
    place = Place(index, None, "")
    put(read(corpus(0, 6)), place)
    imr("alerts", "add", "needles", "-f", "category=acupuncture", "--index", index, env=env)
    assert imr("alerts", "run", "--index", index, env=env) == ""

    put(read(corpus(0, 12)), place)
    with TestClient(create_app(Service(place, None))) as http:
        (listed,) = http.get("/v1/alerts").json()
        assert (listed["name"], listed["filters"]) == ("needles", [["category", "acupuncture"]])
        for _ in range(2):
            new = http.get("/v1/alerts/needles/new").json()["decisions"]
            assert {each["id"] for each in new} == ids(6, 12, "acupuncture")
        assert http.get("/v1/alerts/nothing/new").status_code == 404
    text = imr("alerts", "run", "--format", "text", "--index", index, env=env)
    assert text.startswith("needles: 1 new decision\n- IMR CM16-0000010, item 1, ")
    assert imr("alerts", "run", "--index", index, env=env) == ""
    (line,) = imr("alerts", "list", "--json", "--index", index, env=env).splitlines()
    assert json.loads(line)["name"] == "needles"
    imr("alerts", "remove", "needles", "--index", index, env=env)
    assert imr("alerts", "list", "--index", index, env=env) == ""


def test_killed_runs_write_nothing_twice_and_lose_nothing(tmp_path: Path) -> None:
    """A run is killed as soon as its next file is there, again and again, between loads."""
    index, out, env = tmp_path / "index", tmp_path / "out", environment()
    place = Place(index, None, "")
    put(read(corpus(0, 6)), place)
    for kind in KINDS:
        imr("alerts", "add", kind, "-f", f"category={kind}", "--index", index, env=env)

    killed = 0
    for last in (12, 18, 24):
        put(read(corpus(0, last)), place)
        for _ in range(2):
            before = len(list(out.glob("*.jsonl")))
            process = start("alerts", "run", "-o", out, "--index", index, env=env)
            while process.poll() is None:
                if len(list(out.glob("*.jsonl"))) > before:
                    process.send_signal(signal.SIGKILL)
                    break
            process.communicate()
            killed += process.returncode == -signal.SIGKILL
    imr("alerts", "run", "-o", out, "--index", index, env=env)

    told = [id_ for several in files_of(out).values() for id_ in several]
    assert killed
    assert sorted(told) == sorted(ids(6, 24))


def test_killed_while_sending_the_same_delivery_comes_again(tmp_path: Path) -> None:
    """The receiver kills the sender before it answers: what is sent again has the same id."""
    index, env = tmp_path / "index", environment()
    receiver = Receiver()
    running: list[subprocess.Popen[str]] = []

    def answer(attempt: int) -> int:
        if attempt % 2 and attempt < 8:
            running[-1].send_signal(signal.SIGKILL)
            running[-1].wait()
        return 200

    receiver.answer = answer
    put(read(corpus(0, 18)), Place(index, None, ""))
    with receiver.listening() as url:
        for kind in KINDS:
            asked = ("-f", f"category={kind}", "--webhook", url, "--from-start")
            imr("alerts", "add", kind, *asked, "--index", index, env=env)
        done = False
        while not done:
            running.append(start("alerts", "run", "--allow-private", "--index", index, env=env))
            running[-1].communicate()
            done = running[-1].returncode == 0

    bodies: dict[str, set[bytes]] = {}
    for headers, body in receiver.got:
        bodies.setdefault(headers["webhook-id"], set()).add(body)
    assert len(receiver.got) > len(bodies) == len(KINDS)
    assert all(len(several) == 1 for several in bodies.values())
    told = [
        d["id"] for several in bodies.values() for b in several for d in json.loads(b)["decisions"]
    ]
    assert sorted(told) == sorted(ids(0, 18))


def test_a_webhook_that_fails_does_not_hold_up_the_others(tmp_path: Path) -> None:
    index, env = tmp_path / "index", environment()
    put(read(corpus(0, 6)), Place(index, None, ""))
    receiver = Receiver()
    receiver.answer = lambda _: 400
    with receiver.listening() as url:
        options = ("--from-start", "--index", index)
        imr("alerts", "add", "a", "--webhook", url, *options, env=env)
        imr("alerts", "add", "b", *options, env=env)
        process = start("alerts", "run", "--allow-private", "--index", index, env=env)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 1
        assert "a: 127.0.0.1 did not take delivery" in err
        assert {json.loads(line)["id"] for line in out.splitlines()} == ids(0, 6)
        receiver.answer = lambda _: 200
        assert imr("alerts", "run", "--allow-private", "--index", index, env=env) == ""
    assert receiver.got[0][1] == receiver.got[1][1]


def test_nothing_is_sent_unsigned(tmp_path: Path) -> None:
    index = tmp_path / "index"
    put(read(corpus(0, 6)), Place(index, None, ""))
    env = {name: value for name, value in os.environ.items() if name != "IMR_ALERT_SECRET"}
    hook = ("--webhook", "https://example.org/hook", "--from-start")
    imr("alerts", "add", "a", *hook, "--index", index, env=env)

    assert "set IMR_ALERT_SECRET" in imr("alerts", "run", "--index", index, env=env, code=1)


def test_a_webhook_without_a_secret_does_not_hold_up_the_others(tmp_path: Path) -> None:
    index = tmp_path / "index"
    put(read(corpus(0, 6)), Place(index, None, ""))
    env = {name: value for name, value in os.environ.items() if name != "IMR_ALERT_SECRET"}
    hook = ("--webhook", "https://example.org/hook")
    added = start("alerts", "add", "a", *hook, "--index", index, env=env)
    assert "set IMR_ALERT_SECRET" in added.communicate(timeout=120)[1]
    imr("alerts", "add", "b", "--from-start", "--index", index, env=env)

    def run(code: int) -> tuple[set[str], str]:
        process = start("alerts", "run", "--index", index, env=env)
        out, err = process.communicate(timeout=120)
        assert process.returncode == code, err
        return {json.loads(line)["id"] for line in out.splitlines()}, err

    # nothing is new to the webhook's: it needs no secret yet
    assert run(0) == (ids(0, 6), "")
    put(read(corpus(0, 9)), Place(index, None, ""))
    told, err = run(1)
    assert told == ids(6, 9)
    assert err == "a: a webhook's deliveries are signed: set IMR_ALERT_SECRET\n"


def test_a_misspelt_search_is_told_when_it_is_saved(tmp_path: Path) -> None:
    index, env = tmp_path / "index", environment()
    text = corpus(0, 2) + "\n\nCM16-0000009.1 upheld\nrequest: Norco 10/325mg #90"
    put(read(text), Place(index, None, ""))
    process = start("alerts", "add", "a", "norcoo", "--index", index, env=env)

    _, err = process.communicate(timeout=120)
    assert err.splitlines() == ["a: 0 decisions match now", "did you mean: norco"]


def test_the_secret_is_never_shown() -> None:
    assert SECRET not in repr(settings.load({"IMR_ALERT_SECRET": SECRET}))
