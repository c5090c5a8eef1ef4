"""The vocabularies: what they hold, how names resolve, and how a broken file is refused."""

from __future__ import annotations

import shutil
from importlib.resources import files
from typing import TYPE_CHECKING, get_args

import pytest

from imr.errors import TaxonomyError
from imr.model import Category
from imr.text.taxonomy.load import FILES, Taxonomy, load, load_from

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
    assert len(taxonomy.of("condition")) >= 140
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
    append(
        folder, "conditions.toml", '[[condition]]\ncode = "new"\nlabel = "New"\nsource = ["icd"]'
    )
    assert load_from(folder).fingerprint != before


@pytest.mark.parametrize(
    "name",
    sorted(f.name for f in files("imr.text.taxonomy").iterdir() if f.name.endswith(".toml")),
)
def test_the_fingerprint_is_of_every_file(folder: Path, name: str) -> None:
    """Citations and reasons are made from files of their own, and stored as well."""
    before = load_from(folder).fingerprint
    text = (folder / name).read_text(encoding="utf-8")
    label = 'label = "'
    changed = text.replace(label, f"{label}New ", 1) if name in FILES else f"new = true\n{text}"
    (folder / name).write_text(changed, encoding="utf-8")
    assert load_from(folder).fingerprint != before


SOURCED = 'source = ["book"]'
TINY = {
    "drugs.toml": f"""
[[class]]
code = "opioid"
label = "Opioids"
{SOURCED}
[[ingredient]]
code = "codeine"
classes = ["opioid"]
{SOURCED}
[[ingredient]]
code = "iron"
{SOURCED}
""",
    "treatments.toml": f"""
[[treatment]]
code = "x-ray"
label = "X-ray"
category = "imaging"
names = ["x-ray"]
{SOURCED}
""",
    "body_parts.toml": "",
    "conditions.toml": "",
    "specialties.toml": "",
    "categories.toml": "",
}


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """Vocabularies of few entries, to be broken."""
    for name, entries in TINY.items():
        head = f'shared = []\n[sources]\nbook = "A book."\n{entries}'
        (tmp_path / name).write_text(head, encoding="utf-8")
    return tmp_path


def row(table: str, code: str = 'code = "x"', rest: str = "") -> str:
    return f'[[{table}]]\n{code}\nlabel = "X"\n{SOURCED}\n{rest}'


def product(ingredients: str, rest: str = 'brands = ["Xy"]') -> str:
    return f"[[product]]\ningredients = {ingredients}\n{SOURCED}\n{rest}"


@pytest.mark.parametrize(
    ("file", "toml", "says"),
    [
        ("treatments.toml", '[[treatment]]\nlabel = "X"', "number .*has no code: add code"),
        ("treatments.toml", '[[treatment]]\ncode = "x"', "has no label: add label"),
        ("treatments.toml", row("treatment", 'code = "Bad Code"'), "as lower-case words"),
        ("treatments.toml", row("treatment", 'code = "x-ray"'), "used twice: make one"),
        ("treatments.toml", row("treatment", rest='parent = "y"'), "parent 'y' .* add it"),
        ("treatments.toml", row("treatment", rest='parent = "x"'), "own ancestor: give"),
        ("treatments.toml", row("treatment", rest="foo = 1"), "unknown key foo: it may have"),
        ("treatments.toml", row("treatment", rest='category = "drugs"'), "'drugs' .*: medication,"),
        (
            "treatments.toml",
            row("treatment", rest='names = ["M.R.I.", "x-RAY"]'),
            "'x-RAY' is already a name of 'x-ray' .*: remove one, or declare it in shared",
        ),
        (
            "treatments.toml",
            row("treatment", rest='names = ["xray"]'),
            "'xray' is already a name of 'x-ray'",
        ),
        (
            "treatments.toml",
            row("treatment", rest='names = [{ name = "Xy", when = "no" }]'),
            "unknown rule when: there are exact,",
        ),
        (
            "treatments.toml",
            row("treatment", rest='names = [{ name = "Xy", only_after = "no" }]'),
            "only_after must be a list of words",
        ),
        (
            "treatments.toml",
            row("treatment", rest='names = [{ name = "Xy", only_after = [] }]'),
            "only_after must be a list of words",
        ),
        (
            "treatments.toml",
            row("treatment", rest='names = [{ name = "Xy", exact = false }]'),
            "exact can only be true: leave it out",
        ),
        (
            "treatments.toml",
            row("treatment", rest='names = [{ name = "Xy" }]'),
            "has no rule: write the name alone",
        ),
        ("treatments.toml", row("treatment", rest="names = [1]"), "holds 1, no name: write"),
        ("treatments.toml", row("treatment", rest='names = "Xy"'), "names must be a list"),
        ("treatments.toml", row("treatment", rest='names = [" X"]'), "stray blanks: write"),
        ("treatments.toml", row("treatment", rest='names = ["Xyz", "XYZ"]'), "twice: remove one"),
        ("treatments.toml", row("treatment", rest='names = ["\u00ad-"]'), "once it is folded"),
        ("treatments.toml", row("treatment", rest='names = ["(Xyz)"]'), "begins with a letter"),
        ("conditions.toml", row("condition").replace(SOURCED, ""), "no source: add source"),
        ("conditions.toml", row("condition").replace('["book"]', "[]"), "a list of codes"),
        ("conditions.toml", row("condition").replace('["book"]', '"book"'), "a list of codes"),
        ("conditions.toml", row("condition").replace("book", "who"), "who is not described: add"),
        (
            "drugs.toml",
            f'[[ingredient]]\ncode = "x"\nclasses = ["y"]\n{SOURCED}',
            "no such drug class: y: add",
        ),
        ("drugs.toml", f'[[ingredient]]\ncode = "X"\n{SOURCED}', "as lower-case words"),
        ("drugs.toml", product('["x"]'), "no such ingredient: x: add"),
        ("drugs.toml", product('["iron"]'), "one ingredient without a form: put its names there"),
        ("drugs.toml", product('["iron", "iron"]'), "an ingredient twice: remove"),
        ("drugs.toml", product('["codeine", "iron"]', "form = 'pill'"), 'only form is "topical"'),
        ("drugs.toml", product('["codeine", "iron"]', ""), "has no name: add brands"),
        (
            "drugs.toml",
            product('["codeine", "iron"]', 'brands = ["Xy"]\nnumbers = ["III"]'),
            "numbers are digits",
        ),
        ("drugs.toml", "[[product]]\ningredients = []", "has no code: add ingredients"),
        ("drugs.toml", "[[herb]]\ncode = 1", r"\[\[herb\]\] is none of .*: rename it"),
        ("drugs.toml", "[[ingredient", "not valid TOML"),
    ],
)
def test_a_broken_file_is_refused_with_file_entry_and_remedy(
    tiny: Path, file: str, toml: str, says: str
) -> None:
    append(tiny, file, toml)
    with pytest.raises(TaxonomyError, match=says) as refused:
        load_from(tiny)
    assert str(refused.value).startswith(file)


def test_a_name_may_be_shared_where_the_file_says_so(tiny: Path) -> None:
    path = tiny / "treatments.toml"
    path.write_text(path.read_text("utf-8").replace("shared = []", 'shared = ["X-ray"]'), "utf-8")
    append(tiny, path.name, row("treatment", rest='names = ["x-ray"]'))
    assert load_from(tiny).get("treatment", "x").names == ("x-ray",)


def test_what_is_declared_shared_is_shared(tiny: Path) -> None:
    path = tiny / "treatments.toml"
    path.write_text(path.read_text("utf-8").replace("shared = []", 'shared = ["X-ray"]'), "utf-8")
    with pytest.raises(TaxonomyError, match="'X-ray', which no two entries name: remove it"):
        load_from(tiny)


@pytest.mark.parametrize("head", ["", "[sources]", '[sources]\nbook = ""', 'sources = "book"'])
def test_a_file_names_its_source(tiny: Path, head: str) -> None:
    (tiny / "conditions.toml").write_text(f"shared = []\n{head}\n", encoding="utf-8")
    with pytest.raises(TaxonomyError, match="where the names come from"):
        load_from(tiny)


def test_one_source_may_stand_for_a_whole_file(tiny: Path) -> None:
    text = f'source = "One book."\n{row("condition").replace(SOURCED, "")}'
    (tiny / "conditions.toml").write_text(text, encoding="utf-8")
    assert load_from(tiny).get("condition", "x").label == "X"
