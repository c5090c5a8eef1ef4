"""What a node is told: its settings, its log's shape, its command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.node.loopback import HOST, Ports

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CLUSTER = "imr-tests"

#: Everything goes to the console, which is one file in the node's folder.
_LOGGING = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%c{1.}] %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
# Loaded only because the k-NN plugin extends it, and talkative.
logger.grpc.name = org.opensearch.transport.grpc
logger.grpc.level = warn
"""


def settings(name: str, folder: Path, ports: Ports, peers: Mapping[str, int]) -> dict[str, object]:
    """The settings of a node; `peers` are all nodes' transport ports, empty where it is alone."""
    shared = {
        "cluster.name": CLUSTER,
        "node.name": name,
        "path.data": str(folder / "data"),
        "path.logs": str(folder / "logs"),
        "network.host": HOST,
        "http.port": ports.http,
        "transport.port": ports.transport,
        # A nearly full disk of the machine that runs tests is not what they are about.
        "cluster.routing.allocation.disk.threshold_enabled": False,
    }
    if not peers:
        return {**shared, "discovery.type": "single-node"}
    return {
        **shared,
        "discovery.seed_hosts": [f"{HOST}:{port}" for port in peers.values()],
        "cluster.initial_cluster_manager_nodes": list(peers),
    }


def write(folder: Path, settings: Mapping[str, object]) -> None:
    """Make a node's folder: `config` (the server adds a keystore to it), `logs`, `tmp`.

    JSON values are YAML values, so that no YAML writer is needed.
    """
    for part in ("config", "data", "logs", "tmp"):
        (folder / part).mkdir()
    text = "".join(f"{key}: {json.dumps(value)}\n" for key, value in settings.items())
    (folder / "config" / "opensearch.yml").write_text(text, encoding="utf-8")
    (folder / "config" / "log4j2.properties").write_text(_LOGGING, encoding="ascii")


def command(java: Path, home: Path, folder: Path, heap: str) -> list[str]:
    """The command line that the distribution's shell script would come to, made lighter."""
    return [
        str(java),
        "-Xms256m",
        f"-Xmx{heap}",
        # One collector thread: several nodes and the tests share few cores.
        "-XX:+UseSerialGC",
        # No statistics file in the system's temporary folder.
        "-XX:-UsePerfData",
        # Lucene's vector arithmetic; without it k-NN is several times slower.
        "--add-modules=jdk.incubator.vector",
        "--enable-native-access=ALL-UNNAMED",
        "-Djava.awt.headless=true",
        # As in the distribution: the server closes its log itself, after its shards.
        "-Dlog4j.shutdownHookEnabled=false",
        "-Dlog4j2.disable.jmx=true",
        "-Dio.netty.noUnsafe=true",
        "-Djna.nosys=true",
        f"-Djava.io.tmpdir={folder / 'tmp'}",
        f"-XX:ErrorFile={folder / 'logs' / 'crash-%p.log'}",
        f"-Dopensearch.path.home={home}",
        f"-Dopensearch.path.conf={folder / 'config'}",
        "-cp",
        str(home / "lib" / "*"),
        "org.opensearch.bootstrap.OpenSearch",
    ]


def environment(folder: Path) -> dict[str, str]:
    """Nothing of the caller's: JAVA_TOOL_OPTIONS and the like would change the node."""
    return {"HOME": str(folder), "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"}
