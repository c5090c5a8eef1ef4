"""Examples shown in the OpenAPI description."""

from __future__ import annotations

from typing import Any

DETERMINATION_ID = "CM16-0000042"
DECISION_ID = "CM16-0000042.1"

SEARCH_EXAMPLES: dict[str, Any] = {
    "drug": {"summary": "A drug by its brand", "value": "norco"},
    "reason": {
        "summary": "A reason in plain words",
        "value": "spinal cord stimulator after failed conservative care",
    },
    "phrase": {
        "summary": "A phrase, without physical therapy",
        "value": '"functional improvement" -"physical therapy"',
    },
    "operators": {
        "summary": "Either of two treatments, of patients past 40, decided since 2016",
        "value": "(acupunct* OR chiropractic) AND age:>40 decided:[2016-01-01 TO *]",
    },
}

SUGGEST_EXAMPLES = ("norc", "low bakc", "CM16-00")

EXPORT_COLUMNS = "id,decided,outcome,request,citation"

GUIDELINE_ID = "mtus-chronic-pain-medical-treatment"

ALERT_NAME = "stimulators"
