"""What is known of all nodes at a moment, in space that does not grow with what has happened."""

from __future__ import annotations

import time
from collections import Counter, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .._regconf import BatchEvent
from ..grouping import ORDER, said
from ..terminal import WELL, spelled

if TYPE_CHECKING:
    from .._regconf import NodeEvent, NodeReport
    from ..types import Event

__all__ = ["Ended", "Open", "Tally"]

#: What a node does, in the order of its turn.
STAGES = ("connecting", "reading", "planned", "changing", "tried again later")
_STAGE_WORDS = {
    "connecting": "connecting",
    "gathering": "reading",
    "planned": "planned",
    "applying": "changing",
    "postponed": "tried again later",
}


@dataclass(frozen=True)
class Open:
    """A node whose turn is not over."""

    name: str
    #: One of :data:`STAGES`.
    stage: str
    #: The step of the change that it is in, or an empty text.
    step: str
    #: When its turn began, in seconds since the call did.
    began: float


@dataclass(frozen=True)
class Ended:
    """A node whose turn is over."""

    name: str
    report: NodeReport

    @property
    def is_well(self) -> bool:
        """Whether it is as wanted, or may be as it is."""
        return self.report.outcome in WELL or self.report.tolerated

    @property
    def text(self) -> str:
        """The outcome, and the first line of what went wrong."""
        outcome = spelled(self.report.outcome)
        if self.report.error is None:
            return outcome
        return f"{outcome}: {said(self.report.error)[0].partition(chr(10))[0]}"


class Tally:
    """Counts the nodes, and knows those that are open."""

    def __init__(self, total: int | None) -> None:
        self.total = total
        self.outcomes: Counter[str] = Counter()
        #: The last few that have ended, the newest last.
        self.last: deque[Ended] = deque(maxlen=3)
        #: Which batch is worked on, in words; empty if there is one only.
        self.batch = ""
        self._open: dict[int, Open] = {}
        self._start = time.monotonic()

    @property
    def done(self) -> int:
        """How many nodes have ended."""
        return sum(self.outcomes.values())

    @property
    def seconds(self) -> float:
        """The time since the call began."""
        return time.monotonic() - self._start

    def take(self, event: Event) -> Ended | None:
        """Counts an event. Gives the node that ended by it."""
        # What events say of the time is nearer to the nodes than the time at which they are heard.
        self._start = min(self._start, time.monotonic() - event.since)
        if isinstance(event, BatchEvent):
            self.take_batch(event)
            return None
        return self.take_node(event)

    def take_batch(self, event: BatchEvent) -> None:
        """Counts the event of a batch."""
        if event.of > 1 and event.begins:
            kind = {"canary": ", the canary", "control_plane": ", control plane"}.get(event.kind, "")
            again = ", tried again" if event.round else ""
            self.batch = f"batch {event.number} of {event.of}{kind}{again}"

    def take_node(self, event: NodeEvent) -> Ended | None:
        """Counts the event of a node."""
        if event.stage == "finished" and event.report is not None:
            self._open.pop(event.index, None)
            self.outcomes[event.report.outcome] += 1
            ended = Ended(event.name, event.report)
            self.last.append(ended)
            return ended
        stage = _STAGE_WORDS.get(event.stage, event.stage)
        self._open[event.index] = Open(event.name, stage, event.step or "", event.since - event.elapsed)
        return None

    def stages(self) -> list[tuple[str, int]]:
        """How many nodes are where, in the order of a turn."""
        count = Counter(node.stage for node in self._open.values())
        return [(stage, count[stage]) for stage in STAGES if count[stage]]

    def sums(self) -> list[tuple[str, int]]:
        """How many nodes ended how, what needs a person first."""
        return [(outcome, self.outcomes[outcome]) for outcome in ORDER if self.outcomes[outcome]]

    def slowest(self, count: int) -> list[tuple[Open, float]]:
        """The open nodes whose turn began first, and how many seconds ago."""
        waiting = (node for node in self._open.values() if node.stage != "tried again later")
        first = sorted(waiting, key=lambda node: node.began)[:count]
        return [(node, self.seconds - node.began) for node in first]
