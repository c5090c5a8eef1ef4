"""Who may talk to a cluster: TLS and credentials, behind a proxy that demands them."""

from __future__ import annotations

import atexit
import base64
import hashlib
import shutil
import ssl
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from imr import settings
from imr.engines.document import documents
from imr.engines.open import Place, open_cluster, open_index, open_writer
from imr.engines.opensearch.cluster import Cluster
from imr.engines.opensearch.generations import Generations
from imr.errors import BadSettingError, EngineDeniedError
from imr.search.plan import Plan
from imr.settings import Access
from tests.corpus import read
from tests.node import certificates
from tests.node.proxy import Fate, Proxy
from tests.test_cli import imr

TLS = Path(tempfile.mkdtemp(prefix="imr-tls-"))
atexit.register(shutil.rmtree, TLS, ignore_errors=True)
certificates.make(TLS)
FINGERPRINT = hashlib.sha256(
    ssl.PEM_cert_to_DER_cert((TLS / "node.pem").read_text(encoding="ascii"))
).hexdigest()
PASSWORD = "correct hörse €"  # noqa: S105 - of the test's own proxy
KEY = "a2V5OnNlY3JldA=="
BASIC = "Basic " + base64.b64encode(f"imr:{PASSWORD}".encode()).decode()
ANSWERED = {
    "basic": Access(user="imr", password=PASSWORD, ca=TLS / "ca.pem"),
    "basic by fingerprint": Access(user="imr", password=PASSWORD, fingerprint=FINGERPRINT),
    "key": Access(api_key=KEY, ca=TLS / "ca.pem"),
    "key with its scheme": Access(api_key=f"ApiKey {KEY}", ca=TLS / "ca.pem"),
}


@dataclass
class Secured:
    """A node behind TLS and a check of credentials, and an index name on it."""

    url: str
    name: str

    def place(self, access: Access) -> Place:
        return Place(Path(), self.url, self.name, access)


@pytest.fixture(scope="module")
def secured(opensearch_url: str) -> Iterator[Secured]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "node.pem", TLS / "node.key")

    def rule(_: str, __: str, headers: Mapping[str, str]) -> Fate:
        given = {name.lower(): value for name, value in headers.items()}.get("authorization")
        return "pass" if given in {BASIC, f"ApiKey {KEY}"} else 401

    name = f"access-{uuid.uuid4().hex[:8]}"
    with Proxy(opensearch_url, rule, context) as proxy:
        yield Secured(proxy.url, name)
    Generations(Cluster(opensearch_url, name)).delete()


def put(place: Place) -> None:
    letter = read("A.1 upheld\nrequest: lamp").letters[0]
    with open_writer(place, None) as writer:
        writer.replace(letter.id, documents(letter, [[(0, 1)]], None))


@pytest.mark.parametrize("how", ANSWERED)
def test_who_is_trusted_loads_and_searches(how: str, secured: Secured) -> None:
    place = secured.place(ANSWERED[how])
    put(place)
    assert open_index(place).current().count(Plan(), []).matches == 1


@pytest.mark.parametrize(
    ("login", "access"),
    [
        (f"imr:{quote(PASSWORD)}", Access(ca=TLS / "ca.pem")),
        ("imr:hunter2", ANSWERED["basic"]),
        ("imr:hunter2", ANSWERED["key"]),
    ],
)
def test_credentials_of_the_url_count_where_settings_have_none(
    login: str, access: Access, secured: Secured
) -> None:
    url = secured.url.replace("://", f"://{login}@")
    release, _ = open_cluster(Place(Path(), url, secured.name, access)).release()
    assert release.startswith("3.")


REFUSED = {
    "no credentials": (Access(ca=TLS / "ca.pem"), "does not accept our credentials"),
    "a wrong password": (
        Access(user="imr", password="hunter2", ca=TLS / "ca.pem"),  # noqa: S106
        "does not accept our credentials",
    ),
    "a wrong key": (Access(api_key="hunter2", ca=TLS / "ca.pem"), "does not accept our"),
    "a certificate of nobody": (Access(user="imr", password=PASSWORD), "IMR_OPENSEARCH_CA"),
    "another certificate": (
        Access(user="imr", password=PASSWORD, fingerprint="0" * 64),
        "IMR_OPENSEARCH_FINGERPRINT",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_who_is_not_is_told_why_without_a_secret(what: str, secured: Secured) -> None:
    access, said = REFUSED[what]
    with pytest.raises(EngineDeniedError, match=said) as raised:
        open_index(secured.place(access)).current()
    chain: BaseException | None = raised.value
    while chain is not None:
        assert not any(secret in repr(chain) for secret in (PASSWORD, "hunter2", BASIC))
        chain = chain.__cause__


def test_settings_and_places_show_no_secret() -> None:
    for access in ANSWERED.values():
        shown = repr(Place(Path(), "https://imr:hunter2@node:9200", "x", access).access)
        assert PASSWORD not in shown
        assert KEY not in shown
    assert "hunter2" not in str(Place(Path(), "https://imr:hunter2@node:9200,http://b:1", "x"))


def test_secrets_come_from_the_environment_or_from_files(tmp_path: Path) -> None:
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    of_file = settings.load(
        {
            "IMR_OPENSEARCH_USER": "imr",
            "IMR_OPENSEARCH_PASSWORD_FILE": str(tmp_path / "password"),
            "IMR_OPENSEARCH_CA": str(TLS / "ca.pem"),
            "IMR_OPENSEARCH_TIMEOUT": "3",
        }
    )
    assert of_file.access == Access("imr", PASSWORD, ca=TLS / "ca.pem", seconds=3)
    colons = ":".join(FINGERPRINT[at : at + 2] for at in range(0, 64, 2)).upper()
    key = settings.load({"IMR_OPENSEARCH_API_KEY": KEY, "IMR_OPENSEARCH_FINGERPRINT": colons})
    assert key.access == Access(api_key=KEY, fingerprint=FINGERPRINT)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"IMR_OPENSEARCH_USER": "imr"}, "go together"),
        ({"IMR_OPENSEARCH_PASSWORD": "hunter2"}, "go together"),
        ({"IMR_OPENSEARCH_PASSWORD_FILE": "/nowhere/at/all"}, "/nowhere/at/all.*can't be read"),
        (
            {"IMR_OPENSEARCH_API_KEY": "hunter2", "IMR_OPENSEARCH_API_KEY_FILE": "/x"},
            "both set",
        ),
        (
            {
                "IMR_OPENSEARCH_USER": "imr",
                "IMR_OPENSEARCH_PASSWORD": "hunter2",
                "IMR_OPENSEARCH_API_KEY": "hunter2",
            },
            "both set",
        ),
        ({"IMR_OPENSEARCH_CA": "/nowhere.pem"}, "no file"),
        ({"IMR_OPENSEARCH_FINGERPRINT": "abc"}, "64 hex digits"),
        ({"IMR_OPENSEARCH_API_KEY": "hunter2\nhunter2"}, "IMR_OPENSEARCH_API_KEY.*one line"),
        ({"IMR_OPENSEARCH_API_KEY": "hunter2€"}, "IMR_OPENSEARCH_API_KEY.*no key has"),
        ({"IMR_OPENSEARCH_USER": "a:b", "IMR_OPENSEARCH_PASSWORD": "hunter2"}, "_USER.*colon"),
        ({"IMR_OPENSEARCH_SHARDS": "0"}, "IMR_OPENSEARCH_SHARDS is '0'.*1 or more"),
        ({"IMR_OPENSEARCH_SHARDS": "1.5"}, "IMR_OPENSEARCH_SHARDS is '1.5'.*whole number"),
        ({"IMR_OPENSEARCH_TIMEOUT": "0"}, "IMR_OPENSEARCH_TIMEOUT is '0'.*0.1 or more"),
        ({"IMR_OPENSEARCH_TIMEOUT": "nan"}, "IMR_OPENSEARCH_TIMEOUT"),
    ],
)
def test_what_can_not_be_meant_is_told(given: dict[str, str], said: str) -> None:
    with pytest.raises(BadSettingError, match=said) as raised:
        settings.load(given)
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("name", ["IMR_OPENSEARCH_PASSWORD_FILE", "IMR_OPENSEARCH_API_KEY_FILE"])
def test_a_file_of_two_lines_is_no_secret(name: str, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("# ours\nhunter2\n")
    with pytest.raises(BadSettingError, match=f"^{name} names {file}, .* one line") as raised:
        settings.load({name: str(file)})
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(("mode", "told"), [(0o644, 1), (0o600, 0)])
def test_the_doctor_warns_of_a_secret_that_all_may_read(
    mode: int, told: int, secured: Secured, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    file.write_text(PASSWORD, encoding="utf-8")
    file.chmod(mode)
    environ = {
        "IMR_OPENSEARCH_URL": secured.url,
        "IMR_OPENSEARCH_INDEX": secured.name,
        "IMR_OPENSEARCH_USER": "imr",
        "IMR_OPENSEARCH_PASSWORD_FILE": str(file),
        "IMR_OPENSEARCH_CA": str(TLS / "ca.pem"),
    }
    said = imr("doctor", cwd=tmp_path, environ=environ).stdout
    assert said.count("warn     access   ") == told
    assert said.count("can be read by everybody") == told


def test_the_doctor_says_what_is_wrong_and_no_secret(secured: Secured, tmp_path: Path) -> None:
    environ = {
        "IMR_OPENSEARCH_URL": secured.url,
        "IMR_OPENSEARCH_INDEX": secured.name,
        "IMR_OPENSEARCH_USER": "imr",
        "IMR_OPENSEARCH_PASSWORD": "hunter2",
        "IMR_OPENSEARCH_CA": str(TLS / "ca.pem"),
    }
    refused = imr("doctor", cwd=tmp_path, environ=environ, code=1)
    assert "does not accept our credentials" in refused.stdout
    assert "hunter2" not in refused.stdout + refused.stderr

    put(secured.place(ANSWERED["basic"]))
    well = imr("doctor", cwd=tmp_path, environ=environ | {"IMR_OPENSEARCH_PASSWORD": PASSWORD})
    assert "ok       cluster  OpenSearch 3." in well.stdout
    assert "ok       index " in well.stdout
    assert "user imr" in well.stdout
    assert PASSWORD not in well.stdout
