"""What a command line may say, as data: the parser, the help and the shells' completion are made from it."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Argument", "Command", "Section", "count", "pair", "seconds"]


@dataclass(frozen=True)
class Argument:
    """An option, or a word without dashes if its one name has none."""

    names: tuple[str, ...]
    #: One sentence for the help.
    help: str
    #: What its value is called; empty for an option without one.
    metavar: str = ""
    #: The only values that it may have.
    values: tuple[str, ...] = ()
    #: What a shell offers where ``values`` are not given.
    completes: Literal["", "file", "folder"] = ""
    repeats: bool = False
    #: Whether a word without dashes may be left out.
    is_optional: bool = False
    #: Makes the value of its text, or raises :class:`argparse.ArgumentTypeError`.
    read: Callable[[str], Any] = str

    @property
    def is_word(self) -> bool:
        """Whether it is known by its place and not by a name."""
        return not self.names[0].startswith("-")

    @property
    def label(self) -> str:
        """Names and value as the help shows them."""
        value = f" {self.value_name}" if self.value_name and not self.is_word else ""
        return (self.value_name if self.is_word else ", ".join(self.names)) + value

    @property
    def value_name(self) -> str:
        """What stands for its value in the help."""
        return "|".join(self.values) if self.values and len(self.values) <= 3 else self.metavar


@dataclass(frozen=True)
class Section:
    """Options that belong together."""

    title: str
    arguments: tuple[Argument, ...]


@dataclass(frozen=True)
class Command:
    """A command of the program. ``regconf.cli.<module>.run`` carries it out and gives the exit code."""

    name: str
    module: str
    #: A few words, in which it begins with a verb.
    summary: str
    #: How it is called, without the program's name.
    usage: tuple[str, ...]
    #: Paragraphs.
    about: tuple[str, ...]
    sections: tuple[Section, ...]
    #: A remark and the command line that it is about.
    examples: tuple[tuple[str, str], ...]
    exit_codes: tuple[tuple[int, str], ...]

    @property
    def arguments(self) -> tuple[Argument, ...]:
        """Those of all sections."""
        return tuple(argument for section in self.sections for argument in section.arguments)


def count(text: str) -> int:
    """Reads a number of nodes."""
    if not (text.isascii() and text.isdigit()):
        raise ArgumentTypeError(f"{text!r} is not a number of nodes")
    return int(text)


def seconds(text: str) -> float:
    """Reads a time in seconds."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1e9:
        raise ArgumentTypeError(f"{text!r} is not a time in seconds")
    return value


def pair(form: str) -> Callable[[str], tuple[str, str]]:
    """A reader of two words with ``=`` between them; ``form`` tells what they are."""

    def read(text: str) -> tuple[str, str]:
        left, sign, right = text.partition("=")
        if not (left and sign and right):
            raise ArgumentTypeError(f"{text!r} is not {form}")
        return left, right

    return read
