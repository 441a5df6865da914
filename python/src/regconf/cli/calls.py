"""Calls of the library as the command line says, with progress shown meanwhile."""

from __future__ import annotations

import signal
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

from .. import _regconf, progress
from .._regconf import Node, Report, Rollout, Settings
from .fault import Interrupted

if TYPE_CHECKING:
    from ..progress import Style
    from ..types import Event

__all__ = ["apply", "push", "survey"]

#: The keywords that have an option of the same name.
_KEYWORDS = (
    "parallel",
    "parallel_apply",
    "canary",
    "batch",
    "control_plane_batch",
    "pause",
    "max_failures",
    "unreachable",
    "journal",
    "connect_timeout",
    "deadline",
    "dry_run",
    "verify_pull",
    "probe",
)


def survey(nodes: Sequence[Node], settings: Settings, arguments: Namespace) -> Rollout:
    """Finds out what there is to do.

    Raises:
        Interrupted: Somebody pressed Ctrl-C.
    """
    with _heard(arguments, len(nodes)) as call:
        rollout = _regconf.survey(nodes, settings, **_options(arguments), **call.keywords)
        call.report = rollout.report
    return rollout


def push(nodes: Sequence[Node], settings: Settings, arguments: Namespace) -> Report:
    """Makes the nodes as wanted.

    Raises:
        Interrupted: Somebody pressed Ctrl-C.
    """
    with _heard(arguments, len(nodes)) as call:
        call.report = report = _regconf.push(nodes, settings, **_options(arguments), **call.keywords)
    return report


def apply(rollout: Rollout, arguments: Namespace) -> Report:
    """Carries plans out.

    Raises:
        Interrupted: Somebody pressed Ctrl-C.
    """
    with _heard(arguments, len(rollout.report)) as call:
        call.report = report = rollout.apply(**_options(arguments), **call.keywords)
    return report


def _options(arguments: Namespace) -> dict[str, Any]:
    """The keywords of a call, but for ``on_event`` and ``cancel``: those that were given."""
    given = {name: getattr(arguments, name, None) for name in _KEYWORDS}
    # 0 is a value, too.
    keywords = {
        name: value for name, value in given.items() if value is not None and value is not False and value != []
    }
    return keywords | ({"assume": dict(arguments.assume)} if arguments.assume else {})


@dataclass
class _Call:
    """A call that is under way."""

    #: By which it is heard.
    keywords: dict[str, Any]
    #: What it has given.
    report: Report | None = None


@contextmanager
def _heard(arguments: Namespace, total: int) -> Iterator[_Call]:
    """Shows the progress of the call that is made meanwhile.

    Raises:
        Interrupted: Somebody pressed Ctrl-C.
    """
    # Events on standard error take the place of progress.
    usual: Style = "none" if arguments.events == "-" else "auto"
    style: Style = arguments.progress or usual
    call = _Call({})
    try:
        with _log(arguments.events) as log, progress.shown(total, style) as show:
            call.keywords = {"on_event": _both(show, log)}
            yield call
    except KeyboardInterrupt as interrupt:
        # Who presses it once more while it is told what was done shall still be told.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise Interrupted(call.report or getattr(interrupt, "report", None)) from None


def _both(show: Callable[[Event], object], log: TextIO | None) -> Callable[[Event], None]:
    def hear(event: Event) -> None:
        if log is not None:
            log.write(f"{event.to_json()}\n")
            log.flush()
        show(event)

    return hear


@contextmanager
def _log(path: str | None) -> Iterator[TextIO | None]:
    """A file for events, ``-`` for standard error."""
    if path is None or path == "-":
        yield sys.stderr if path else None
        return
    # Of a survey and what follows it.
    with open(path, "a", encoding="utf-8") as file:
        yield file
