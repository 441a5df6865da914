"""Text for terminals: colours where they are wanted, and nothing that could steer one."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from typing import TextIO

__all__ = ["OUTCOME_COLOURS", "WELL", "Paint", "harmless", "is_terminal", "spelled", "wants_colour", "width"]

BOLD, DIM, RED, GREEN, YELLOW, CYAN = "1", "2", "31", "32", "33", "36"

#: How nodes end when all is as wanted, or would be after what is pending.
WELL = frozenset({"unchanged", "changed", "pending"})

#: The colour of each outcome.
OUTCOME_COLOURS: Mapping[str, str] = {
    "unchanged": GREEN,
    "changed": GREEN,
    "pending": YELLOW,
    "unverified": YELLOW,
    "failed": RED,
    "unreachable": RED,
    "rolled_back": RED,
    "unknown": RED,
    "not_tried": YELLOW,
}

# Control characters but tab, and those that turn the direction of text or are not seen.
_STEERING = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def harmless(text: str) -> str:
    """One line of text in which what could steer a terminal, or deceive who reads it, is ``\\ufffd``.

    What comes from nodes is not trusted.
    """
    return _STEERING.sub("\ufffd", text)


def spelled(outcome: str) -> str:
    """An outcome in words: ``rolled back``."""
    return outcome.replace("_", " ")


def is_terminal(file: TextIO) -> bool:
    """Whether a file is a terminal that can move its cursor."""
    try:
        return file.isatty() and os.environ.get("TERM") != "dumb"
    except ValueError:  # It is closed.
        return False


def wants_colour(file: TextIO) -> bool:
    """Whether a file shall get colours.

    ``NO_COLOR`` says no (https://no-color.org), ``FORCE_COLOR`` says yes unless it is ``0``; else terminals get them.
    """
    if os.environ.get("NO_COLOR"):
        return False
    forced = os.environ.get("FORCE_COLOR")
    return forced != "0" if forced else is_terminal(file)


def width(usual: int = 100) -> int:
    """How many columns text may take: those of the terminal, at most ``usual`` and at least 40."""
    return max(40, min(usual, shutil.get_terminal_size((usual, 24)).columns))


class Paint:
    """Colours text, or leaves it as it is."""

    def __init__(self, is_coloured: bool) -> None:
        self.is_coloured = is_coloured

    def __call__(self, colour: str, text: str) -> str:
        """The text in a colour, such as :data:`RED`; control characters in it are made harmless."""
        text = harmless(text)
        return f"\x1b[{colour}m{text}\x1b[0m" if self.is_coloured and colour and text else text

    def outcome(self, outcome: str, text: str | None = None) -> str:
        """A text, or the outcome itself, in the colour of the outcome."""
        return self(OUTCOME_COLOURS.get(outcome, ""), spelled(outcome) if text is None else text)

    def diff(self, line: str) -> str:
        """A line of a unified diff."""
        if line.startswith(("+++ ", "--- ")):
            return self(BOLD, line)
        return self({"+": GREEN, "-": RED, "@": CYAN}.get(line[:1], ""), line)
