"""An index on a cluster, open for reading, see `imr.engines.protocol.Index`."""

from __future__ import annotations

from imr.engines.opensearch.cluster import Cluster
from imr.engines.opensearch.engine import OpenSearchEngine
from imr.engines.signature import Signature


class OpenSearchIndex:
    """An index on a cluster, whose generations may take each other's place."""

    def __init__(self, cluster: Cluster) -> None:
        """Nothing is asked yet."""
        self._cluster = cluster
        self._signatures: dict[str, Signature] = {}

    def current(self) -> OpenSearchEngine:
        """The generation that is live now, for one search: all its answers are of that one.

        Raises:
            IndexMissingError: there is none; IndexMismatchError: another version built it.
        """
        live = self._cluster.at(self._cluster.generation())
        engine = OpenSearchEngine(live, self._signatures.get(live.index))
        self._signatures = {live.index: engine.signature}
        return engine
