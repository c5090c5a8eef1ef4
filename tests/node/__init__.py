"""A real OpenSearch, assembled out of Maven Central and run as a plain process.

Tests of the OpenSearch engine are worth little against a mock, and a container
engine is more than a contributor's machine or a CI runner always has. A JDK and
`mvn` are enough here: `assemble` builds the program once a machine, `Node` and
`cluster` start it on loopback, `fixture` hands its URL to pytest, and
`python -m tests.node` gives a person one to try things on.
"""
