"""Progress as plain lines: one for each node if there are few, else sums from time to time."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from ..terminal import BOLD, DIM, Paint, spelled, wants_colour
from .tally import Ended, Tally

if TYPE_CHECKING:
    from ..types import Event

__all__ = ["Plain"]

#: So many nodes get a line each.
FEW = 20
#: How many seconds lie between two lines with sums.
PACE = 5.0


class Plain:
    """Writes lines."""

    def __init__(self, total: int | None, file: TextIO) -> None:
        self._tally = Tally(total)
        self._file = file
        self._paint = Paint(wants_colour(file))
        self._told = 0.0
        self._batch = ""

    def __enter__(self) -> object:
        return self

    def __exit__(self, *error: object) -> None: ...

    def take(self, event: Event) -> None:
        """Writes what is worth a line."""
        ended = self._tally.take(event)
        if self._tally.batch != self._batch:
            self._batch = self._tally.batch
            self._write(self._paint(BOLD, self._batch))
        if ended is not None and (self._are_few or not ended.is_well):
            self._write(self._node(ended))
        if not self._are_few and self._tally.seconds - self._told >= PACE:
            self._told = self._tally.seconds
            self._write(self._sums())

    @property
    def _are_few(self) -> bool:
        return (self._tally.total or 0) <= FEW

    def _node(self, ended: Ended) -> str:
        name = self._paint("", ended.name)
        return f"{name}: {self._paint.outcome(ended.report.outcome, ended.text)}"

    def _sums(self) -> str:
        of = f" of {self._tally.total}" if self._tally.total else ""
        ends = ", ".join(f"{count} {spelled(outcome)}" for outcome, count in self._tally.sums())
        stages = ", ".join(f"{count} {stage}" for stage, count in self._tally.stages())
        parts = [f"{self._tally.done}{of} done", *filter(None, [ends, stages])]
        return self._paint(DIM, "; ".join(parts))

    def _write(self, text: str) -> None:
        self._file.write(f"{self._tally.seconds:7.1f} s  {text}\n")
        self._file.flush()
