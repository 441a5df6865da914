"""A report as text for people: each change once, then what there is to know, then how it ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from . import grouping, terminal
from .folding import folded
from .terminal import BOLD, DIM, GREEN, RED, YELLOW, Paint

if TYPE_CHECKING:
    from ._regconf import NodeReport, Report

__all__ = ["diffs", "ending", "remarks"]


def diffs(report: Report, paint: Paint) -> Iterator[str]:
    """Each change once, below the nodes that have it."""
    changes = grouping.where(report.nodes, _change)
    for (diff, activations), nodes in changes.items():
        ends = grouping.sums(nodes).items()
        heads = [f"{terminal.spelled(outcome)}: {_names(members)}" for outcome, members in ends]
        yield paint(BOLD, f"==> {'; '.join(heads)}")
        yield from (paint.diff(line) for line in diff.splitlines())
        yield from (paint(BOLD, f"{action} {unit}") for action, unit in activations)
        yield ""


def remarks(report: Report, paint: Paint) -> Iterator[str]:
    """Notes, pulls and what registries' addresses answer, each once."""
    yield from _titled("notes", _notes(report.nodes, paint), paint)
    yield from _titled("pulls", _pulls(report.nodes, paint), paint)
    yield from _titled("registries, as the nodes see them", _probes(report.nodes, paint), paint)


def ending(report: Report, paint: Paint) -> Iterator[str]:
    """The nodes of each outcome, why some failed and what to do, and the sums."""
    ends = grouping.sums(report.nodes)
    wide = max((len(str(len(nodes))) for nodes in ends.values()), default=1)
    failures = grouping.failures(report.nodes)
    # What needs a person stands last, where the eye is.
    for outcome, nodes in reversed(ends.items()):
        if len(ends) == 1 and not failures and not any(node.resumed for node in nodes):
            break
        count = paint.outcome(outcome, f"{len(nodes):{wide}} {terminal.spelled(outcome):11}")
        yield f"{count}  {_shown(nodes, paint)}{_resumed(nodes, paint)}"
        for failure, members in failures.items():
            if failure.outcome == outcome:
                yield from _why(failure, members, nodes, paint)
    if report.stopped is not None:
        text, hint = grouping.said(report.stopped)
        yield from _error(f"stopped: {text}", hint, RED, paint)
    yield _sum(report, paint)


def _change(node: NodeReport) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    activations = tuple((activation.action, activation.unit) for activation in node.activations)
    return [(node.diff, activations)] if node.diff or activations else []


def _names(nodes: Iterable[NodeReport], limit: int = 0) -> str:
    return folded((terminal.harmless(node.name) for node in nodes), limit)


def _shown(nodes: list[NodeReport], paint: Paint) -> str:
    return paint("", _names(nodes, limit=12))


def _resumed(nodes: list[NodeReport], paint: Paint) -> str:
    count = sum(node.resumed for node in nodes)
    return paint(DIM, f" ({count} done before, as the journal says)") if count else ""


def _why(
    failure: grouping.Failure, members: list[NodeReport], all_of_outcome: list[NodeReport], paint: Paint
) -> Iterator[str]:
    who = "" if len(members) == len(all_of_outcome) else f"{_names(members, limit=12)}: "
    colour = DIM if failure.is_tolerated or failure.outcome == "not_tried" else RED
    yield from _error(who + failure.text, failure.hint, colour, paint)


def _error(text: str, hint: str | None, colour: str, paint: Paint) -> Iterator[str]:
    yield from (f"    {paint(colour, line)}" for line in text.splitlines())
    if hint:
        yield from (f"    {paint(YELLOW, line)}" for line in f"hint: {hint}".splitlines())


def _sum(report: Report, paint: Paint) -> str:
    ends = grouping.sums(report.nodes)
    sums = ", ".join(paint.outcome(outcome, f"{len(of)} {terminal.spelled(outcome)}") for outcome, of in ends.items())
    count = len(report.nodes)
    return f"{paint(BOLD, f'{count} node' if count == 1 else f'{count} nodes')}: {sums or 'nothing was done'}"


def _titled(title: str, lines: Iterable[str], paint: Paint) -> Iterator[str]:
    for number, line in enumerate(lines):
        if number == 0:
            yield paint(BOLD, title)
        yield f"  {line}"


def _notes(nodes: Iterable[NodeReport], paint: Paint) -> Iterator[str]:
    for note, members in grouping.notes(nodes).items():
        yield f"{paint(DIM, _names(members, limit=12) + ':')} {paint('', note)}"


def _pulls(nodes: Iterable[NodeReport], paint: Paint) -> Iterator[str]:
    for (engine, image, passed, text), members in grouping.pulls(nodes).items():
        verdict = (
            paint(GREEN, f"{engine} has pulled {image}") if passed else paint(RED, f"{engine}: no {image}: {text}")
        )
        yield f"{paint(DIM, _names(members, limit=12) + ':')} {verdict}"


def _probes(nodes: Iterable[NodeReport], paint: Paint) -> Iterator[str]:
    for (url, is_usable, text), members in grouping.probes(nodes).items():
        shown = text if url in text else f"{url}: {text}"
        yield f"{paint(DIM, _names(members, limit=12) + ':')} {paint(GREEN if is_usable else RED, shown)}"
