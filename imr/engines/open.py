"""Opens the engine a user means: a folder on this machine or a cluster."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from imr.addresses import index_name, nodes
from imr.engines.embedded.index import EmbeddedIndex
from imr.engines.embedded.writer import EmbeddedWriter
from imr.engines.signature import current
from imr.errors import BadQueryError
from imr.settings import Access

if TYPE_CHECKING:
    from imr.engines.opensearch.cluster import Cluster
    from imr.engines.protocol import Index, Writer
    from imr.text.model_spec import ModelSpec


@dataclass(frozen=True, slots=True)
class Place:
    """Where an index is: the cluster's URL and index name where there is one, else the folder.

    `access` says how the cluster is talked to, `shards` of how many a new index is made.

    Raises:
        BadSettingError: the URL or the name can't be meant; nothing was asked yet.
    """

    folder: Path
    url: str | None = field(repr=False)
    name: str
    access: Access = field(default=Access(), repr=False)
    shards: int = 1

    def __post_init__(self) -> None:
        """Refuse what can't be meant."""
        if self.url is not None:
            nodes(self.url)
            index_name(self.name)

    def __str__(self) -> str:
        """The place as people read it."""
        if self.url is None:
            return str(self.folder)
        return f"{','.join(each.shown for each in nodes(self.url))} ({self.name})"


def open_cluster(place: Place) -> Cluster:
    """The cluster; nothing is asked of it yet."""
    # slow to import, and needed only where a cluster is
    from imr.engines.opensearch.cluster import Cluster  # noqa: PLC0415

    if place.url is None:
        raise BadQueryError(f"{place} is no cluster: name one with --url (or IMR_OPENSEARCH_URL)")
    return Cluster(place.url, place.name, place.access)


def open_index(place: Place) -> Index:
    """The index, for reading."""
    if place.url is None:
        return EmbeddedIndex(place.folder)
    from imr.engines.opensearch.index import OpenSearchIndex  # noqa: PLC0415

    return OpenSearchIndex(open_cluster(place))


def open_upkeep(place: Place) -> Writer:
    """The index for changes that embed nothing, whatever model it was built with."""
    stored = open_index(place).current().signature
    signature = current(None).model_copy(update={"model": stored.model})
    if place.url is None:
        return EmbeddedWriter(place.folder, signature)
    from imr.engines.opensearch.writer import OpenSearchWriter  # noqa: PLC0415

    return OpenSearchWriter(open_cluster(place), signature)


Way = Literal["add", "retag", "recreate"]
"""What a load does to an index: add to it, make its tags anew, or build it anew beside it."""


def open_writer(place: Place, spec: ModelSpec | None, way: Way = "add") -> Writer:
    """The index, for one load; made where it does not exist. `spec` None loads without vectors.

    What another taxonomy tagged is opened by `retag`; by `recreate` an empty index, which takes
    the former one's place when the load is done.
    """
    if place.url is None:
        if way == "recreate":
            raise BadQueryError(
                f"--recreate is for a cluster: load into an empty folder instead of {place}"
            )
        return EmbeddedWriter(place.folder, current(spec), retagging=way == "retag")
    from imr.engines.opensearch.writer import OpenSearchWriter  # noqa: PLC0415

    return OpenSearchWriter(open_cluster(place), current(spec), way, shards=place.shards)
