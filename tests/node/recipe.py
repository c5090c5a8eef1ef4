"""What an OpenSearch home is made of: pinned artifacts, as data.

No distribution is published on Maven Central, but everything in it is: the
server's jars, each bundled module as an artifact of its own, and the k-NN plugin
as the very zip that `opensearch-plugin` installs. The jars of a module are its
runtime dependencies less those the server has already, since OpenSearch refuses
to start where a class comes twice ("jar hell").
"""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass

VERSION = "3.6.0"

#: Raise when the way of assembling changes without a change of the data below.
LAYOUT = 2

MAVEN_GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"


@dataclass(frozen=True)
class Artifact:
    """Maven coordinates, pinned."""

    group: str
    name: str
    version: str = VERSION
    type: str = "jar"


@dataclass(frozen=True)
class Module:
    """One folder of `modules/`: an artifact and the class the server loads from it."""

    name: str
    artifact: Artifact
    classname: str
    extended: tuple[str, ...] = ()


SERVER = (
    Artifact("org.opensearch", "opensearch"),
    Artifact("org.opensearch", "opensearch-plugin-classloader"),
    Artifact("org.opensearch", "opensearch-agent-bootstrap"),
    # Optional in the server's own pom, needed all the same.
    Artifact("org.apache.logging.log4j", "log4j-core", "2.25.3"),
    Artifact("net.java.dev.jna", "jna", "5.16.0"),
    Artifact("org.locationtech.spatial4j", "spatial4j", "0.7"),
    Artifact("org.locationtech.jts", "jts-core", "1.20.0"),
)

_PLUGINS = "org.opensearch.plugin"

MODULES = (
    Module(
        "transport-netty4",
        Artifact(_PLUGINS, "transport-netty4-client"),
        "org.opensearch.transport.Netty4ModulePlugin",
    ),
    Module(
        "analysis-common",
        Artifact(_PLUGINS, "analysis-common"),
        "org.opensearch.analysis.common.CommonAnalysisModulePlugin",
    ),
    Module(
        "lang-painless",
        Artifact(_PLUGINS, "lang-painless"),
        "org.opensearch.painless.PainlessModulePlugin",
    ),
    Module(
        "mapper-extras",
        Artifact(_PLUGINS, "mapper-extras-client"),
        "org.opensearch.index.mapper.MapperExtrasModulePlugin",
    ),
    Module(
        "reindex",
        Artifact(_PLUGINS, "reindex-client"),
        "org.opensearch.index.reindex.ReindexModulePlugin",
    ),
    # Nothing here speaks gRPC; the k-NN plugin extends this module and won't load without it.
    Module(
        "transport-grpc",
        Artifact(_PLUGINS, "transport-grpc"),
        "org.opensearch.transport.grpc.GrpcPlugin",
    ),
)

KNN = Artifact(_PLUGINS, "opensearch-knn", "3.6.0.0", "zip")

#: Maven Central holds no checksum beside this zip, so that `mvn -C` refuses it:
#: it is fetched without `-C` and checked against this instead.
KNN_SHA256 = "ac392ca28a39b3bf290648a422ef30cb149dda2963a9d7feb26060e932341c9a"


def fingerprint() -> str:
    """A hash of everything a home depends on: another recipe, another home."""
    parts = [
        str(LAYOUT),
        MAVEN_GOAL,
        KNN_SHA256,
        *(repr(astuple(part)) for part in (*SERVER, *MODULES, KNN)),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def pom(name: str, artifacts: tuple[Artifact, ...]) -> str:
    """A project whose only content is its dependencies."""
    dependencies = "".join(
        f"<dependency><groupId>{a.group}</groupId><artifactId>{a.name}</artifactId>"
        f"<version>{a.version}</version><type>{a.type}</type></dependency>"
        for a in artifacts
    )
    return _project(name, f"<dependencies>{dependencies}</dependencies>")


def aggregate_pom(names: list[str]) -> str:
    """A project over the projects `names`, so that one `mvn` resolves them all."""
    modules = "".join(f"<module>{name}</module>" for name in names)
    return _project("home", f"<modules>{modules}</modules>")


def _project(name: str, content: str) -> str:
    return (
        '<project xmlns="http://maven.apache.org/POM/4.0.0">'
        "<modelVersion>4.0.0</modelVersion><groupId>imr-precedents.tests</groupId>"
        f"<artifactId>{name}</artifactId><version>1</version><packaging>pom</packaging>"
        f"{content}</project>\n"
    )


def descriptor(module: Module) -> str:
    """The `plugin-descriptor.properties` that a distribution would carry for a module."""
    lines = {
        "name": module.name,
        "description": module.name,
        "version": VERSION,
        "opensearch.version": VERSION,
        "java.version": "21",
        "classname": module.classname,
        "extended.plugins": ",".join(module.extended),
        "has.native.controller": "false",
    }
    return "".join(f"{key}={value}\n" for key, value in lines.items())
