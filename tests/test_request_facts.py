"""Facts of the record from the request heading alone; the headings are made up."""

from __future__ import annotations

import pytest

from imr.text.taxonomy.requests import RequestFacts, annotate_request
from imr.text.taxonomy.tagger import default_tagger


def facts(request: str) -> RequestFacts:
    return annotate_request(request, default_tagger())


REMAINDER = (
    "Acupuncture for ten sessions was the original request. Acupuncture for six sessions was"
    " authorized by the Claims Administrator. The remaining IMR eligible portion of the original"
    " request, Acupuncture for four sessions is"
)
UNKNOWN = (
    "Massage therapy (unspecified quantity) was the original request. The Claims Administrator"
    " authorized massage therapy, 6 sessions, leaving the original request IMR eligible. The"
    " original request, Massage therapy (unspecified quantity) is"
)


@pytest.mark.parametrize(
    ("request_", "category"),
    [
        ("Norco 10/325mg #90", "medication"),
        ("Lidoderm 5% patch #30", "medication"),
        ("Flector patch #60", "medication"),
        ("Voltaren gel 1%, 100gm", "medication"),
        ("Capsaicin 0.025% cream", "medication"),
        ("Unknownol 50mg #30", "medication"),
        ("Soma Compound #60", "medication"),
        ("Terocin patches #30", "compounded-topical"),
        ("Menthoderm gel 120gm", "compounded-topical"),
        ("LidoPro ointment", "compounded-topical"),
        ("Dendracin lotion", "compounded-topical"),
        ("Flurbiprofen 20%/Lidocaine 5% cream 180gm", "compounded-topical"),
        ("Gabapentin 10%, Cyclobenzaprine 6% in cream base", "compounded-topical"),
        ("Ketoprofen 20% cream", "compounded-topical"),
        ("Lumbar ESI at L4-L5", "injection"),
        ("Toradol injection 60mg IM", "injection"),
        ("Synvisc-One, right knee", "injection"),
        ("Botox 200 units", "injection"),
        ("Right knee arthroscopy with assistant surgeon", "surgery"),
        ("Left carpal tunnel release", "surgery"),
        ("Spinal cord stimulator trial", "surgery"),
        ("Cold therapy unit", "surgical-adjunct"),
        ("Assistant surgeon", "surgical-adjunct"),
        ("Pre-operative clearance", "surgical-adjunct"),
        ("Pre-op EKG", "surgical-adjunct"),
        ("Associated surgical service: Chest x-ray", "surgical-adjunct"),
        ("Associated surgical service: shoulder sling", "surgical-adjunct"),
        ("Associated surgical service: something new", "surgical-adjunct"),
        ("Post-op physical therapy x 12", "physical-therapy"),
        ("Post-op Percocet 5/325mg", "medication"),
        ("Shoulder sling", "dme"),
        ("MRI of the left shoulder without contrast", "imaging"),
        ("EMG/NCV of the upper extremities", "diagnostic-test"),
        ("Urine drug screen", "diagnostic-test"),
        ("Testosterone level", "diagnostic-test"),
        ("Occupational therapy 2x4", "physical-therapy"),
        ("Chiropractic with modalities", "chiropractic"),
        ("Spinal manipulation", "chiropractic"),
        ("Acupuncture x 6", "acupuncture"),
        ("Massage therapy", "massage"),
        ("Interferential unit", "electrical-stimulation"),
        ("TENS unit, 30 day rental", "electrical-stimulation"),
        ("LSO back brace", "dme"),
        ("Biofeedback, 6 sessions", "psych"),
        ("Consultation with a psychologist", "psych"),
        ("Home health aide", "home-health"),
        ("Functional restoration program", "program"),
        ("Detoxification program", "program"),
        ("Work hardening", "program"),
        ("Weight loss program", "program"),
        ("Internal medicine consultation", "consultation"),
        ("Referral to pain management for ESI", "consultation"),
        ("Transportation to and from physical therapy", "transportation"),
        ("Spanish interpreter", "other"),
    ],
)
def test_category(request_: str, category: str) -> None:
    assert facts(request_).category == category


@pytest.mark.parametrize(
    ("request_", "quantity"),
    [
        ("Norco 10/325mg #90", 90),
        ("1 prescription of Norco 10/325mg #60 with 2 refills", 60),
        ("Percocet 10/325mg QTY: 120", 120),
        ("Carisoprodol 350mg quantity 60.00", 60),
        ("90 tablets of Naproxen 550mg", 90),
        ("Norco 10/325mg, 120", 120),
        ("Norco 10/325mg 1 tab every 6 hours", None),
        ("Tylenol #3", None),
        ("Tylenol #3 #60", 60),
        ("Flurbiprofen 20% cream 180gm", None),
        ("Ketoprofen cream #120 gm", None),
        ("1 box of lidocaine patches", 1),
        ("Physical therapy two times a week for six weeks", 12),
        ("Physical therapy 2x6", 12),
        ("Physical therapy 2x/week x 6 weeks", 12),
        ("PT 3xwk x 4wks", 12),
        ("Physical therapy, once a week for 8 weeks", 8),
        ("Chiropractic twice weekly for 4 weeks", 8),
        ("Acupuncture for 4 weeks, 2 times per week", 8),
        ("Physical therapy two times four visits (8)", 8),
        ("Physical therapy 2-3 times a week for 4 weeks", None),
        ("Physical therapy 12-18 sessions", None),
        ("Physical therapy 1-2 times a week, 12 visits", 12),
        ("Physical therapy 2 times a week for 1 month", None),
        ("four sessions of chiropractic", 4),
        ("Eighteen post-op physical therapy visits", 18),
        ("Cognitive behavioral therapy x 8 visits", 8),
        ("One (1) lumbar ESI at L4-L5", 1),
        ("Trigger point injections x 4", 4),
        ("Synvisc injections, series of 3", 3),
        ("Lumbar fusion L4-S1", None),
        ("Wrist braces #2", 2),
        ("Three phase bone scan", None),
        ("12 panel urine drug screen", None),
        ("Cold therapy unit, 7 day rental", None),
        ("Functional restoration program x 80 hours", None),
        ("Home health aide 4 hours a day, 5 days a week for 6 weeks", None),
        ("Botox 200 units", None),
        ("MRI of the knee", None),
        ("Ibuprofen 600mg #90, Norco 10/325mg #60", None),
        (REMAINDER, 4),
        (UNKNOWN, None),
    ],
)
def test_quantity(request_: str, quantity: int | None) -> None:
    assert facts(request_).quantity == quantity


@pytest.mark.parametrize(
    ("request_", "levels"),
    [
        ("ESI at L4-5, L5-S1", ("L4-L5", "L5-S1")),
        ("ESI at L4/5 and L5-1", ("L4-L5", "L5-S1")),
        ("RFA right C4-C5-C6", ("C4-C5", "C5-C6")),
        ("Medial branch block L3, L4, L5", ("L3", "L4", "L5")),
        ("Block at L4 and L5", ("L4", "L5")),
        ("Fusion L4-S1", ("L4-S1",)),
        ("ESI C7-T1", ("C7-T1",)),
        ("ESI L4-L5, repeat L4-L5", ("L4-L5",)),
        ("Thyroid panel: TSH, T3, T4", ()),
        ("L0650 lumbar orthosis, vitamin B12, A1c", ()),
    ],
)
def test_levels(request_: str, levels: tuple[str, ...]) -> None:
    assert facts(request_).levels == levels


@pytest.mark.parametrize(
    ("request_", "parts", "side"),
    [
        ("MRI of the left shoulder", ("shoulder",), "left"),
        ("EMG RUE", ("arm",), "right"),
        ("Physical therapy, R shoulder", ("shoulder",), "right"),
        ("X-rays of the left and right knee", ("knee",), "bilateral"),
        ("Physical therapy for the right wrist and left knee", ("knee", "wrist"), None),
        ("Bilateral L4-5 ESI", ("low back",), "bilateral"),
        ("Lumbar spinal fusion", ("low back",), None),
        ("Chiropractic for neck and back", ("low back", "neck"), None),
        ("Rotator cuff repair", ("shoulder",), None),
        ("Left carpal tunnel release", ("wrist",), "left"),
        ("Hand therapy 2x4", (), None),
        ("Spinal cord stimulator trial", (), None),
        ("MRI brain", ("head",), None),
        ("Gym membership", (), None),
    ],
)
def test_body_parts_and_side(request_: str, parts: tuple[str, ...], side: str | None) -> None:
    read = facts(request_)
    assert (read.body_parts, read.side) == (parts, side)


def test_drugs_and_classes() -> None:
    norco = facts("Norco 10/325mg #90")
    assert norco.drugs == ("acetaminophen", "hydrocodone")
    assert "opioid" in norco.drug_classes
    assert facts("Voltaren gel").drug_classes == ("nsaid", "topical")
    assert facts("Voltaren 75mg").drug_classes == ("nsaid",)
    assert facts("Fentanyl patch 25mcg").drug_classes == ("opioid",)
    assert facts("Lumbar epidural steroid injection").drug_classes == ()
    assert facts("Unspecified topical NSAID").drug_classes == ("nsaid", "topical")


def test_a_drug_that_is_only_tested_for_is_not_requested() -> None:
    assert facts("Vitamin D level and testosterone level").drugs == ()


def test_treatments_are_the_most_specific_named() -> None:
    assert facts("Transforaminal epidural steroid injection").treatments == (
        "transforaminal-epidural",
    )
    assert facts("Right knee arthroscopic surgery, medial meniscectomy").treatments == (
        "meniscectomy",
    )
    assert facts("EMG and NCS").treatments == ("electrodiagnostic-study",)
    assert facts("Unknown item").treatments == ()


def test_whitespace_and_line_breaks_change_nothing() -> None:
    assert facts("Physical\ntherapy  two times a week\nfor six weeks") == facts(
        "Physical therapy two times a week for six weeks"
    )
