"""``regconf report``: a report that was written earlier."""

from __future__ import annotations

from argparse import Namespace

from .. import html
from .._regconf import Report
from ..errors import Error
from . import deliver, output

__all__ = ["run"]


def run(arguments: Namespace) -> int:
    """Carries the command out and gives the exit code."""
    report = _read(arguments.file)
    arguments.report = None
    if not arguments.html or arguments.json:
        deliver.show(report, arguments)
    else:
        output.write(arguments.html, html.page(report))
    return output.WELL


def _read(path: str) -> Report:
    text = output.read(path)
    try:
        return Report.from_json(text)
    except Error as error:
        error.path = error.path or path
        raise
