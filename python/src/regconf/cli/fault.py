"""What is wrong with a command line."""

from __future__ import annotations

__all__ = ["Fault", "Told"]


class Fault(Exception):
    """What was wrong, and what to do."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class Told(Exception):
    """Something went wrong that was said already."""
