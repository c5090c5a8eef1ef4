"""Whose conditions a summary's words are: the patient's, nobody's, or somebody else's."""

from __future__ import annotations

import pytest

from imr.letters.annotate import patient
from imr.model import Patient


def conditions(summary: str) -> list[str]:
    return list(patient(Patient(), summary).conditions)


@pytest.mark.parametrize(
    ("summary", "stated"),
    [
        # denied
        ("The patient denies depression.", []),
        ("Denies depression, anxiety, and insomnia but reports low back pain.", ["Low back pain"]),
        ("He denied headaches and has neck pain.", ["Neck pain"]),
        ("The worker currently denied headache, dizziness, or vertigo.", []),
        ("Currently denied headache, dizziness, or vertigo.", []),
        ("She denied at this time depression.", []),
        ("No evidence of lumbar radiculopathy or myelopathy.", []),
        ("There was no clear sign of myelopathy.", []),
        ("Negative for diabetes and hypertension.", []),
        ("X-rays were negative for fracture; there is a disc protrusion.", ["Disc herniation"]),
        ("Lumbar spondylosis without myelopathy or radiculopathy.", ["Spondylosis"]),
        ("No fracture, sprain or contusion.", []),
        ("The EMG did not show carpal tunnel syndrome.", []),
        ("He doesn\u2019t have diabetes.", []),
        ("Findings not consistent with CRPS.", []),
        ("Radiculopathy was ruled out, low back pain persists.", ["Low back pain"]),
        ("Diabetes: denied. Hypertension: yes.", ["Hypertension"]),
        # only suspected or feared
        ("MRI to rule out rotator cuff tear.", []),
        ("R/o CRPS.", []),
        ("Rule out radiculopathy, myelopathy or spinal stenosis.", []),
        (
            "Cervical sprain, rule out HNP, lumbar sprain, knee contusion.",
            [
                "Cervical sprain or strain",
                "Lumbar sprain or strain",
                "Hip, knee, ankle or foot disorder",
            ],
        ),
        ("She is at risk of opioid dependence.", []),
        ("Possible lumbar radiculopathy.", []),
        ("Probable left carpal tunnel syndrome and neck pain.", ["Neck pain"]),
        ("Questionable rotator cuff tear; likely chronic CRPS.", []),
        ("He is suspected to have CRPS. Depression is suspected.", []),
        ("There is concern for CRPS; findings are suspicious for myelopathy.", []),
        ("Differential diagnosis includes radiculopathy, myelopathy, and spinal stenosis.", []),
        ("MRI to rule in rotator cuff tear, EMG to rule in/rule out radiculopathy.", []),
        # a name that says less than the condition
        ("Internal derangement of the shoulder, lupus, myalgia.", []),
        ("Left knee internal derangement.", ["Internal derangement of the knee"]),
        # of childhood
        ("Febrile seizures at 2 years old, asthma as a child, childhood asthma.", []),
        # somebody else's
        ("Family history of diabetes and hypertension. She has obesity.", ["Obesity"]),
        ("Family history: asthma.", []),
        ("Her mother had osteoarthritis; she has gout.", ["Gout"]),
    ],
)  # fmt: skip
def test_what_is_denied_suspected_or_anothers_is_left_out(summary: str, stated: list[str]) -> None:
    assert conditions(summary) == stated


@pytest.mark.parametrize(
    ("summary", "stated"),
    [
        ("There is a history of depression.", "Depression"),
        ("UR also denied acupuncture for low back pain.", "Low back pain"),
        ("The request was denied for low back pain.", "Low back pain"),
        ("Low back pain is suspected to be from work.", "Low back pain"),
        ("Possible surgery for a rotator cuff tear was discussed.", "Rotator cuff tear"),
        ("The pain is likely due to lumbar radiculopathy.", "Lumbar radiculopathy"),
        ("Possible sprain, low back pain, insomnia.", "Insomnia"),
        ("At 45 years old she had depression.", "Depression"),
        ("Insomnia, at age 15 she had asthma.", "Insomnia"),
        ("No improvement in her low back pain.", "Low back pain"),
        ("Norco gave no relief of the neck pain.", "Neck pain"),
        ("No fracture, low back pain persists.", "Low back pain"),
        ("The claims administrator denied the MRI for low back pain.", "Low back pain"),
        ("The claims administrator denies the MRI for low back pain.", "Low back pain"),
        ("UR denies the request for low back pain.", "Low back pain"),
        ("Without therapy the low back pain worsened.", "Low back pain"),
        ("No history of asthma. Treated for insomnia.", "Insomnia"),
        ("Denies diabetes; positive for hypertension.", "Hypertension"),
        ("The worker lives with his wife and has depression.", "Depression"),
        ("Denies anxiety. Depression. Denies insomnia.", "Depression"),
        ("Not only depression but chronic pain was treated.", "Chronic pain"),
    ],
)
def test_what_stands_is_kept(summary: str, stated: str) -> None:
    assert stated in conditions(summary)


def test_a_condition_denied_once_and_stated_once_is_the_patients() -> None:
    summary = "In May the worker denied headaches. In June there were daily headaches."
    assert conditions(summary) == ["Headache"]


def test_conditions_come_once_and_in_the_order_of_the_summary() -> None:
    summary = "Neck pain and insomnia. The neck pain and the insomnia persist; cervicalgia."
    assert conditions(summary) == ["Neck pain", "Insomnia"]
