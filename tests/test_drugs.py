"""The drugs that injured workers are given: by brand, kit, abbreviation, misspelling and class."""

from __future__ import annotations

import csv
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from imr.text.taxonomy.load import load
from imr.text.taxonomy.requests import annotate_request
from imr.text.taxonomy.tagger import default_tagger

RXNORM = Path(__file__).parents[2] / "shared/vocabulary/rxnorm_brand_to_generic.tsv"


def drugs(heading: str) -> str:
    """The ingredients a heading requests, joined by commas."""
    return ", ".join(annotate_request(heading, default_tagger()).drugs)


def tagged(text: str) -> list[tuple[str, str]]:
    """(wording, code) of the drugs of running text."""
    tags = default_tagger().tag(text)
    return [(tag.text, tag.concept.code) for tag in tags if tag.kind == "drug"]


LOTION = "capsaicin, lidocaine, menthol, methyl salicylate"
RUB = "capsaicin, menthol, methyl salicylate"


@pytest.mark.parametrize(
    ("heading", "ingredients"),
    [
        # topicals by product name
        ("Terocin lotion 120ml", LOTION),
        ("New Terocin 240ml", LOTION),
        ("Terocin patches #30", "lidocaine, menthol"),
        ("Terocin 4% patch #30", "lidocaine, menthol"),
        ("Menthoderm gel 120gm", "menthol, methyl salicylate"),
        ("Methoderm ointment", "menthol, methyl salicylate"),
        ("Keratek gel 4oz", "menthol, methyl salicylate"),
        ("Dendracin lotion", RUB),
        ("Medrox patches", RUB),
        ("Exoten-C lotion", RUB),
        ("Ultracin lotion", RUB),
        ("Medi-Derm cream", RUB),
        ("LidoPro ointment", LOTION),
        ("Xolido 2% cream", "lidocaine"),
        ("Biofreeze gel", "menthol"),
        ("FCL cream 180gm", "cyclobenzaprine, flurbiprofen, lidocaine"),
        ("Flurbi (NAP) Cream-LA 180gms", "amitriptyline, flurbiprofen, lidocaine"),
        ("TGHot 180gm", "camphor, capsaicin, gabapentin, menthol, tramadol"),
        ("Gabacyclotram 180gms", "cyclobenzaprine, gabapentin, tramadol"),
        ("Flurbi/Cyclo/Menth cream 20%/10%/4%", "cyclobenzaprine, flurbiprofen, menthol"),
        ("Keto 10%/Cyclo 3%/Lido 5% cream", "cyclobenzaprine, ketoprofen, lidocaine"),
        ("Tramadol 20% in Mediderm base", "tramadol"),
        # suspensions and kits
        ("Synapryn 10mg/ml oral suspension", "glucosamine, tramadol"),
        ("Tabradol 1mg/ml oral suspension", "cyclobenzaprine, methylsulfonylmethane"),
        ("Deprizine 15mg/ml", "ranitidine"),
        ("Dicopanol 5mg/ml", "diphenhydramine"),
        ("Fanatrex 25mg/ml", "gabapentin"),
        ("Theraproxen-90", "naproxen, theramine"),
        ("Comfort Pac with Naproxen", "naproxen"),
        # medical foods: by their own names, where they have no other
        ("Theramine #90", "theramine"),
        ("Sentra PM #60", "sentra pm"),
        ("GABAdone #60", "gabadone"),
        ("Trepadone #120", "trepadone"),
        ("Limbrel 500mg #60", "flavocoxid"),
        ("Deplin 15mg", "l-methylfolate"),
        # injected, implanted, held back from abuse
        ("Toradol 60mg IM injection", "ketorolac"),
        ("Depo-Medrol 80mg injection", "methylprednisolone"),
        ("Synvisc-One injection", "hyaluronate"),
        ("Botox 200 units", "onabotulinumtoxina"),
        ("Sarapin injection", "sarracenia purpurea"),
        ("Pump refill: ziconotide, baclofen", "baclofen, ziconotide"),
        ("Suboxone 8/2mg film #60", "buprenorphine, naloxone"),
        ("Butrans 10mcg patch #4", "buprenorphine"),
        ("Belbuca 150mcg", "buprenorphine"),
        ("Nucynta ER 100mg #60", "tapentadol"),
        ("Hysingla ER 30mg", "hydrocodone"),
        ("Embeda 30/1.2mg", "morphine, naltrexone"),
        ("MS ER 15mg #60", "morphine"),
        ("Exalgo 16mg", "hydromorphone"),
        ("Velphoro 500mg", "sucroferric oxyhydroxide"),
        # combinations written out
        ("HYDROCO/APAP 10-325MG #60", "acetaminophen, hydrocodone"),
        ("BUTALB/APAP/CAFF 50-325-40 #30", "acetaminophen, butalbital, caffeine"),
        ("ibuprofen-famotidine 800/26.6mg", "famotidine, ibuprofen"),
        ("glucosamine/chondroitin/MSM", "chondroitin, glucosamine, methylsulfonylmethane"),
    ],
)  # fmt: skip
def test_what_a_heading_requests(heading: str, ingredients: str) -> None:
    assert drugs(heading) == ingredients


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("gabapentine", "gabapentin"),
        ("hydrocodon", "hydrocodone"),
        ("cyclobenzapine", "cyclobenzaprine"),
        ("naproxin", "naproxen"),
        ("omeprezole", "omeprazole"),
        ("tramodol", "tramadol"),
        ("diclofenec", "diclofenac"),
        ("zanoflex", "tizanidine"),
        ("flexaril", "cyclobenzaprine"),
        ("mirtazipine", "mirtazapine"),
        ("trazadone", "trazodone"),
        ("percoset", "acetaminophen+oxycodone"),
        ("lidoderme", "lidocaine"),
        ("methyl salicilate", "methyl salicylate"),
    ],
)
def test_frequent_misspellings(written: str, code: str) -> None:
    assert tagged(f"was given {written} daily") == [(written, code)]


def test_misspellings_find_and_are_not_searched_for() -> None:
    assert "tramodol" not in load().get("drug", "tramadol").names


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Tylenol #3 300/30mg #90", "Tylenol #3"),
        ("Tylenol#3 #60", "Tylenol#3"),
        ("Tylenol No. 4, #60", "Tylenol No. 4"),
        ("Tylenol with codeine #3 #60", "Tylenol with codeine #3"),
        ("Acetaminophen/Codeine #3 #60", "Acetaminophen/Codeine #3"),
        ("APAP-codeine No. 3", "APAP-codeine No. 3"),
        ("acetaminophen with codeine 3 300/30", "acetaminophen with codeine 3"),
        ("acetaminophen with codeine #30", "acetaminophen with codeine"),
        ("acetaminophen with codeine #5", "acetaminophen with codeine"),
        ("acetaminophen/codeine 300/30mg", "acetaminophen/codeine"),
    ],
)
def test_a_numbered_strength_is_part_of_the_name(text: str, found: str) -> None:
    """So that no reader of quantities takes its number for an amount."""
    assert tagged(text) == [(found, "acetaminophen+codeine")]


@pytest.mark.parametrize("text", ["Tylenol #30", "Tylenol 325 mg", "Tylenol 3 times a day"])
def test_other_numbers_make_no_codeine(text: str) -> None:
    assert tagged(text) == [("Tylenol", "acetaminophen")]


@pytest.mark.parametrize(
    ("heading", "ingredients"),
    [
        ("Lyrica 75mg #60 (failed gabapentin)", "pregabalin"),
        ("Lyrica (failed gabapentin and Cymbalta)", "pregabalin"),
        ("Lyrica 75mg #60, gabapentin has failed", "pregabalin"),
        ("Lyrica 75mg, gabapentin (tried and failed)", "pregabalin"),
        ("Butrans patch #4 in place of Norco", "buprenorphine"),
        ("Butrans #4 in lieu of Norco 10/325, Soma 350mg #60", "buprenorphine, carisoprodol"),
        ("Lyrica (failed gabapentin), Norco #60", "acetaminophen, hydrocodone, pregabalin"),
        ("Switch from Percocet to Nucynta 75mg #60", "tapentadol"),
        ("Discontinue Soma, start Zanaflex 4mg #60", "tizanidine"),
        ("Detoxification program to wean off Norco and Soma", ""),
        ("Detox program, wean from oxycodone (OxyContin) and Soma", ""),
        ("Norco 10/325mg #60 for weaning", "acetaminophen, hydrocodone"),
        ("Trial of Lyrica 75mg #60", "pregabalin"),
        ("Norco (generic: hydrocodone/APAP) #60", "acetaminophen, hydrocodone"),
        ("Colace 100mg for constipation due to Norco", "docusate"),
        ("Celebrex 200mg, intolerant to naproxen and ibuprofen", "celecoxib"),
        ("Robitussin without codeine", "guaifenesin"),
        ("Testosterone level", ""),
        ("Urine drug screen for opiates and oxycodone", ""),
        ("MRI with gadolinium", ""),
    ],
)
def test_what_is_only_told_of_is_not_requested(heading: str, ingredients: str) -> None:
    assert drugs(heading) == ingredients


@pytest.mark.parametrize(
    ("heading", "classes"),
    [
        ("Omeprazole 20mg #60 for NSAID-induced gastritis", "ppi"),
        ("Omeprazole 20mg #60 for NSAID gastritis", "ppi"),
        ("Narcan nasal spray 4mg", "opioid-antagonist"),
        ("Office visit for opioid management", ""),
        ("Opioid medication", "opioid"),
        ("Naproxen (NSAID) 550mg", "nsaid"),
        ("Sertraline 50mg", "antidepressant, ssri"),
        ("Emgality 120mg", "antimigraine, biologic, cgrp-inhibitor"),
    ],
)
def test_classes_of_what_is_requested(heading: str, classes: str) -> None:
    assert ", ".join(annotate_request(heading, default_tagger()).drug_classes) == classes


@pytest.mark.parametrize(
    ("drug", "drug_class"),
    [
        ("oxycodone", "opioid"), ("naproxen", "nsaid"), ("tizanidine", "muscle-relaxant"),
        ("pregabalin", "anticonvulsant"), ("duloxetine", "snri"), ("sertraline", "ssri"),
        ("nortriptyline", "tricyclic-antidepressant"), ("alprazolam", "benzodiazepine"),
        ("zolpidem", "sedative-hypnotic"), ("pantoprazole", "ppi"), ("famotidine", "h2-blocker"),
        ("docusate", "laxative"), ("ondansetron", "antiemetic"), ("sumatriptan", "triptan"),
        ("prednisone", "corticosteroid"), ("modafinil", "stimulant"), ("cephalexin", "antibiotic"),
        ("losartan", "antihypertensive"), ("atorvastatin", "statin"), ("metformin", "antidiabetic"),
        ("sildenafil", "impotence-agent"), ("adalimumab", "biologic"),
        ("bupivacaine", "local-anesthetic"), ("hyaluronate", "viscosupplement"),
        ("onabotulinumtoxina", "neurotoxin"), ("influenza vaccine", "vaccine"),
        ("menthol", "counterirritant"), ("theramine", "medical-food"),
        ("naloxone", "opioid-antagonist"), ("cannabidiol", "cannabinoid"),
        ("testosterone", "androgen"), ("enoxaparin", "anticoagulant"),
    ],
)  # fmt: skip
def test_every_class_of_the_field_has_its_drugs(drug: str, drug_class: str) -> None:
    assert drug_class in load().get("drug", drug).classes


def test_most_drugs_have_a_class() -> None:
    singles = [drug for drug in load().of("drug") if len(drug.ingredients) == 1]
    assert [drug.code for drug in singles if not drug.classes] == []


def entries() -> list[dict[str, Any]]:
    text = (files("imr.text.taxonomy") / "drugs.toml").read_text(encoding="utf-8")
    content = tomllib.loads(text)
    return [*content["ingredient"], *content["product"]]


def test_brands_said_to_be_of_rxnorm_are_in_it() -> None:
    if not RXNORM.exists():
        pytest.skip("RxNorm's list is not at hand")
    with RXNORM.open(encoding="utf-8") as file:
        generics = {row[0].lower(): row[2].lower() for row in csv.reader(file, delimiter="\t")}
    missing = [
        brand
        for entry in entries()
        if not {"rabbits", "products"} & set(entry["source"])
        for written in entry.get("brands", ())
        for brand in [written["name"] if isinstance(written, dict) else written]
        for code in entry.get("ingredients", [entry.get("code")])
        if code.split()[0] not in generics.get(brand.lower(), "")
    ]
    assert missing == []
