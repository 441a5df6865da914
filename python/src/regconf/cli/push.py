"""``regconf push``: nodes made as the settings say."""

from __future__ import annotations

from argparse import Namespace

from . import confirm, deliver, nodes, output

__all__ = ["run"]


def run(arguments: Namespace) -> int:
    """Carries the command out and gives the exit code."""
    targets, settings = nodes.targets(arguments)
    report, is_done = confirm.push(targets, settings, arguments)
    if is_done:
        deliver.show(report, arguments)
    else:
        output.say("regconf: nothing was changed")
    return output.ending(report)
