"""What the tagger finds in text and in queries, and above all what it does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imr.text.taxonomy.tagger import Tagger, default_tagger


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return default_tagger()


def found(tagger: Tagger, text: str, kind: str, *, query: bool = False) -> list[str]:
    tags = tagger.tag(text, query=query)
    return ["+".join(tag.codes) for tag in tags if tag.kind == kind]


@pytest.mark.parametrize(
    ("text", "drugs"),
    [
        ("Norco 10/325mg #90", ["acetaminophen+hydrocodone"]),
        ("Norco10/325 daily", ["acetaminophen+hydrocodone"]),
        ("Hydrocodone/APAP 10/325", ["acetaminophen+hydrocodone"]),
        ("Hydrocodone-Acetaminophen", ["acetaminophen+hydrocodone"]),
        ("hydrocodone bitartrate and acetaminophen", ["acetaminophen+hydrocodone"]),
        ("hydrocodone 10 mg/acetaminophen 325 mg", ["acetaminophen+hydrocodone"]),
        ("oxycodone/ibuprofen", ["ibuprofen+oxycodone"]),
        ("Tylenol #3, #60", ["acetaminophen+codeine"]),
        ("Tylenol with codeine", ["acetaminophen+codeine"]),
        ("Tylenol #30", ["acetaminophen"]),
        ("OxyContin ER", ["oxycodone"]),
        ("tramadol HCl and cyclobenzaprine hydrochloride", ["tramadol", "cyclobenzaprine"]),
        ("tramadol, naproxen", ["tramadol", "naproxen"]),
        ("Lidoderm patches", ["lidocaine"]),
        ("flexaril and percoset", ["cyclobenzaprine", "acetaminophen+oxycodone"]),
        ("Terocin lotion", ["capsaicin+lidocaine+menthol+methyl salicylate"]),
        ("MS Contin 15 mg", ["morphine"]),
        ("MS\nContin", ["morphine"]),
        ("multiple sclerosis (MS)", []),
        ("Ultram ER", ["tramadol"]),
        ("an ultra sound pro patch for relief", []),
        ("Soma 350 mg", ["carisoprodol"]),
        ("somatic", []),
        ("NSAIDs and opioids", []),
        ("blood urea nitrogen", []),
        ("lithium battery", []),
        ("ASA class II", []),
        ("ASA 81 mg", ["aspirin"]),
        ("an APAP machine", []),
        ("the same dose", []),
    ],
)
def test_drugs(tagger: Tagger, text: str, drugs: list[str]) -> None:
    assert found(tagger, text, "drug") == drugs


@pytest.mark.parametrize(
    ("text", "wording"),
    [
        ("NORCO", "NORCO"),
        ("Gabapentin600mg", "Gabapentin"),
        ("Soma350mg", "Soma"),
        ("Norco\u2019s refill", "Norco"),
        ("Neuront\u00edn", "Neuront\u00edn"),
        ("Neuronti\u0301n", "Neuronti\u0301n"),
        ("Zana\ufb02ex", "Zana\ufb02ex"),
        ("gaba\u00adpentin", "gaba\u00adpentin"),
        ("gaba\u200bpentin", "gaba\u200bpentin"),
        ("cyclobenza-prine", "cyclobenza-prine"),
        ("cyclobenza-\nprine", "cyclobenza-\nprine"),
        ("CYCLOBENZA\u2010\n  PRINE", "CYCLOBENZA\u2010\n  PRINE"),
        ("x  -  cyclobenza-prine", "cyclobenza-prine"),
        ("MS-\nContin", "MS-\nContin"),
        ("ibuprofen-\nfamotidine", "ibuprofen-\nfamotidine"),
        ("Hydrocodone/ acetaminophen", "Hydrocodone/ acetaminophen"),
        ("oxycodone HCl/APAP", "oxycodone HCl/APAP"),
    ],
)
def test_a_drug_however_it_is_set(tagger: Tagger, text: str, wording: str) -> None:
    assert [tag.text for tag in tagger.tag(text) if tag.kind == "drug"] == [wording]


@pytest.mark.parametrize(
    "text",
    [
        "Som350mg",
        "xgabapentin",
        "gabapentinoid",
        "gaba-\n pentagon",
        "non-co",
        "nor-co",
    ],
)
def test_parts_of_words_are_no_drugs(tagger: Tagger, text: str) -> None:
    assert found(tagger, text, "drug") == []


@pytest.mark.parametrize("query", ["soma", "norco", "ultram", "ms contin", "apap", "xanax"])
def test_a_lower_case_query_names_a_drug(tagger: Tagger, query: str) -> None:
    assert len(found(tagger, query, "drug", query=True)) == 1


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("low back pain", ["low back"]),
        ("the back brace", ["low back"]),
        ("he came back", []),
        ("records dated back to 2012", []),
        ("a back-up battery", []),
        ("return back to work", []),
        ("hand therapy", []),
        ("occupational hand therapy", []),
        ("the right hand", ["hand"]),
        ("hands", ["hand"]),
        ("on the other hand", []),
        ("a hand-held device", []),
        ("second-hand", []),
        ("face-to-face", []),
        ("facet injection", []),
        ("facial fracture", ["face"]),
        ("chest X-ray", ["chest"]),
        ("head of the department", []),
        ("head injury", ["head"]),
        ("femoral head", ["hip"]),
        ("cervical and thoracic spine", ["neck", "upper back"]),
        ("spinal cord stimulator", []),
        ("spine surgeon", []),
        ("rotator cuff", ["shoulder"]),
        ("ACL and meniscus", ["knee", "knee"]),
        ("plantar fascia", ["foot"]),
        ("6 feet tall", []),
        ("both feet", ["foot"]),
        ("carpal tunnel syndrome", ["wrist"]),
        ("distal radius fracture", ["wrist"]),
        ("lower extremities", ["leg"]),
        ("brain injury", ["head"]),
        ("headache", []),
        ("year", []),
    ],
)
def test_body_parts(tagger: Tagger, text: str, parts: list[str]) -> None:
    assert found(tagger, text, "body-part") == parts


@pytest.mark.parametrize(
    ("text", "treatments"),
    [
        ("X-ray, Xray, X ray and x-rays", ["x-ray"] * 4),
        ("MRIs of the knee", ["mri"]),
        ("magnetic  resonance\nimaging", ["mri"]),
        ("PT twice a week", ["physical-therapy"]),
        ("The PT was seen today", []),
        ("The Pt. is improved; pt reports pain", []),
        ("lumbar RFA at L4-5", ["radiofrequency-ablation"]),
        ("The RFA dated 1/2/2017", []),
        ("ten pens", []),
        ("a TENS unit", ["tens"]),
        ("tens of thousands", []),
        ("he felt sad", []),
        ("the visit", []),
        ("cervical epidural steroid injection", ["epidural-steroid-injection"]),
        ("transforaminal epidural steroid injections", ["transforaminal-epidural"]),
        ("ultrasound guided injection", ["guidance", "injection"]),
        ("CT of the head, 60 ct", ["ct"]),
        ("Synvisc-One", ["viscosupplementation"]),
        ("biopsies", ["biopsy"]),
    ],
)
def test_treatments(tagger: Tagger, text: str, treatments: list[str]) -> None:
    assert found(tagger, text, "treatment") == treatments


def test_coagulation_tests_are_no_physical_therapy(tagger: Tagger) -> None:
    assert "physical-therapy" not in found(tagger, "PT/PTT", "treatment")


@pytest.mark.parametrize(
    ("query", "treatments"),
    [
        ("pt 2x6", ["physical-therapy"]),
        ("rfa", ["radiofrequency-ablation"]),
        ("tens", ["tens"]),
        ("ct", ["ct"]),
        ("mri", ["mri"]),
        ("facet", ["facet-injection"]),
        ("facet arthropathy", []),
        ("physical examination findings", []),
    ],
)
def test_queries_are_read_generously(tagger: Tagger, query: str, treatments: list[str]) -> None:
    assert found(tagger, query, "treatment", query=True) == treatments


def test_an_abbreviation_is_not_the_plural_of_another(tagger: Tagger) -> None:
    assert found(tagger, "CRPS", "treatment") == []
    assert found(tagger, "CRPS", "condition") == ["crps"]
    assert found(tagger, "CTS of the wrist", "condition") == ["carpal-tunnel-syndrome"]


def test_a_tag_carries_what_a_clause_needs(tagger: Tagger) -> None:
    (tag,) = tagger.tag("was given Norco, daily")
    assert (tag.kind, tag.codes) == ("drug", ("acetaminophen", "hydrocodone"))
    assert (tag.start, tag.end, tag.text) == (10, 15, "Norco")
    assert "Vicodin" in tag.names


@pytest.mark.parametrize(
    "text",
    [
        "İİ  Norco",
        "ﬁ ß Norco\u00ad",
        "x\n\n\tNorco",
        "a\u00adb — Norco",
        "é Norco\u2019s",
        "e\u0301 ﬃ Norco",
    ],
)
def test_offsets_are_into_the_text_as_given(tagger: Tagger, text: str) -> None:
    (tag,) = tagger.tag(text)
    assert text[tag.start : tag.end].strip("\u00ad") == "Norco"


def test_a_soft_hyphen_does_not_hide_a_name(tagger: Tagger) -> None:
    (tag,) = tagger.tag("acu\u00adpuncture")
    assert (tag.start, tag.end, tag.codes) == (0, 12, ("acupuncture",))


PIECES = st.sampled_from(
    [
        "Norco",
        "norco",
        " ",
        "\n",
        "-",
        "MRI",
        "PT",
        "back",
        "İ",
        "\u00ad",
        "ß",
        "L4-5",
        "s",
        "es",
        "#3",
        "\ufb01",
        "\u0301",
        "Tylenol",
        "cyclobenza",
        "prine",
        "/",
    ]
)


@given(st.lists(PIECES, max_size=30).map("".join))
def test_tags_lie_in_the_text_and_do_not_overlap_within_a_kind(text: str) -> None:
    ends: dict[str, int] = {}
    for tag in default_tagger().tag(text):
        assert tag.text == text[tag.start : tag.end] != ""
        assert tag.start >= ends.get(tag.kind, 0)
        ends[tag.kind] = tag.end
