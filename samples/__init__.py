"""Synthetic letters and the facts they state, for the demo, the tests and scale runs."""

from samples.records import determination, stream
from samples.traits import Traits

__all__ = ["Traits", "determination", "stream"]
