"""Reads the words of a command line, as the table of commands says."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from . import help
from .arguments import Argument, Command
from .commands import COMMANDS
from .fault import Fault

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

__all__ = ["read"]


def read(words: Sequence[str]) -> tuple[Command, argparse.Namespace]:
    """The command and its arguments. Options that were not given are ``None``, empty or ``False``.

    Raises:
        Fault: The words make no sense.
        SystemExit: The help of a command was printed.
    """
    named = {command.name: command for command in COMMANDS}
    if not words:
        raise Fault("no command is given", "`regconf --help` lists them")
    command = named.get(words[0])
    if command is None:
        raise Fault(f"{words[0]!r} is no command", _nearest(words[0], list(named)))
    parser = _Parser(command)
    for argument in command.arguments:
        if "--help" not in argument.names:
            parser.add_argument(*argument.names, **_keywords(argument))
    return command, parser.parse_args(words[1:])


def _nearest(word: str, names: list[str]) -> str:
    near = difflib.get_close_matches(word, names, 1)
    return f"did you mean `regconf {near[0]}`?" if near else "`regconf --help` lists them"


class _Parser(argparse.ArgumentParser):
    """A parser with a help text of its own, whose errors are raised."""

    def __init__(self, command: Command) -> None:
        super().__init__(f"regconf {command.name}", allow_abbrev=False)
        self._command = command

    def format_help(self) -> str:
        return help.of_command(self._command)

    def print_help(self, file: SupportsWrite[str] | None = None) -> None:
        super().print_help(file)
        # So that a reader who is gone is noticed here.
        sys.stdout.flush()

    def error(self, message: str) -> NoReturn:
        raise Fault(message, f"see `regconf {self._command.name} --help`")


def _keywords(argument: Argument) -> dict[str, Any]:
    if not argument.metavar:
        return {"action": "store_true"}
    keywords: dict[str, Any] = {"metavar": argument.metavar, "type": argument.read}
    if argument.values:
        keywords["choices"] = argument.values
    if argument.repeats:
        keywords |= {"action": "append", "default": []}
    if argument.is_optional:
        keywords["nargs"] = "?"
    return keywords
