"""`python -m tests.node [--nodes 3]`: an OpenSearch to try things on, until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys

from tests.node.errors import NodeError
from tests.node.process import cluster


def main() -> int:
    """Start, print one URL a line, wait to be interrupted, stop and delete all data."""
    parser = argparse.ArgumentParser(prog="python -m tests.node", description=__doc__)
    parser.add_argument("--nodes", type=int, default=1, help="how many form the cluster")
    parser.add_argument("--heap", default="768m", help="each node's largest heap, as java takes it")
    options = parser.parse_args()
    # An ordinary kill ends it as Ctrl-C does: nodes stopped, folders deleted. (A shell starts
    # background jobs with Ctrl-C ignored, hence both.)
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    try:
        with cluster(options.nodes, heap=options.heap) as nodes:
            for node in nodes:
                print(node.url, flush=True)  # noqa: T201 (a command's output)
            signal.pause()
    except KeyboardInterrupt:
        return 0
    except NodeError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
