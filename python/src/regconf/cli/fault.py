"""How a command ends when it does not end well."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .._regconf import Report

__all__ = ["Fault", "Interrupted", "Told"]


class Fault(Exception):
    """What is wrong with a command line, and what to do."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class Told(Exception):
    """Something went wrong that was said already."""


class Interrupted(Exception):
    """A call was ended by Ctrl-C; ``report`` has what was done until then, if it came to one."""

    def __init__(self, report: Report | None) -> None:
        super().__init__("interrupted")
        self.report = report
