"""Names that also mean something else: for each a heading that means it, and one that does not."""

from __future__ import annotations

import pytest

from imr.text.taxonomy.explain import explain
from imr.text.taxonomy.load import load
from imr.text.taxonomy.tagger import default_tagger

KINDS = {"treatment", "body-part"}

MEANINGS = [
    # (name as the vocabulary writes it, a heading that means it, a heading that does not)
    ("imaging", "Advanced imaging of the knee", "Imaging guidance"),
    ("scan", "Scan of the hip", "Bladder scan"),
    ("MRA", "MRA of the neck", "MRA arthrogram"),
    ("CT", "Head CT", "Norco, 60 ct"),
    ("ultrasound", "Ultrasound of the knee", "Ultrasound guided injection"),
    ("U/S", "U/S of the left calf", "U/S guided block"),
    ("PET", "PET, whole body", "PET therapy for anxiety"),
    ("hematology", "Hematology, routine", "Hematology consult"),
    ("hemoglobin", "Hemoglobin and hematocrit", "Hemoglobin A1c"),
    ("glucose", "Glucose, fasting", "Glucose meter"),
    ("range of motion", "Range of motion, shoulder", "PT for range of motion"),
    ("ROM", "ROM and strength", "Hinged ROM knee brace"),
    ("OCT", "OCT of the macula", "Seen on Oct 12"),
    ("pathology", "Surgical pathology", "Speech pathology"),
    ("rehabilitation", "Outpatient rehabilitation 2x6", "Functional rehabilitation program"),
    ("rehab", "Shoulder rehab 2x6", "Inpatient rehab"),
    ("PT", "PT 2x6", "PT/INR"),
    ("mobilization", "Mobilization, 6 visits", "Early mobilization after casting"),
    ("whirlpool", "Whirlpool, 6 visits", "Whirlpool tub"),
    ("laser", "Laser, 6 sessions", "Laser eye surgery"),
    ("HEP", "HEP instruction", "Hep C antibody"),
    ("manipulations", "Manipulations x 6", "Manipulations under anesthesia"),
    ("manipulation", "Manipulation x 6", "Manipulation of the knee under anesthesia"),
    ("shot", "Shot in the hip", "Long shot"),
    ("block", "Block at L4", "Building blocks"),
    ("epidural", "Epidural at L4-5", "Epidural hematoma"),
    ("interlaminar", "Interlaminar L4-5", "Interlaminar decompression"),
    ("cortisone", "Cortisone, left knee", "Cortisone 25 mg"),
    ("trigger point", "Trigger points x 3", "Trigger point massage"),
    ("surgical", "Surgical correction", "Non-surgical spinal decompression"),
    ("repair", "Repair of the nerve", "Wheelchair repair"),
    ("reconstruction", "Reconstruction of the pulley", "Reconstruction CT"),
    ("release", "Release of the scar", "Oxycodone extended release tablets"),
    ("removal", "Removal of the mass", "Removal of sutures"),
    ("drainage", "Drainage of the abscess", "Lymphatic drainage"),
    ("RFA", "RFA at L4-5", "RFA form dated 3/4/2016"),
    ("ablation", "Ablation of the nerve", "Alcohol ablation of the neuroma"),
    ("neurostimulator", "Neurostimulator, 4 treatments", "Neurostimulator programming"),
    ("fusion", "L4-5 fusion", "Wrist fusion"),
    ("spinal decompression", "Spinal decompression at L4-5", "Spinal decompression sessions"),
    ("decompression", "Decompression at L4-5", "Decompression table"),
    ("debridement", "Debridement of the joint", "Nail debridement"),
    ("scope", "Scope of the knee", "Broad scope of records"),
    ("SLAP", "Right SLAP", "MRI for SLAP tear"),
    ("flap", "Rotation flap", "Flap valve"),
    ("plastic surgery", "Plastic surgery of the ear", "Plastic surgery consult"),
    ("colostomy", "Colostomy", "Colostomy bags"),
    ("tracheostomy", "Tracheostomy", "Tracheostomy supplies"),
    ("vascular surgery", "Vascular surgery of the leg", "Vascular surgery consult"),
    ("oral surgery", "Oral surgery", "Oral surgery consult"),
    ("extraction", "Extraction of four molars", "Cataract extraction"),
    ("LOS", "LOS two days", "Clinic in Los Angeles"),
    ("hospital", "In hospital", "Hospital bed"),
    ("facility", "Facility", "Skilled nursing facility"),
    ("nerve stimulator", "Nerve stimulator unit", "Peripheral nerve stimulator"),
    ("stimulator", "Home stimulator", "Bone growth stimulator"),
    ("stimulation", "Stimulation, 6 visits", "Spinal cord stimulation"),
    ("PENS", "PENS, 4 treatments", "Insulin pens #5"),
    ("battery", "Battery for the stimulator", "Battery of psychological tests"),
    ("charger", "Charger for the unit", "Wheelchair charger"),
    ("supplies", "Supplies for the wound", "Supplies refill"),
    ("strap", "Shoulder strap", "Kinesio strap"),
    ("sleeve", "Sleeve for the stump", "Sleeve gastrectomy"),
    ("support", "Ankle and heel support", "Family support"),
    ("tool", "Long handled tool", "Screening tool assessment"),
    ("computer", "Computer", "Computer navigation"),
    ("oxygen", "Oxygen at night", "Hyperbaric oxygen"),
    ("pads", "Waterproof pads", "TENS pads"),
    ("lift", "Ceiling lift", "Heel lift"),
    ("braces", "Braces for both knees", "Dental braces"),
    ("boot", "Boot for the left ankle", "Work boot"),
    ("splints", "Finger splints", "Shin splints"),
    ("collar", "Collar, soft", "Collar bone x-ray"),
    ("PMD", "PMD with joystick", "PMD follow up"),
    ("shoe", "Shoe with rocker", "Shoe size 10"),
    ("ice", "Ice for home", "Ice machine"),
    ("chair", "Chair for the shower", "Rotary chair"),
    ("weights", "Set of weights", "Ankle weights"),
    ("pulley", "Pulley for the door", "A1 pulley release"),
    ("scale", "Scale", "Scale back of Norco"),
    ("spacer", "Spacer for the inhaler", "Toe spacer"),
    ("psychological", "Psychological help", "Psychological clearance"),
    ("psychiatric", "Psychiatric help", "Psychiatric clearance"),
    ("relaxation", "Relaxation, 6 sessions", "Relaxation of muscle"),
    ("skilled nursing", "Skilled nursing", "Skilled nursing facility"),
    ("nurse", "Nurse, daily", "Nurse case manager"),
    ("nursing", "Nursing, daily", "Nursing home"),
    ("aide", "Aide 4 hours a day", "Teacher aide"),
    ("program", "Headache relief program", "Exercise program"),
    ("weight loss", "Weight loss for six months", "Weight loss medication"),
    ("education", "Education on pain", "Patient education"),
    ("training", "Posture training", "Gait training"),
    ("surgeons", "Panel of surgeons", "Assistant surgeons"),
    ("orthopaedic", "Orthopaedic second look", "Orthopaedic mattress"),
    ("orthopedic", "Orthopedic for the knee", "Orthopedic shoes"),
    ("neurological", "Neurological opinion", "Neurological rehabilitation"),
    ("audiology", "Audiology", "Audiology testing"),
    ("physician", "Physician", "Physician assistant"),
    ("driver", "Driver", "Driver rehabilitation"),
    ("interpretation", "Interpretation in Spanish", "Interpretation of MRI"),
    ("generator", "Generator for the home", "Implantable pulse generator"),
    ("furniture", "Furniture", "Ergonomic furniture"),
    ("van", "Van", "Gurney van"),
    ("car", "Car with ramp", "Car seat cushion"),
    ("ergonomic", "Ergonomic visit", "Ergonomic training"),
    ("head", "MRI of the head", "Core decompression of the femoral head"),
    ("face", "Repair of the face", "Full face mask"),
    ("nasal", "Nasal surgery", "Nasal spray"),
    ("sinus", "CT of the sinus", "Injection of the sinus tarsi"),
    ("eye", "Eye exam", "Eye movement desensitization"),
    ("ophthalmic", "Ophthalmic artery ultrasound", "Ophthalmic solution"),
    ("neck", "Neck pillow", "Pinning of the femoral neck"),
    ("cervical", "Cervical MRI", "Cervical cancer test"),
    ("thoracic", "Thoracic MRI", "Thoracic outlet decompression"),
    ("back", "Back brace", "Return to clinic, coming back"),
    ("spine", "Spine x-ray", "Spine surgeon consult"),
    ("spinal", "Spinal x-ray", "Spinal cord stimulator"),
    ("SI", "SI, left", "Silicone sheet"),
    ("shoulder", "Shoulder MRI", "Shoulder surgeon consult"),
    ("arm", "Arm sling", "C-arm fluoroscopy"),
    ("elbow", "Elbow MRI", "Elbow crutches"),
    ("hand", "Hand splint", "Hand therapy"),
    ("leg", "Leg length x-ray", "Elevating leg rests"),
    ("thigh", "Thigh MRI", "Thigh high stockings"),
    ("knee", "Knee MRI", "Knee scooter"),
    ("foot", "AFO for foot drop", "Referral to foot and ankle specialist"),
    ("feet", "X-ray of both feet", "Ramp of 20 feet"),
]

RULED = {
    (mention.concept.kind, mention.text)
    for mention in load().mentions
    if mention.concept.kind in KINDS
    and (guard := mention.guard)
    and (guard.unless_after or guard.unless_before or guard.only_after or guard.only_before)
}
"""Names that the words beside them make count or not."""


def ruled_names(heading: str) -> set[str]:
    found = explain(heading, default_tagger(), "heading").counted
    return {name for tag in found for name in tag.names if (tag.kind, name) in RULED}


@pytest.mark.parametrize(("name", "meant"), [(name, meant) for name, meant, _ in MEANINGS])
def test_a_name_is_found_where_it_is_meant(name: str, meant: str) -> None:
    assert name in ruled_names(meant)


@pytest.mark.parametrize(("name", "other"), [(name, other) for name, _, other in MEANINGS])
def test_a_name_is_not_found_where_something_else_is_meant(name: str, other: str) -> None:
    assert name not in ruled_names(other)


def test_every_name_with_such_rules_has_both_headings() -> None:
    """A rule is worth what its two headings show; a name without them is added above."""
    assert {name for _, name in RULED} == {name for name, _, _ in MEANINGS}
