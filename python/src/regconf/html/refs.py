"""What nodes have in common gets an id, so that a node's row can point at it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from .. import grouping

if TYPE_CHECKING:
    from .._regconf import NodeReport

__all__ = ["Change", "Refs", "Shared", "of"]

Key = TypeVar("Key", bound=Hashable)
Key_co = TypeVar("Key_co", bound=Hashable, covariant=True)


@dataclass(frozen=True)
class Change:
    """The files of a change, each with its path, what is done to it and its diff; and what is activated."""

    files: tuple[tuple[str, str, str], ...]
    activations: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Shared(Generic[Key_co]):
    """Something that some nodes have in common."""

    id: str
    what: Key_co
    nodes: Sequence[NodeReport]


@dataclass(frozen=True)
class Refs:
    """All that nodes have in common."""

    changes: Sequence[Shared[Change]]
    problems: Sequence[Shared[grouping.Failure]]
    notes: Sequence[Shared[str]]
    pulls: Sequence[Shared[tuple[str, str, bool, str]]]
    probes: Sequence[Shared[tuple[str, bool, str]]]

    def of_nodes(self) -> dict[int, list[str]]:
        """The ids of what each node has, by the identity of its report."""
        found: dict[int, list[str]] = {}
        groups: tuple[Sequence[Shared[Hashable]], ...] = (
            self.problems,
            self.changes,
            self.notes,
            self.pulls,
            self.probes,
        )
        for group in groups:
            for shared in group:
                for node in shared.nodes:
                    found.setdefault(id(node), []).append(shared.id)
        return found


def of(nodes: Sequence[NodeReport]) -> Refs:
    """What these nodes have in common."""
    return Refs(
        _shared("change", grouping.where(nodes, _change)),
        _shared("problem", grouping.failures(nodes)),
        _shared("note", grouping.notes(nodes)),
        _shared("pull", grouping.pulls(nodes)),
        _shared("probe", grouping.probes(nodes)),
    )


def _shared(word: str, found: dict[Key, list[NodeReport]]) -> list[Shared[Key]]:
    return [Shared(f"{word}-{number}", what, nodes) for number, (what, nodes) in enumerate(found.items(), 1)]


def _change(node: NodeReport) -> list[Change]:
    files = tuple((change.path, change.kind, change.diff) for change in node.changes)
    activations = tuple((activation.action, activation.unit) for activation in node.activations)
    return [Change(files, activations)] if files or activations else []
