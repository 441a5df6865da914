"""Names for types, for annotations in programs that use regconf."""

from __future__ import annotations

from typing import Literal, TypeAlias

from regconf._regconf import BatchEvent, NodeEvent

ErrorKind: TypeAlias = Literal[
    "invalid_argument",
    "parse",
    "conflict",
    "unsupported",
    "connect",
    "host_key",
    "authentication",
    "privilege",
    "command",
    "stale",
    "activation",
    "verification",
    "timeout",
    "cancelled",
    "io",
    "internal",
]
"""The kind of an error, the same name in every language and in JSON."""

Outcome: TypeAlias = Literal[
    "unchanged",
    "changed",
    "pending",
    "unverified",
    "failed",
    "unreachable",
    "rolled_back",
    "unknown",
    "not_tried",
]
"""How it ended on a node."""

Event: TypeAlias = NodeEvent | BatchEvent
"""What ``on_event`` is called with."""

__all__ = ["ErrorKind", "Event", "Outcome"]
