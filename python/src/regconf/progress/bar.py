"""Progress as a bar of tqdm."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, TextIO

from ..terminal import Paint, spelled, wants_colour
from .tally import Tally

if TYPE_CHECKING:
    from ..types import Event

__all__ = ["Bar"]


class Bar:
    """One line that is drawn again; nodes that fail stand above it."""

    def __init__(self, total: int | None, file: TextIO) -> None:
        self._tally = Tally(total)
        self._file = file
        self._paint = Paint(wants_colour(file))
        # Its types are a package of their own.
        self._tqdm: Any = importlib.import_module("tqdm").tqdm
        self._bar: Any = None

    def __enter__(self) -> object:
        self._bar = self._tqdm(total=self._tally.total, file=self._file, unit="node", dynamic_ncols=True)
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.close()

    def take(self, event: Event) -> None:
        """Draws the bar anew."""
        ended = self._tally.take(event)
        if ended is None:
            return
        if not ended.is_well:
            text = self._paint.outcome(ended.report.outcome, f"{ended.name}: {ended.text}")
            self._tqdm.write(text, file=self._file)
        sums = ", ".join(f"{count} {spelled(outcome)}" for outcome, count in self._tally.sums())
        self._bar.set_description(self._tally.batch or None, refresh=False)
        self._bar.set_postfix_str(sums, refresh=False)
        self._bar.update(1)
