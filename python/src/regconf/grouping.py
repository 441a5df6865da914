"""What many nodes have in common: the same change, the same error, the same note, each told once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from ._regconf import NodeReport
    from .errors import Error
    from .types import Outcome

__all__ = ["Failure", "failures", "notes", "probes", "pulls", "sums", "where"]

Key = TypeVar("Key", bound=Hashable)

#: What stands in for the address of a node where several had the same error.
ADDRESS = "<address>"

#: In which order outcomes are told: what needs a person comes first.
ORDER: tuple[Outcome, ...] = (
    "unknown",
    "rolled_back",
    "failed",
    "unverified",
    "unreachable",
    "not_tried",
    "pending",
    "changed",
    "unchanged",
)


@dataclass(frozen=True)
class Failure:
    """How nodes ended, and why."""

    outcome: Outcome
    #: What was wrong and where, with :data:`ADDRESS` for what differs between the nodes.
    text: str
    #: What to do about it.
    hint: str | None
    #: Whether all is well although they ended so, as nodes that may be unreachable.
    is_tolerated: bool


def where(nodes: Iterable[NodeReport], keys: Callable[[NodeReport], Iterable[Key]]) -> dict[Key, list[NodeReport]]:
    """Which nodes have each key. Keys and nodes stand in the order in which they come."""
    found: dict[Key, list[NodeReport]] = {}
    for node in nodes:
        for key in dict.fromkeys(keys(node)):
            found.setdefault(key, []).append(node)
    return found


def sums(nodes: Iterable[NodeReport]) -> dict[Outcome, list[NodeReport]]:
    """The nodes of each outcome, what needs a person first."""
    found = where(nodes, lambda node: [node.outcome])
    return {outcome: found.pop(outcome) for outcome in ORDER if outcome in found} | found


def failures(nodes: Iterable[NodeReport]) -> dict[Failure, list[NodeReport]]:
    """Nodes with an error, those together that had the same but for their own address, what needs a person first."""
    found = where(nodes, _failure)
    named = {_named(failure, members): members for failure, members in found.items()}
    return dict(sorted(named.items(), key=lambda item: _place(item[0].outcome)))


def notes(nodes: Iterable[NodeReport]) -> dict[str, list[NodeReport]]:
    """What the plans note, as text, and the nodes of which it is said."""
    return where(nodes, lambda node: [_note(n.engine, n.host and str(n.host), n.text) for n in node.notes])


def pulls(nodes: Iterable[NodeReport]) -> dict[tuple[str, str, bool, str], list[NodeReport]]:
    """Pulls by engine, image, whether they passed, and what was said when they did not."""
    return where(nodes, lambda node: [(p.engine, p.image, p.passed, "" if p.passed else p.text) for p in node.pulls])


def probes(nodes: Iterable[NodeReport]) -> dict[tuple[str, bool, str], list[NodeReport]]:
    """What answered at the registries' addresses: URL, whether it can be used, and that in words."""
    return where(nodes, lambda node: [(p.url, p.is_usable, p.text) for p in node.probes])


def said(error: Error) -> tuple[str, str | None]:
    """The whole text of an error without the hint, and the hint."""
    text = str(error)
    return (text.removesuffix(f"; {error.hint}"), error.hint) if error.hint else (text, None)


def _note(engine: str, host: str | None, text: str) -> str:
    return f"{engine}: {host}: {text}" if host else f"{engine}: {text}"


def _failure(node: NodeReport) -> list[Failure]:
    if node.error is None:
        return []
    text, hint = said(node.error)
    # A node's own name stands before its report's error; its address is what makes equal errors differ.
    if node.address:
        text = text.replace(node.address, ADDRESS)
    return [Failure(node.outcome, text, hint, node.tolerated)]


def _named(failure: Failure, members: list[NodeReport]) -> Failure:
    """With its address where only one node has it."""
    if len(members) > 1:
        return failure
    text = failure.text.replace(ADDRESS, members[0].address)
    return Failure(failure.outcome, text, failure.hint, failure.is_tolerated)


def _place(outcome: Outcome) -> int:
    return ORDER.index(outcome) if outcome in ORDER else 0
