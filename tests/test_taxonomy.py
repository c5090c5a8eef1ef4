"""The vocabularies: what they hold, how names resolve, and how a broken file is refused."""

from __future__ import annotations

import shutil
from importlib.resources import files
from typing import TYPE_CHECKING, get_args

import pytest

from imr.errors import TaxonomyError
from imr.model import Category
from imr.text.taxonomy.load import Taxonomy, load, load_from

if TYPE_CHECKING:
    from pathlib import Path

BODY_PARTS = (
    "head face eye ear jaw neck,upper back,low back,spine chest abdomen pelvis shoulder arm elbow"
    " wrist hand finger hip leg knee ankle foot"
)


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return load()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the vocabularies, to be broken."""
    for file in files("imr.text.taxonomy").iterdir():
        if file.name.endswith(".toml"):
            shutil.copy(str(file), tmp_path / file.name)
    return tmp_path


def append(folder: Path, name: str, toml: str) -> None:
    with (folder / name).open("a", encoding="utf-8") as file:
        file.write(f"\n{toml}\n")


def test_the_vocabularies_are_as_wide_as_the_disputes(taxonomy: Taxonomy) -> None:
    ingredients = [drug for drug in taxonomy.of("drug") if len(drug.ingredients) == 1]
    assert len(ingredients) >= 400
    assert len(taxonomy.products) >= 100
    assert len(taxonomy.of("treatment")) >= 120
    assert len(taxonomy.of("condition")) >= 80
    assert len(taxonomy.of("specialty")) == 56


def test_categories_and_body_parts_are_those_of_the_record(taxonomy: Taxonomy) -> None:
    assert {concept.code for concept in taxonomy.of("category")} == set(get_args(Category))
    parts = BODY_PARTS.replace("neck,upper back,low back,", "neck ").split()
    assert {part.code for part in taxonomy.of("body-part")} == {*parts, "upper back", "low back"}


def test_every_treatment_implies_a_category(taxonomy: Taxonomy) -> None:
    assert [t.code for t in taxonomy.of("treatment") if t.category is None] == []


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("norco", ("acetaminophen", "hydrocodone")),
        ("NORCO", ("acetaminophen", "hydrocodone")),
        ("Trezix", ("acetaminophen", "caffeine", "dihydrocodeine")),
        ("oxycontin", ("oxycodone",)),
        ("apap", ("acetaminophen",)),
        ("hydrocodone/apap", ("acetaminophen", "hydrocodone")),
        ("acetaminophen+hydrocodone", ("acetaminophen", "hydrocodone")),
        ("tylenol #3", ("acetaminophen", "codeine")),
        ("menthoderm", ("menthol", "methyl salicylate")),
        ("lidoderm", ("lidocaine",)),
        ("voltaren gel", ("diclofenac",)),
        ("duexis", ("famotidine", "ibuprofen")),
    ],
)
def test_a_drug_filter_resolves_to_the_ingredients_that_must_all_hold(
    taxonomy: Taxonomy, name: str, codes: tuple[str, ...]
) -> None:
    concept = taxonomy.resolve("drug", name)
    assert concept is not None
    assert concept.codes == codes


def test_a_class_is_no_drug(taxonomy: Taxonomy) -> None:
    assert taxonomy.resolve("drug", "opioid") is None
    opioid = taxonomy.resolve("drug-class", "opioids")
    assert opioid is not None
    assert opioid.code == "opioid"


def test_a_combination_finds_its_sister_brands_and_not_its_parts(taxonomy: Taxonomy) -> None:
    norco = taxonomy.resolve("drug", "norco")
    assert norco is not None
    assert {"Norco", "Vicodin", "hydrocodone/acetaminophen", "hydrocodone/APAP"} <= set(norco.names)
    assert not {"Tylenol", "acetaminophen", "Percocet"} & set(norco.names)


def test_a_single_ingredient_finds_its_products_generic_name_first(taxonomy: Taxonomy) -> None:
    hydrocodone = taxonomy.get("drug", "hydrocodone")
    assert hydrocodone.names[0] == "hydrocodone"
    assert {"Norco", "Vicoprofen"} <= set(hydrocodone.names)
    assert all(len(concept.names) <= 40 for concept in taxonomy.concepts.values())


def test_names_with_other_meanings_are_not_searched_for(taxonomy: Taxonomy) -> None:
    assert "PT" not in taxonomy.get("treatment", "physical-therapy").names
    assert "back" not in taxonomy.get("body-part", "low back").names


def test_treatments_are_a_tree(taxonomy: Taxonomy) -> None:
    below = taxonomy.subtree("treatment", "injection")
    assert {"injection", "transforaminal-epidural", "medial-branch-block"} <= below
    assert taxonomy.ancestors("treatment", "transforaminal-epidural") == (
        "epidural-steroid-injection",
        "injection",
    )
    children = {child.code for child in taxonomy.children("treatment", "psychotherapy")}
    assert children == {"cognitive-behavioral-therapy"}


def test_a_broader_class_holds_with_the_narrower(taxonomy: Taxonomy) -> None:
    assert taxonomy.classes(("sertraline",)) == ("antidepressant", "ssri")


def test_a_misspelt_value_gets_suggestions(taxonomy: Taxonomy) -> None:
    assert taxonomy.nearest("drug", "hydrocodne")[0] == "hydrocodone"
    assert taxonomy.nearest("treatment", "acupunctur")[0] == "Acupuncture"
    assert taxonomy.nearest("drug", "zzzzzz") == ()


def test_the_fingerprint_is_of_the_content_not_of_comments(folder: Path) -> None:
    before = load_from(folder).fingerprint
    assert before == load().fingerprint
    append(folder, "conditions.toml", "# a remark")
    assert load_from(folder).fingerprint == before
    append(folder, "conditions.toml", '[[condition]]\ncode = "gout"\nlabel = "Gout"')
    assert load_from(folder).fingerprint != before


@pytest.mark.parametrize(
    ("file", "toml", "says"),
    [
        ("treatments.toml", '[[treatment]]\nlabel = "X"', "number .*has no code"),
        ("treatments.toml", '[[treatment]]\ncode = "x"', "has no label"),
        ("treatments.toml", '[[treatment]]\ncode = "Bad Code"\nlabel = "X"', "lower-case words"),
        ("treatments.toml", '[[treatment]]\ncode = "mri"\nlabel = "X"', "used twice"),
        ("treatments.toml", '[[treatment]]\ncode = "x"\nlabel = "X"\nparent = "y"', "parent 'y'"),
        ("treatments.toml", '[[treatment]]\ncode = "x"\nlabel = "X"\nparent = "x"', "own ancestor"),
        ("treatments.toml", '[[treatment]]\ncode = "x"\nlabel = "X"\nfoo = 1', "unknown key foo"),
        (
            "treatments.toml",
            '[[treatment]]\ncode = "x"\nlabel = "X"\ncategory = "drugs"',
            "category 'drugs'",
        ),
        (
            "treatments.toml",
            '[[treatment]]\ncode = "x"\nlabel = "X"\nnames = ["M.R.I.", "x-RAY"]',
            r"'x-RAY' is already a name of 'x-ray'",
        ),
        (
            "treatments.toml",
            '[[treatment]]\ncode = "x"\nlabel = "X"\nnames = [{ name = "X", when = "no" }]',
            "unknown rule when",
        ),
        (
            "treatments.toml",
            '[[treatment]]\ncode = "x"\nlabel = "X"\nnames = [{ name = "X", only_after = "no" }]',
            "list of words",
        ),
        (
            "treatments.toml",
            '[[treatment]]\ncode = "x"\nlabel = "X"\nnames = [" X"]',
            "stray blanks",
        ),
        (
            "drugs.toml",
            '[[ingredient]]\ncode = "x"\nclasses = ["y"]\nsource = ["usage"]',
            "no such drug class: y",
        ),
        (
            "drugs.toml",
            '[[product]]\ningredients = ["x"]\nbrands = ["Xy"]\nsource = ["usage"]',
            "no such ingredient: x",
        ),
        ("drugs.toml", "[[herb]]\ncode = 1", "herb"),
        ("drugs.toml", "[[ingredient", "not valid TOML"),
    ],
)
def test_a_broken_file_is_refused_with_file_and_entry(
    folder: Path, file: str, toml: str, says: str
) -> None:
    append(folder, file, toml)
    with pytest.raises(TaxonomyError, match=says) as refused:
        load_from(folder)
    assert file in str(refused.value)


def test_a_name_may_be_shared_where_the_file_says_so(folder: Path) -> None:
    path = folder / "treatments.toml"
    text = path.read_text(encoding="utf-8").replace("shared = []", 'shared = ["X-ray"]')
    path.write_text(text, encoding="utf-8")
    append(folder, path.name, '[[treatment]]\ncode = "x"\nlabel = "X"\nnames = ["x-ray"]')
    assert load_from(folder).get("treatment", "x").names == ("x-ray",)


def test_a_file_names_its_source(folder: Path) -> None:
    (folder / "conditions.toml").write_text("shared = []", encoding="utf-8")
    with pytest.raises(TaxonomyError, match="where the names come from"):
        load_from(folder)
