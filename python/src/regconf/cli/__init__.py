"""The command line: ``regconf``, or ``python -m regconf``. ``regconf --help`` tells all."""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from .. import __version__
from ..errors import Error
from . import help, output, parser
from .fault import Fault

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
    if words and words[0] in ("-h", "--help", "help"):
        return _print(help.of_program(__version__))
    if words and words[0] == "--version":
        return _print(f"regconf {__version__}\n")
    as_json = "--json" in words
    try:
        command, arguments = parser.read(words)
        run: Callable[[Any], int] = importlib.import_module(f"{__name__}.{command.module}").run
        return run(arguments)
    except (Error, Fault) as wrong:
        output.error(wrong)
        return _failed(wrong, as_json)
    except BrokenPipeError:
        raise
    except OSError as wrong:
        fault = Fault(f"{wrong.filename}: {wrong.strerror}" if wrong.filename else str(wrong))
        output.error(fault)
        return _failed(fault, as_json)


def _print(text: str) -> int:
    sys.stdout.write(text)
    sys.stdout.flush()
    return output.WELL


def _failed(wrong: Error | Fault, as_json: bool) -> int:
    """Programs get the error as JSON, too."""
    if as_json:
        told = json.loads(wrong.to_json()) if isinstance(wrong, Error) else {"message": str(wrong), "hint": wrong.hint}
        _print(json.dumps({"error": told}, indent=2) + "\n")
    return output.UNUSABLE
