"""Names that are also words, places or abbreviations: found where meant, and not elsewhere."""

from __future__ import annotations

import pytest

from imr.text.taxonomy.explain import Reading, explain
from imr.text.taxonomy.load import load
from imr.text.taxonomy.tagger import default_tagger

KINDS = {"drug", "drug-class", "condition"}

MEANINGS = [
    # (name as the vocabulary writes it, a text that means it, a text that does not)
    ("opioid", "opioids were given", "non-opioid analgesics"),
    ("opiate", "an opiate was given", "a non-opiate medicine"),
    ("narcotic", "narcotics were given", "a non-narcotic regimen"),
    ("narcotic analgesic", "narcotic analgesics", "non-narcotic analgesics"),
    ("opioid analgesic", "opioid analgesics", "non-opioid analgesics"),
    ("NSAID", "NSAIDs were given", "non-NSAID treatment"),
    ("hypnotic", "a hypnotic at night", "in a hypnotic state"),
    ("PPI", "a PPI for the stomach", "the PPI rating was 12 percent"),
    ("Oxy", "Oxy 15 mg was taken", "pulse oxy was normal"),
    ("cod", "APAP/cod 300/30", "cod liver"),
    ("morphine", "morphine 15 mg", "a morphine equivalent dose of 80"),
    ("MS", "MS 15 mg twice a day", "relapsing MS since 2010"),
    ("opium", "belladonna and opium", "an opium den"),
    ("LDN", "LDN 4.5 mg", "the ldn report"),
    ("APAP", "oxycodone/APAP", "an APAP machine at night"),
    ("caffeine", "butalbital with caffeine", "caffeine intake was reduced"),
    ("caff", "butalb/APAP/caff", "the caff was closed"),
    ("caf", "butalb/APAP/caf 50/325/40", "the caf was closed"),
    ("IBU", "IBU 800 mg", "the ibu of a beer"),
    ("diclo", "diclo 10%/lidocaine 5%", "the diclo was not named"),
    ("Cambia", "Cambia packets", "no cambia nada"),
    ("keto", "keto 10%/cyclo 3%", "a keto diet"),
    ("ASA", "ASA 81 mg daily", "ASA class 2"),
    ("cyclo", "gabapentin/cyclo cream", "a cyclo tour"),
    ("Soma", "Soma was given", "the cell soma"),
    ("baclo", "baclo 2%", "the baclo"),
    ("gaba", "gaba 10% cream", "the GABA receptor"),
    ("Versed", "Versed was used for sedation", "the patient is well versed in the device"),
    ("Doral", "Doral 15 mg at night", "a clinic in Doral, Florida"),
    ("Sonata", "Sonata 10 mg at night", "her Hyundai Sonata was struck"),
    ("lithium", "lithium 300 mg", "a lithium battery"),
    ("Tenex", "Tenex 1 mg", "a Tenex procedure of the elbow"),
    ("Emend", "Emend before surgery", "to emend the report"),
    ("DSS", "DSS 100 mg", "the DSS clinic"),
    ("DOK", "DOK 100 mg", "dok was misspelt"),
    ("lido", "lido 5%/menthol", "swimming at the lido"),
    ("bupi", "bupi 0.25%", "the bupi"),
    ("capsa", "capsa 0.025%", "the capsa"),
    ("menth", "flurbiprofen/menth cream", "next menth"),
    ("camph", "camph 2%", "the camph"),
    ("Propel", "a Propel sinus implant", "muscles propel the limb"),
    ("DHE", "DHE infusion", "dhe"),
    ("Antara", "Antara 130 mg", "Antara was seen today"),
    ("insulin", "insulin was given", "insulin-dependent diabetes"),
    ("heparin", "heparin was given", "heparin-induced thrombocytopenia"),
    ("MSM", "glucosamine with MSM", "the msm site"),
    ("testosterone", "testosterone injections", "low testosterone"),
    ("estradiol", "estradiol patches", "an estradiol level"),
    ("Alora", "Alora 0.05 mg", "Alora was seen today"),
    ("progesterone", "progesterone capsules", "progesterone receptor status"),
    ("HCG", "HCG injections", "hcg"),
    ("DHEA", "DHEA 25 mg", "dhea"),
    ("CBD", "CBD cream", "a CBD stone in the gallbladder"),
    ("vitamin D3", "vitamin D3 weekly", "a vitamin D3 level"),
    ("vitamin D", "vitamin D 2000 IU", "vitamin D deficiency"),
    ("vit D3", "vit D3 weekly", "a vit D3 level"),
    ("vit D", "vit D 50,000 units", "vit D deficiency"),
    ("vit B12", "vit B12 weekly", "a vit B12 level"),
    ("vit C", "vit C daily", "a vit C level"),
    ("ondan", "hydrocodone/APAP/ondan 10/300/2 mg", "Mr. Ondan"),
    ("cortisone", "cortisone acetate tablets", "a cortisone injection"),
    ("vitamin D2", "vitamin D2 weekly", "the vitamin D2 assay"),
    ("vitamin B12", "vitamin B12 weekly", "a vitamin B12 level"),
    ("vitamin B-12", "vitamin B-12 weekly", "a vitamin B-12 level"),
    ("folic acid", "folic acid daily", "the folic acid level"),
    ("folate", "folate supplements", "serum folate"),
    ("vitamin B6", "vitamin B6 daily", "a vitamin B6 level"),
    ("vitamin B-6", "vitamin B-6 daily", "a vitamin B-6 level"),
    ("vitamin B1", "vitamin B1 daily", "a vitamin B1 level"),
    ("vitamin C", "vitamin C daily", "a vitamin C level"),
    ("magnesium", "magnesium 400 mg", "esomeprazole magnesium 40 mg"),
    ("calcium", "calcium 600 mg", "atorvastatin calcium 20 mg"),
    ("zinc", "zinc 50 mg", "zinc phosphate cement"),
    ("iron", "iron 325 mg", "burned by an iron"),
    ("Gel-One", "a Gel-One injection", "diclofenac gel one tube"),
    ("nicotine", "nicotine patches", "nicotine dependence"),
    ("urea", "urea cream", "blood urea nitrogen"),
    ("thrombin", "topical thrombin", "thrombin time"),
    ("adrenaline", "adrenaline was injected", "an adrenaline rush"),
    ("Norco", "Norco was denied", "seen in Norco, CA"),
    ("narco", "narco 10/325", "the narco unit of the police"),
    ("Prolate", "Prolate 10/300", "a prolate shape"),
    ("Tylenol 3", "Tylenol 3 300/30 mg", "Tylenol 3 times a day"),
    ("Tylenol 4", "Tylenol 4 was given", "Tylenol 4 tablets"),
    ("Tylenol 2", "Tylenol 2 was given", "Tylenol 2 tabs"),
    ("Azor", "Azor 5/20 mg", "Mr. Azor was seen"),
    ("Lidoderm", "Lidoderm 5% daily", "ketoprofen 20% in Lidoderm base"),
    ("Medi-Derm", "Medi-Derm cream", "tramadol 20% in Mediderm base"),
    ("FCL", "FCL cream", "the fcl tendon"),
    ("CTS", "bilateral CTS", "CTs of the head"),
    ("carpal tunnel", "history of carpal tunnel on the right", "right carpal tunnel release"),
    ("OA", "OA of the knee", "the oa"),
    ("fracture", "a fracture of the hand", "a fracture boot"),
    ("RSD", "RSD of the arm", "the rsd office"),
    ("depression", "depression and anxiety", "the Beck Depression Inventory"),
    ("MDD", "MDD, recurrent", "an MDD of 40 mg"),
    ("anxiety", "anxiety", "the Beck Anxiety Inventory"),
    ("GAD", "GAD is treated", "a GAD-7 of 12"),
    ("insomnia", "insomnia", "the Insomnia Severity Index"),
    ("stroke", "a stroke in 2010", "heat stroke"),
    ("CVA", "a CVA in 2010", "CVA tenderness"),
    ("hernia", "a hernia repair", "a hernia support"),
    ("DVT", "a DVT of the leg", "a DVT prophylaxis unit"),
]  # fmt: skip

SMALL_HEADINGS = [
    # what a careless heading or query may leave out, it may; what it may not is found in none
    ("Soma", "SOMA 350MG #60", "heading"),
    ("IBU", "ibu 800mg #90", "heading"),
    ("ASA", "asa 81mg", "query"),
    ("Sonata", "sonata 10mg", "query"),
    ("MS", "ms 15mg #60", "heading"),
    ("keto", "Keto/Cyclo/Lido cream", "heading"),
]


def names_found(text: str, reading: Reading = "text") -> set[str]:
    found = explain(text, default_tagger(), reading).counted
    return {name for tag in found if tag.kind in KINDS for name in tag.names}


@pytest.mark.parametrize(("name", "meant"), [(name, meant) for name, meant, _ in MEANINGS])
def test_a_name_is_found_where_it_is_meant(name: str, meant: str) -> None:
    assert name in names_found(meant)


@pytest.mark.parametrize(("name", "other"), [(name, other) for name, _, other in MEANINGS])
def test_a_name_is_not_found_where_something_else_is_meant(name: str, other: str) -> None:
    assert name not in names_found(other)


@pytest.mark.parametrize(("name", "text", "reading"), SMALL_HEADINGS)
def test_headings_and_queries_are_read_generously(name: str, text: str, reading: Reading) -> None:
    assert name in names_found(text, reading)


@pytest.mark.parametrize("reading", ["heading", "query"])
@pytest.mark.parametrize(
    "text", ["MS clinic", "a keto diet", "a prolate shape", "iron", "Norco, CA"]
)
def test_some_names_are_strict_in_any_text(text: str, reading: Reading) -> None:
    tags = explain(text, default_tagger(), reading).counted
    assert [tag for tag in tags if tag.kind == "drug"] == []


def test_every_drug_or_condition_with_rules_has_both_sentences() -> None:
    """A rule is worth what its two sentences show; a name without them is added above."""
    ruled = {m.text for m in load().mentions if m.guard and m.concept.kind in KINDS}
    assert ruled == {name for name, _, _ in MEANINGS}


@pytest.mark.parametrize(
    "text",
    [
        "an ultra sound pro patch for the back",
        "hand therapy twice a week",
        "Mississippi (MS) law",
        "medical science (MS) degree",
        "the patient requires a back brace",
        "actions of the employer",
        "lexical access",
        "One Touch strips, zip code 92860",
        "to boost focus, balance and calm, a natural and vital aim",
        "Prevail briefs",
        "the procedure is experimental and has been requested",
        "the axis and the axial view",
        "an ambient room",
        "the abstract of the subsystem",
        "celebrate the relation",
        "he is able to bend",
        "restore the fort",
        "a norm of conduct",
        "the pro and the con",
        "cycloid and gabardine",
        "a lid of a bottle",
        "topographic maximum",
        "flexion and extension",
        "lyrical",
    ],
)
def test_ordinary_words_name_no_drug(text: str) -> None:
    for reading in ("text", "query", "heading"):
        tags = explain(text, default_tagger(), reading).counted
        assert [tag for tag in tags if tag.kind == "drug"] == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Lyrica", "pregabalin"),
        ("Pepcid", "famotidine"),
        ("Relafen", "nabumetone"),
        ("Celebrex", "celecoxib"),
        ("Neurontin", "gabapentin"),
        ("Restoril", "temazepam"),
        ("Ambien", "zolpidem"),
        ("Requip", "ropinirole"),
        ("Actos", "pioglitazone"),
        ("Prevacid", "lansoprazole"),
        ("Colace", "docusate"),
        ("Abilify", "aripiprazole"),
        ("Provigil", "modafinil"),
        ("Sprix", "ketorolac"),
        ("Savella", "milnacipran"),
        ("Subsys", "fentanyl"),
        ("Abstral", "fentanyl"),
        ("Lazanda", "fentanyl"),
        ("Fortesta", "testosterone"),
        ("Axiron", "testosterone"),
        ("Topamax", "topiramate"),
        ("Advil PM", "diphenhydramine+ibuprofen"),
        ("Duexis", "famotidine+ibuprofen"),
        ("ultram", "tramadol"),
    ],
)
def test_brands_that_look_like_words_are_found(text: str, code: str) -> None:
    for written in (text, text.upper(), f"({text.lower()})", f"{text}'s"):
        (tag,) = default_tagger().tag(written)
        assert tag.concept.code == code
