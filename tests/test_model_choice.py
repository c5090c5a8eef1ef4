"""Which model a user means by a name or a folder, and what is said where there is none."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from imr.engines.embedded.index import read_signature
from imr.errors import ModelMissingError, ModelUnusableError
from imr.text import model_choice
from imr.text.embedding import Embedder
from imr.text.model_files import BGE_SMALL, ModelFiles
from tests.test_cli import imr
from tests.test_embedding import TEXTS, nowhere

POOLING = {"word_embedding_dimension": 384, "pooling_mode_cls_token": True}


@pytest.fixture
def folder(model_files: ModelFiles, tmp_path: Path) -> Path:
    """The default's weights with a tokenizer file of other bytes: a model nobody has pinned."""
    found = tmp_path / "my-model"
    (found / "1_Pooling").mkdir(parents=True)
    (found / "model.onnx").symlink_to(model_files.model)
    tokenizer = json.loads(model_files.tokenizer.read_text("utf-8"))
    # as published files often have it: such limits are undone
    tokenizer["truncation"] = {
        "direction": "Right", "max_length": 128, "strategy": "LongestFirst", "stride": 0,
    }  # fmt: skip
    (found / "tokenizer.json").write_text(json.dumps(tokenizer), "utf-8")
    say(found, "1_Pooling/config.json", POOLING)
    say(found, "sentence_bert_config.json", {"max_seq_length": 512})
    prompts = {"prompts": {"query": BGE_SMALL.query_prefix}}
    say(found, "config_sentence_transformers.json", prompts)
    return found


def say(folder: Path, name: str, told: object) -> None:
    (folder / name).write_text(json.dumps(told), "utf-8")


def chosen(model: Path | str, tmp_path: Path) -> Embedder:
    return model_choice.fetched(nowhere(tmp_path, model))


def test_the_files_of_a_folder_say_how_its_model_is_used(
    folder: Path, embedder: Embedder, tmp_path: Path
) -> None:
    mine = chosen(folder, tmp_path)

    assert mine.spec.name == "my-model"
    assert mine.spec.signature | {"name": ""} == embedder.spec.signature | {"name": ""}
    assert (mine.embed(TEXTS) == embedder.embed(TEXTS)).all()
    assert (mine.embed_query("pain") == embedder.embed_query("pain")).all()


def test_prefixes_and_mean_pooling_are_followed(
    folder: Path, embedder: Embedder, tmp_path: Path
) -> None:
    say(folder, "1_Pooling/config.json", {"embedding_dimension": 384, "pooling_mode": "mean"})
    prompts = {"prompts": {"query": "Q: ", "passage": "P: "}}
    say(folder, "config_sentence_transformers.json", prompts)
    mine = chosen(folder, tmp_path)
    say(folder, "config_sentence_transformers.json", {})
    plain = chosen(folder, tmp_path)

    assert (mine.spec.query_prefix, mine.spec.passage_prefix) == ("Q: ", "P: ")
    assert (mine.embed(["pain"]) == plain.embed(["P: pain"])).all()
    assert (mine.embed_query("pain") == plain.embed(["Q: pain"])[0]).all()
    assert not np.array_equal(plain.embed(["pain"]), embedder.embed(["pain"]))


def test_texts_are_read_as_far_as_the_model_says(
    folder: Path, embedder: Embedder, tmp_path: Path
) -> None:
    say(folder, "sentence_bert_config.json", {"max_seq_length": 12})
    mine = chosen(folder, tmp_path)

    assert (mine.embed(["pain " * 100]) == embedder.embed(["pain " * 10])).all()
    assert mine.count_tokens("pain " * 100) == 100


@pytest.mark.parametrize(
    ("name", "told", "words"),
    [
        ("1_Pooling/config.json", None, "nothing says how to use it: put 1_Pooling/config.json"),
        ("1_Pooling/config.json", [], "holds no JSON object"),
        ("1_Pooling/config.json", {"pooling_mode": "cls"}, "embedding_dimension is None"),
        (
            "1_Pooling/config.json",
            {"embedding_dimension": 384, "pooling_mode": "lasttoken"},
            r"its pooling \(lasttoken\) can't be done on ONNX",
        ),
        ("1_Pooling/config.json", {"embedding_dimension": 384}, r"its pooling \(none\)"),
        ("sentence_bert_config.json", None, "nothing says how long a text it reads"),
        ("sentence_bert_config.json", {"max_seq_length": "512"}, "max_seq_length is '512'"),
    ],
)
def test_what_a_folder_does_not_tell_is_not_guessed(
    folder: Path, tmp_path: Path, name: str, told: object, words: str
) -> None:
    if told is None:
        (folder / name).unlink()
    else:
        say(folder, name, told)

    with pytest.raises(ModelUnusableError, match=words):
        chosen(folder, tmp_path)


def test_a_folder_without_a_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusableError, match=r"holds no model: neither model\.onnx"):
        chosen(tmp_path, tmp_path)


def test_a_pinned_model_is_known_by_its_bytes_in_any_folder(
    model_files: ModelFiles, tmp_path: Path
) -> None:
    assert chosen(model_files.model.parent, tmp_path).spec is BGE_SMALL


def test_a_pinned_model_may_be_named(tmp_path: Path, model_files: ModelFiles) -> None:
    assert model_choice.present(nowhere(tmp_path, BGE_SMALL.name)) is None
    models = tmp_path / "cache" / "models"
    models.mkdir(parents=True)
    (models / BGE_SMALL.name).symlink_to(model_files.model.parent)

    assert chosen(BGE_SMALL.name, tmp_path).spec is BGE_SMALL


@pytest.mark.skipif(find_spec("sentence_transformers") is not None, reason="it is installed")
def test_a_model_for_torch_names_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "modules.json").write_text("[]")
    for model in ("some-maker/some-model", tmp_path / "weights"):
        with pytest.raises(ModelMissingError, match=r"pip install imr-precedents\[torch\]"):
            chosen(model, tmp_path)


# ------------------------------------------------------------------- through the command


def test_a_model_that_is_named_is_wanted(sample_letters: Path, tmp_path: Path) -> None:
    """Where the default is missing a load goes on without vectors; here that would be wrong."""
    letter = next(sample_letters.rglob("*.pdf"))
    done = imr("index", letter, "--model", "no/such/model", cwd=tmp_path, code=1)

    assert "no/such/model" in done.stderr
    assert not (tmp_path / "index").exists()


def test_an_index_says_with_which_model_it_can_be_used(
    folder: Path, sample_letters: Path, tmp_path: Path
) -> None:
    letter = next(sample_letters.rglob("*.pdf"))
    say(folder, "config_sentence_transformers.json", {})
    imr("index", letter, "--no-vector-cache", "--model", folder, cwd=tmp_path)
    recorded = read_signature(tmp_path / "index").model
    assert recorded == {
        "name": "my-model", "sha256": BGE_SMALL.model_sha256, "dimension": 384, "pooling": "cls",
        "query_prefix": "", "passage_prefix": "",
    }  # fmt: skip

    imr("search", "pain", "--model", folder, cwd=tmp_path)
    imr("search", "pain", cwd=tmp_path, environ={"IMR_MODEL": str(folder)})
    imr("search", "pain", "--mode", "keyword", cwd=tmp_path)
    for words in (("search", "pain"), ("index", letter)):
        done = imr(*words, cwd=tmp_path, code=1)
        assert "holds vectors of my-model" in done.stderr
        assert "--model or IMR_MODEL" in done.stderr


def test_a_bad_setting_is_told(tmp_path: Path) -> None:
    done = imr("search", cwd=tmp_path, code=2, environ={"IMR_VECTOR_CACHE_GB": "much"})

    assert "IMR_VECTOR_CACHE_GB is 'much': give a number of 0 or more, as 4" in done.stderr
