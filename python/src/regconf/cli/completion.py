"""``regconf completion``: a script for a shell."""

from __future__ import annotations

import sys
from argparse import Namespace

from . import output
from .commands import COMMANDS
from .shells import bash, fish, zsh

__all__ = ["run"]

_SHELLS = {"bash": bash, "zsh": zsh, "fish": fish}


def run(arguments: Namespace) -> int:
    """Carries the command out and gives the exit code."""
    sys.stdout.write(_SHELLS[arguments.shell].script(COMMANDS))
    sys.stdout.flush()
    return output.WELL
