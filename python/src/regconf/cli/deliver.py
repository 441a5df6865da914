"""Reports as files, as JSON and as text."""

from __future__ import annotations

import json
import sys
from argparse import Namespace

from .. import html, summary
from .._regconf import Report
from ..errors import IoError
from . import output
from .fault import Told

__all__ = ["indented", "interrupted", "show"]


def show(report: Report, arguments: Namespace, *, only_diffs: bool = False) -> None:
    """Writes the files that are asked for, and prints the report.

    With ``only_diffs`` standard output gets the diffs alone, and all else goes to standard error.

    Raises:
        Told: A file cannot be written. The report is printed nevertheless, for what was done is done.
    """
    failure = _failure_to_write(report, arguments)
    _print(report, arguments, only_diffs)
    if failure is not None:
        output.error(failure)
        raise Told


def _failure_to_write(report: Report, arguments: Namespace) -> IoError | None:
    try:
        _write(report, arguments)
    except OSError as wrong:
        return output.of_system(wrong)
    return None


def _write(report: Report, arguments: Namespace) -> None:
    if arguments.report:
        output.write(arguments.report, indented(report.to_json()))
    if arguments.html:
        output.write(arguments.html, html.page(report))


def _print(report: Report, arguments: Namespace, only_diffs: bool) -> None:
    if arguments.json:
        output.lines([indented(report.to_json())])
        return
    output.lines(summary.diffs(report, output.paint()))
    rest = sys.stderr if only_diffs else sys.stdout
    colours = output.paint(rest)
    output.lines([*summary.remarks(report, colours), *summary.ending(report, colours)], rest)


def indented(text: str) -> str:
    """JSON for people's eyes, too."""
    return json.dumps(json.loads(text), indent=2, ensure_ascii=False)


def interrupted(report: Report | None, arguments: Namespace) -> int:
    """Tells what was done until somebody pressed Ctrl-C, and gives the exit code."""
    if report is not None:
        show(report, arguments)
    output.say("regconf: interrupted")
    return output.INTERRUPTED
