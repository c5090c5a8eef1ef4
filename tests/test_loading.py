"""Letters into the command: `imr parse` and `imr index` as a person or a script calls them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from shutil import copy, copytree

import pytest

from imr.letters.pool import BATCH_LETTERS
from tests import hostile_pdfs
from tests.packed import zipped
from tests.test_cli import IMR, imr


@pytest.fixture(scope="module")
def letters(sample_letters: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of letters."""
    return copytree(sample_letters, tmp_path_factory.mktemp("loading") / "letters")


def ids(output: str) -> list[str]:
    return [json.loads(line)["id"] for line in output.splitlines()]


def test_records_come_in_the_order_of_the_files_with_any_number_of_jobs(letters: Path) -> None:
    one, three = (
        imr("parse", "letters", "--jobs", jobs, cwd=letters.parent).stdout for jobs in "13"
    )

    assert one == three
    assert ids(one) == [path.stem for path in sorted(letters.rglob("*.pdf"))]


def test_a_folder_an_archive_of_it_a_pattern_and_standard_input_give_the_same(
    letters: Path, tmp_path: Path
) -> None:
    paths = sorted(letters.rglob("*.pdf"))[:20]
    packed = zipped({path.name: path.read_bytes() for path in paths})
    (tmp_path / "some.zip").write_bytes(packed)
    (tmp_path / "some").mkdir()
    for path in paths:
        (tmp_path / "some" / path.name).write_bytes(path.read_bytes())
    with (tmp_path / "some.zip").open("rb") as stdin:
        piped = subprocess.run(
            [IMR, "parse", "-"], stdin=stdin, capture_output=True, check=True, text=True
        ).stdout

    given = [piped] + [
        imr("parse", path, cwd=tmp_path).stdout for path in ("some", "some.zip", "some/*.pdf")
    ]

    assert [ids(each) for each in given] == [[path.stem for path in paths]] * 4
    first = [json.loads(each.splitlines()[0])["source"]["name"] for each in given]
    name = paths[0].name
    assert first == [f"stdin/{name}", name, f"some.zip/{name}", name]


def test_one_line_for_each_bad_file_and_the_rest_goes_on(letters: Path, tmp_path: Path) -> None:
    good = next(letters.rglob("*.pdf")).read_bytes()
    (tmp_path / "in").mkdir()
    bad = {
        "a.pdf": b"", "b.pdf": good[:5000], "c.txt": b"milk", "d.zip": b"PK\3\4 broken",
        "e\x1b[2J\n.txt": b"bread", "f.pdf": hostile_pdfs.huge_text(),
    }  # fmt: skip
    for name, data in bad.items():
        (tmp_path / "in" / name).write_bytes(data)
    (tmp_path / "in" / "z.zip").write_bytes(zipped({"../g.pdf": good, "h.pdf": b"%PDF-"}))

    done = imr("parse", "in", cwd=tmp_path, code=1)

    assert len(ids(done.stdout)) == 1
    *lines, last = done.stderr.splitlines()
    assert [line.partition(": ")[2].partition(": ")[0] for line in lines] == [
        "in/a.pdf", "in/b.pdf", "in/c.txt", "in/d.zip", r"in/e\x1b[2J\n.txt", "in/f.pdf",
        "in/z.zip/h.pdf",
    ]  # fmt: skip
    assert all(line.startswith("set aside: ") and line.isprintable() for line in lines)
    assert last == "1 letters read, 7 set aside"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


@pytest.mark.parametrize("command", ["parse", "index"])
def test_a_folder_without_letters_is_told(command: str, letters: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    alone = imr(command, "empty", cwd=tmp_path, code=2)
    beside = imr("parse", "empty", letters, cwd=tmp_path)

    assert alone.stderr == (
        "imr: no letter in empty (.pdf, .txt or an archive): name letters or folders that hold "
        "some\n"
    )
    assert beside.stderr == "no letter (.pdf, .txt or an archive of such) in empty\n"
    assert not (tmp_path / "index").exists()


def test_an_empty_path_is_not_the_present_folder(letters: Path) -> None:
    assert "a path is empty" in imr("parse", "", cwd=letters, code=2).stderr


def test_jobs_that_make_no_sense_exit_2(letters: Path) -> None:
    for jobs in ("0", "65", "many"):
        assert "--jobs" in imr("parse", letters, "--jobs", jobs, cwd=letters, code=2).stderr


def test_a_reader_that_leaves_early_ends_it_well(letters: Path) -> None:
    with subprocess.Popen(
        [IMR, "parse", "letters"],
        cwd=letters.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()

    assert (process.returncode, said) == (0, "")


def test_a_full_disk_is_told(letters: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [IMR, "parse", "letters"],
            cwd=letters.parent, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip

    assert done.returncode == 1
    assert done.stderr == "imr: standard output: No space left on device\n"


def test_closed_streams_harm_nothing(letters: Path) -> None:
    letter = next(letters.rglob("*.pdf"))
    done = subprocess.run(
        ["sh", "-c", f'"{IMR}" parse "{letter}" <&- 2>&-'],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0
    assert ids(done.stdout) == [letter.stem]


@pytest.mark.parametrize("command", [["parse"], ["index", "--keyword-only"]])
def test_ctrl_c_ends_it_at_once(command: list[str], letters: Path, tmp_path: Path) -> None:
    """A worker that is at a letter for half a minute is not waited for."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "A bad one.txt").write_text("milk")
    for path in sorted(letters.rglob("*.pdf"))[: BATCH_LETTERS - 1]:
        copy(path, tmp_path / "in")
    (tmp_path / "in" / "long.pdf").write_bytes(hostile_pdfs.many_pages())
    with subprocess.Popen(
        [IMR, *command, "in", "--jobs", "1"],
        cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        assert "A bad one.txt" in process.stderr.readline()
        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate(timeout=60)[1]

    assert process.returncode == 130
    assert "Traceback" not in said
    assert ("stopped; what was committed so far stays" in said) == (command[0] == "index")


def test_an_index_grows_by_what_comes_in_every_way(letters: Path, tmp_path: Path) -> None:
    paths = sorted(letters.rglob("*.pdf"))
    (tmp_path / "a.zip").write_bytes(zipped({"x/1.pdf": paths[0].read_bytes()}))

    first = imr("index", "a.zip", paths[1], "--keyword-only", cwd=tmp_path).stdout
    second = imr("index", *paths[:3], "--keyword-only", "--jobs", "2", cwd=tmp_path).stdout

    assert first.startswith("2 letters")
    assert second.startswith("1 letter,")
    assert ", 2 unchanged" in second
