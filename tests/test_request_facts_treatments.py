"""Which treatments a heading asks for: the most specific ones, and none it only tells of."""

from __future__ import annotations

import pytest

from imr.text.taxonomy.requests import annotate_request
from imr.text.taxonomy.tagger import default_tagger


def treatments(request: str) -> tuple[str, ...]:
    return annotate_request(request, default_tagger()).treatments


@pytest.mark.parametrize(
    ("request_", "codes"),
    [
        # a purpose is not asked for
        ("Transportation to physical therapy", ("transportation",)),
        ("Transportation to and from MRI, EMG and physical therapy", ("transportation",)),
        ("Interpreter for an MRI", ("interpreter",)),
        ("Assistant surgeon for left knee arthroscopy", ("assistant-surgeon",)),
        ("Pre-operative clearance for lumbar fusion", ("pre-operative-clearance",)),
        ("Psychological evaluation for spinal cord stimulator", ("psychological-evaluation",)),
        ("Pain management consultation for epidural steroid injection",
         ("pain-management-consultation",)),
        # nor is what was done, or is to be done instead
        ("Physical therapy after rotator cuff repair", ("physical-therapy",)),
        ("Post lumbar fusion physical therapy", ("physical-therapy",)),
        ("Status post left knee arthroscopy: aquatic therapy", ("aquatic-therapy",)),
        ("MRI prior to lumbar fusion", ("mri",)),
        ("Acupuncture instead of surgery", ("acupuncture",)),
        ("CPM for 21 days after total knee arthroplasty", ("continuous-passive-motion",)),
        # what goes with it is
        ("Physical therapy with massage", ("massage", "physical-therapy")),
        ("MRI and EMG for the neck", ("emg", "mri")),
        ("Left knee arthroscopy with assistant surgeon", ("assistant-surgeon", "knee-surgery")),
        # a purpose may say the same more closely
        ("Supplies for TENS unit", ("tens",)),
        ("DME: hospital bed", ("bed-and-mattress",)),
        ("Surgery for carpal tunnel release", ("carpal-tunnel-release",)),
        # the more specific
        ("MR arthrogram of the hip", ("mr-arthrogram",)),
        ("Laboratory tests: CBC, CMP", ("blood-count", "metabolic-panel")),
        ("Lumbar interlaminar epidural steroid injection", ("interlaminar-epidural",)),
        ("Hand therapy", ("hand-therapy",)),
        ("Biceps tenodesis", ("biceps-tenodesis",)),
        ("Percutaneous electrical nerve stimulator (neurostimulator) x 4",
         ("percutaneous-stimulation",)),
        ("Neurostimulator trial", ("spinal-cord-stimulator",)),
        ("Pre-operative EKG", ("electrocardiogram",)),
        ("EKG pre-op", ("electrocardiogram",)),
        ("Lysis of adhesions", ("soft-tissue-surgery",)),
        # a joint that is burnt is not injected
        ("Radiofrequency ablation right L4-5 facet", ("radiofrequency-ablation",)),
        ("L4-5 facet", ("facet-injection",)),
        ("Facet injection and radiofrequency ablation L4-5",
         ("facet-injection", "radiofrequency-ablation")),
        ("Associated surgical service: sling", ("sling", "surgical-adjunct")),
        # "follow-up" is no visit where it only says that something is done again
        ("Follow-up MRI", ("mri",)),
        ("Follow-up with pain management", ("follow-up-visit", "pain-management-consultation")),
    ],
)  # fmt: skip
def test_treatments_are_those_asked_for(request_: str, codes: tuple[str, ...]) -> None:
    assert treatments(request_) == codes


@pytest.mark.parametrize(
    ("code", "meant", "not_meant"),
    [
        ("hand-therapy", "Hand therapy 2x6", "Hand support"),
        ("nerve-block", "Nerve block", "Nerve conduction study"),
        ("cold-therapy", "Cold therapy unit", "Cold laser"),
        ("heat-and-cold-packs", "Cold pack", "Cold and flu tablets"),
        ("imaging", "Scan of the hip", "Scandinavian walking poles"),
        ("evaluation", "Visit", "Home visit by nurse"),
        ("shockwave-therapy", "Shock wave therapy", "Shock absorbing insoles"),
        ("corticosteroid-injection", "Cortisone", "Hydrocortisone cream"),
        ("hardware-removal", "Removal of hardware", "Removal of sutures"),
        ("manipulation-under-anesthesia", "MUA left shoulder", "Spinal manipulation"),
        ("pillow", "Cervical pillow", "Shoulder abduction pillow"),
        ("discectomy", "Discectomy", "Discogram"),
        ("mobility-aid", "Walker", "CAM walker"),
        ("education-and-school", "Back school", "School form"),
    ],
)
def test_a_name_with_other_meanings(code: str, meant: str, not_meant: str) -> None:
    assert code in treatments(meant)
    assert code not in treatments(not_meant)


@pytest.mark.parametrize(
    ("part", "meant", "not_meant"),
    [
        ("low back", "Back brace", "Return visit on coming back"),
        ("low back", "LSO", "LS"),
        ("neck", "Neck pillow", "Pinning of the femoral neck"),
        ("neck", "ACDF", "ACL repair"),
        ("arm", "Arm sling", "C-arm fluoroscopy"),
        ("arm", "X-ray of the upper arm", "Chair with arm rests"),
        ("chest", "Chest PT", "PT"),
        ("foot", "AFO for foot drop", "Footstool"),
        ("foot", "Foot x-ray", "Referral to foot and ankle specialist"),
        ("eye", "Eye exam", "Eye movement desensitization"),
        ("head", "MRI of the head", "Core decompression of the femoral head"),
        ("hip", "Core decompression of the femoral head", "Head CT"),
        ("leg", "Leg length x-ray", "Elevating leg rests"),
        ("hand", "Hand splint", "Hand therapy"),
        ("hand", "Hand surgery", "Hand surgeon consult"),
        ("face", "Nasal surgery", "Nasal spray"),
        ("face", "Face laceration repair", "Full face mask"),
        ("knee", "Knee scooter for the left knee", "Knee scooter"),
        ("shoulder", "Biceps tenotomy", "Distal biceps repair"),
        ("elbow", "Distal biceps repair", "Elbow crutches"),
        ("upper back", "Thoracic spine MRI", "Thoracic outlet decompression"),
        ("spine", "Spine x-ray", "Spine surgeon consult"),
        ("ankle", "AFO", "APO"),
        ("leg", "EMG upper and lower extremities", "EMG upper extremities"),
        ("arm", "EMG upper and lower extremities", "EMG lower extremities"),
    ],
)
def test_a_part_is_named_or_not(part: str, meant: str, not_meant: str) -> None:
    assert part in annotate_request(meant, default_tagger()).body_parts
    assert part not in annotate_request(not_meant, default_tagger()).body_parts
