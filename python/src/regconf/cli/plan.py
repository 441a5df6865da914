"""``regconf plan``: what would be changed."""

from __future__ import annotations

from argparse import Namespace

from .._regconf import Report
from . import calls, deliver, nodes, output, wanted
from .fault import Fault

__all__ = ["run"]


def run(arguments: Namespace) -> int:
    """Carries the command out and gives the exit code."""
    if bool(arguments.root) == nodes.are_given(arguments):
        raise Fault("give either --root DIR or nodes", "nodes are given by --inventory NODES or --node NODE")
    if arguments.root:
        targets, settings = [nodes.rooted(arguments)], wanted.settings(arguments)
    else:
        targets, settings = nodes.targets(arguments)
    report = calls.survey(targets, settings, arguments).report
    deliver.show(report, arguments, only_diffs=True)
    code = of_folder(report) if arguments.root else output.ending(report)
    return output.WELL if code == output.PENDING and not arguments.check else code


def of_folder(report: Report) -> int:
    """The exit code where the one node is a folder: what cannot be merged is told from what failed."""
    error = report[0].error
    return output.UNUSABLE if error and error.kind in output.CANNOT_MERGE else output.ending(report)
