"""What can go wrong before a node answers; every message says what to do."""

from __future__ import annotations


class NodeError(Exception):
    """The root of this package's errors."""


class MissingToolError(NodeError):
    """A program this machine lacks (a JDK, `mvn`): a reason to skip, not a fault."""


class AssemblyError(NodeError):
    """The home could not be fetched or put together."""


class StartError(NodeError):
    """The process ended or did not answer in time; carries the end of its log."""
