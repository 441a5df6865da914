"""The command line: ``regconf``, or ``python -m regconf``. ``regconf --help`` tells all."""

from __future__ import annotations

import importlib
import json
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence

from .. import __version__
from ..errors import Error, InvalidArgumentError
from . import help, output, parser
from .arguments import Command
from .fault import Fault, Interrupted, Told

__all__ = ["main"]


def main(words: Sequence[str] | None = None) -> int:
    """Carries out a command line, that of this process if none is given, and gives the exit code.

    0: all is as wanted; 1: some node failed; 2: wrong usage or settings, or a config that cannot be merged; 3: changes
    are pending; 130: interrupted.
    """
    words = sys.argv[1:] if words is None else words
    try:
        return _run(words)
    except BrokenPipeError:
        # Who read has enough. What is left in buffers must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except KeyboardInterrupt:
        output.say("regconf: interrupted")
        return output.INTERRUPTED


def _run(words: Sequence[str]) -> int:
    if len(words) == 2 and words[0] == "help":
        words = [words[1], "--help"]
    if words and words[0] in ("-h", "--help", "help"):
        return _print(help.of_program(__version__))
    if words and words[0] == "--version":
        return _print(f"regconf {__version__}\n")
    as_json = "--json" in words
    try:
        return _carry_out(*parser.read(words))
    except Error as wrong:
        return _failed(wrong, as_json)
    except Fault as fault:
        return _failed(InvalidArgumentError(str(fault), hint=fault.hint), as_json)
    except Told:
        return output.UNUSABLE
    except BrokenPipeError:
        raise
    except OSError as wrong:
        return _failed(output.of_system(wrong), as_json)


def _carry_out(command: Command, arguments: Namespace) -> int:
    run: Callable[[Namespace], int] = importlib.import_module(f"{__name__}.{command.module}").run
    try:
        return run(arguments)
    except Interrupted as interrupted:
        # Imported late, as the commands are: most of the time goes into imports.
        from . import deliver

        return deliver.interrupted(interrupted.report, arguments)


def _print(text: str) -> int:
    sys.stdout.write(text)
    sys.stdout.flush()
    return output.WELL


def _failed(wrong: Error, as_json: bool) -> int:
    """Programs get the error as JSON, too."""
    output.error(wrong)
    if as_json:
        _print(json.dumps({"error": json.loads(wrong.to_json())}, indent=2) + "\n")
    return output.UNUSABLE
