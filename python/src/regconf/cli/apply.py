"""``regconf apply``: a system on this machine made as the settings say."""

from __future__ import annotations

from argparse import Namespace

from . import calls, confirm, deliver, nodes, wanted
from .fault import Fault
from .plan import of_folder

__all__ = ["run"]


def run(arguments: Namespace) -> int:
    """Carries the command out and gives the exit code."""
    if not arguments.root:
        raise Fault("no folder is given", "give --root DIR; --root / is this machine itself")
    settings, node = wanted.settings(arguments), nodes.rooted(arguments)
    if node.root == "/":
        report, _ = confirm.push([node], settings, arguments)
    else:
        report = calls.push([node], settings, arguments)
    deliver.show(report, arguments)
    return of_folder(report)
