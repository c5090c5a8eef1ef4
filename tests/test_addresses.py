"""URLs and names that people may give: read, or refused without a word of what may be a secret."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imr import settings
from imr.addresses import index_name, nodes
from imr.engines.open import Place, open_cluster
from imr.engines.opensearch.cluster import Cluster
from imr.errors import BadSettingError

SECRET = "S3cr3t"  # noqa: S105 - of nobody
AWKWARD = st.text(st.sampled_from("aZ09 /?#@:%,[]\\&=+!€\n\x00-._~"), max_size=12)


def refused(urls: str) -> str:
    """What is said, by all doors alike."""
    with pytest.raises(BadSettingError, match=r"^IMR_OPENSEARCH_URL \(or --url\)") as raised:
        Place(Path(), urls, "any")
    with pytest.raises(BadSettingError) as again:
        Cluster(urls, "any")
    assert str(raised.value) == str(again.value)
    assert raised.value.__cause__ is None
    return str(raised.value)


@given(AWKWARD, AWKWARD, st.sampled_from(["http://", "https://", "", "ftp://", "http:/"]))
def test_a_secret_is_never_shown_however_it_is_written(
    before: str, after: str, scheme: str
) -> None:
    urls = f"{scheme}bob:{before}{SECRET}{after}@node:9200"
    said: object
    try:
        said = place = Place(Path(), urls, "any")
    except BadSettingError as error:
        said = error
    else:
        assert SECRET not in open_cluster(place).url
        assert any(SECRET in "".join(each.login or ()) for each in nodes(urls))
    assert SECRET not in f"{said} {said!r}"


@given(st.text(max_size=40) | AWKWARD.map("http://{}".format))
def test_any_text_is_read_or_refused(urls: str) -> None:
    try:
        read = nodes(urls)
    except BadSettingError:
        return
    assert all(each.host and each.port for each in read)
    shown = ",".join(each.shown for each in read)
    assert [each.shown for each in nodes(shown)] == [each.shown for each in read]
    Cluster(urls, "any")  # the client takes what was read


@given(st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20))
def test_any_user_and_password_can_be_written_in_percents(user: str, password: str) -> None:
    try:
        written = f"https://{quote(user, safe='')}:{quote(password, safe='')}@node"
    except UnicodeEncodeError:  # half a character
        return
    try:
        (read,) = nodes(written)
    except BadSettingError:
        assert ":" in user or not (user + password).isprintable()
    else:
        assert read.login == (user, password)


def test_what_a_url_names_is_read() -> None:
    read = nodes(
        " HTTPS://b%20ob:p%40w%E2%82%AC@node.example:443/search/ , http://[::1],http://n_1"
    )
    assert [each.shown for each in read] == [
        "HTTPS://node.example:443/search/", "http://[::1]", "http://n_1",
    ]  # fmt: skip
    assert [(each.https, each.host, each.port, each.path) for each in read] == [
        (True, "node.example", 443, "search"), (False, "::1", 9200, ""), (False, "n_1", 9200, ""),
    ]  # fmt: skip
    assert read[0].login == ("b ob", "p@w€")
    assert nodes("https://node")[0].port == 443


@pytest.mark.parametrize(
    ("urls", "said"),
    [
        ("http://", "does not begin with"),
        ("node:9200", "does not begin with"),
        ("ftp://S3cr3t@node", "does not begin with"),
        ("http://bob:S3cr3t/Pw@127.0.0.1:42861", "its path"),
        ("http://bob:1234/S3cr3t@127.0.0.1:42861", "its path"),
        ("http://bob:S3cr3t#Pw@node", "%23"),
        ("http://node:9200/?token=S3cr3t", "has a [?] or #"),
        ("http://S3cr3t@node", "user:password"),
        ("http://bob:S3cr3t€@node", "user:password"),
        ("http://bob:S3cr3t%FF@node", "UTF-8"),
        ("http://bob:S3cr3t%0A@node", "line's end"),
        ("http://a,http://bob:S3cr3t,x@node", "URL 2 of 3"),
        ("http://node:99999", "from 1 to 65535"),
        ("http://node:0", "from 1 to 65535"),
        ("http://[::1", "host or port"),
        ("http://[:::1]", "IPv6"),
        ("http://a..b", "host or port"),
        (f"http://{'a' * 64}", "host or port"),
        (",,", "names no node"),
    ],
)
def test_a_url_that_can_not_be_meant_is_told_without_what_it_holds(urls: str, said: str) -> None:
    with pytest.raises(BadSettingError, match=said):
        nodes(urls)
    assert SECRET not in refused(urls)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "is empty"),
        ("*", "name one index"),
        ("r70-*", "name one index"),
        ("_all", "begins with _"),
        ("-all", "begins with _ - or"),
        ("a,b", "name one index"),
        ("a b", "blank"),
        ("a\nb", "blank"),
        ("a\udc80", "blank"),
        ("Decisions", "capitals"),
        ("..", "dots"),
        ("ä" * 101, "200 bytes"),
        ("imr-decisions-000001", "name the index, imr-decisions$"),
        ("imr-decisions.loading", "name the index, imr-decisions$"),
    ],
)
def test_a_name_that_is_none_of_an_index_is_told_before_anything_is_asked(
    name: str, said: str
) -> None:
    with pytest.raises(BadSettingError, match=f"^IMR_OPENSEARCH_INDEX is .*{said}"):
        Place(Path(), "http://127.0.0.1:9", name)
    Place(Path(), None, name)  # a folder has no such name


@given(st.text(max_size=30))
def test_any_name_is_taken_or_refused(name: str) -> None:
    try:
        said = index_name(name)
    except BadSettingError as error:
        said = str(error)
    else:
        assert said == name
    assert said.isprintable()  # nothing of it can move a terminal's cursor


def test_empty_variables_are_not_set() -> None:
    read = settings.load({"IMR_OPENSEARCH_URL": "", "IMR_OPENSEARCH_INDEX": ""})
    assert (read.opensearch_url, read.opensearch_index) == (None, "imr-decisions")
