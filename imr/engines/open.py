"""Opens the engine a user means: a folder on this machine or a cluster."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imr.engines.embedded.index import EmbeddedIndex
from imr.engines.embedded.writer import EmbeddedWriter
from imr.engines.signature import current
from imr.settings import without_secret

if TYPE_CHECKING:
    from imr.engines.protocol import Index, Writer
    from imr.text.model_spec import ModelSpec


@dataclass(frozen=True, slots=True)
class Place:
    """Where an index is: the cluster's URL and index name where there is one, else the folder."""

    folder: Path
    url: str | None
    name: str

    def __str__(self) -> str:
        """The place as people read it."""
        if self.url is None:
            return str(self.folder)
        return f"{without_secret(self.url)} ({self.name})"


def open_index(place: Place) -> Index:
    """The index, for reading."""
    if place.url is None:
        return EmbeddedIndex(place.folder)
    # slow to import, and needed only where a cluster is
    from imr.engines.opensearch.cluster import Cluster  # noqa: PLC0415
    from imr.engines.opensearch.engine import OpenSearchEngine  # noqa: PLC0415

    return OpenSearchEngine(Cluster(place.url, place.name))


def open_upkeep(place: Place) -> Writer:
    """The index for changes that embed nothing, whatever model it was built with."""
    stored = open_index(place).current().signature
    signature = current(None).model_copy(update={"model": stored.model})
    if place.url is None:
        return EmbeddedWriter(place.folder, signature)
    from imr.engines.opensearch.cluster import Cluster  # noqa: PLC0415
    from imr.engines.opensearch.writer import OpenSearchWriter  # noqa: PLC0415

    return OpenSearchWriter(Cluster(place.url, place.name), signature)


def open_writer(place: Place, spec: ModelSpec | None, *, retagging: bool = False) -> Writer:
    """The index, for one load; made where it does not exist. `spec` None loads without vectors.

    `retagging` opens what another taxonomy tagged.
    """
    if place.url is None:
        return EmbeddedWriter(place.folder, current(spec), retagging=retagging)
    from imr.engines.opensearch.cluster import Cluster  # noqa: PLC0415
    from imr.engines.opensearch.writer import OpenSearchWriter  # noqa: PLC0415

    return OpenSearchWriter(Cluster(place.url, place.name), current(spec), retagging=retagging)
