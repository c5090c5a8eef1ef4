"""Stage 6: the facts that need the vocabularies: what is requested, the patient's conditions."""

from __future__ import annotations

from imr.model import Patient
from imr.text.taxonomy.negation import affirmed
from imr.text.taxonomy.requests import RequestFacts, annotate_request
from imr.text.taxonomy.tagger import default_tagger


def request(text: str) -> RequestFacts:
    """The facts a request's own heading states."""
    return annotate_request(text, default_tagger())


def patient(found: Patient, summary: str) -> Patient:
    """The patient with the conditions that the summary names, each once, in its order.

    What it denies, only suspects, or says of the family is left out.
    """
    tags = affirmed(summary, default_tagger().tag(summary))
    names = dict.fromkeys(tag.label for tag in tags)
    return found.model_copy(update={"conditions": tuple(names)})
