"""``regconf status``: which nodes have drifted."""

from __future__ import annotations

from argparse import Namespace

from . import calls, deliver, nodes, output

__all__ = ["run"]


def run(arguments: Namespace) -> int:
    """Carries the command out and gives the exit code."""
    targets, settings = nodes.targets(arguments)
    report = calls.survey(targets, settings, arguments).report
    deliver.show(report, arguments)
    return output.ending(report)
