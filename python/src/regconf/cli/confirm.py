"""Asking before nodes are changed."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence

from .. import summary
from .._regconf import Node, Report, Settings
from ..terminal import BOLD, is_terminal
from . import calls, output

__all__ = ["push"]


def push(nodes: Sequence[Node], settings: Settings, arguments: Namespace) -> tuple[Report, bool]:
    """Makes nodes as wanted; at a terminal it shows first what that means, and asks.

    Gives the report, and whether it was carried out. What was shown is what is written: a file that changes meanwhile
    stops its node.
    """
    if arguments.yes or arguments.dry_run or not _may_ask():
        return calls.push(nodes, settings, arguments), True
    rollout = calls.survey(nodes, settings, arguments)
    pending = sum(node.outcome == "pending" for node in rollout.report)
    if pending and not _is_granted(rollout.report, pending):
        return rollout.report, False
    return calls.apply(rollout, arguments), True


def _may_ask() -> bool:
    return sys.stdin.isatty() and is_terminal(sys.stderr)


def _is_granted(report: Report, pending: int) -> bool:
    paint = output.paint(sys.stderr)
    output.lines([*summary.diffs(report, paint), *summary.remarks(report, paint)], sys.stderr)
    output.lines(summary.ending(report, paint), sys.stderr)
    many = "this node" if pending == 1 else f"these {pending} nodes"
    sys.stderr.write(paint(BOLD, f"Change {many}? [y/N] "))
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
