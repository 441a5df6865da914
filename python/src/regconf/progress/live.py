"""Progress as a display of rich: always a few lines, however many nodes there are."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TextIO

from rich.console import Console, Group
from rich.live import Live as Screen
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ..terminal import OUTCOME_COLOURS, harmless, spelled, wants_colour
from .tally import Ended, Tally

if TYPE_CHECKING:
    from ..types import Event

__all__ = ["Live"]

_STYLES = {"31": "red", "32": "green", "33": "yellow"}
#: How many of the open nodes are named.
SLOWEST = 3


class Live:
    """Some lines that are drawn again; nodes that fail stand above them."""

    def __init__(self, total: int | None, file: TextIO) -> None:
        self._tally = Tally(total)
        # It is drawn by a thread of rich's too, so that seconds go on while no node speaks.
        self._lock = threading.Lock()
        self._console = Console(file=file, no_color=not wants_colour(file), highlight=False, emoji=False, markup=False)
        self._screen = Screen(
            get_renderable=self._drawn, console=self._console, refresh_per_second=8, transient=True,
            redirect_stdout=False, redirect_stderr=False,
        )  # fmt: skip

    def __enter__(self) -> object:
        self._screen.start(refresh=True)
        return self

    def __exit__(self, *error: object) -> None:
        self._screen.stop()

    def take(self, event: Event) -> None:
        """Counts the event; it is drawn within an eighth of a second."""
        with self._lock:
            ended = self._tally.take(event)
        if ended is not None and not ended.is_well:
            self._console.print(_named(ended), soft_wrap=True)

    def _drawn(self) -> Group:
        with self._lock:
            lines = [self._sums(), self._stages(), *self._slowest(), self._last()]
            return Group(self._bar(), *(line for line in lines if line.plain))

    def _bar(self) -> Table:
        total, done = self._tally.total, self._tally.done
        grid = Table.grid(padding=(0, 1))
        bar = ProgressBar(total=total or None, completed=done, width=36, pulse=not total)
        count = f"{done}/{total}" if total else str(done)
        grid.add_row(bar, Text(count, style="bold"), _clock(self._tally.seconds), Text(self._tally.batch, style="cyan"))
        return grid

    def _sums(self) -> Text:
        sums = self._tally.sums()
        return Text("  ").join(Text(f"{count} {spelled(outcome)}", style=_style(outcome)) for outcome, count in sums)

    def _stages(self) -> Text:
        return Text("  ".join(f"{count} {stage}" for stage, count in self._tally.stages()), style="dim")

    def _slowest(self) -> list[Text]:
        lines = []
        for node, seconds in self._tally.slowest(SLOWEST):
            text = Text(f"{seconds:5.0f} s  {harmless(node.name)}  ", no_wrap=True, overflow="ellipsis")
            lines.append(text.append(harmless(node.step or node.stage), style="dim"))
        return lines

    def _last(self) -> Text:
        text = Text(no_wrap=True, overflow="ellipsis")
        for ended in self._tally.last:
            text.append(f"{harmless(ended.name)} ", style="dim").append(_outcome(ended)).append("  ")
        return text


def _clock(seconds: float) -> Text:
    minutes, rest = divmod(int(seconds), 60)
    return Text(f"{minutes}:{rest:02}", style="dim")


def _named(ended: Ended) -> Text:
    return Text(f"{harmless(ended.name)}: ").append(harmless(ended.text), style=_style(ended.report.outcome))


def _outcome(ended: Ended) -> Text:
    return Text(spelled(ended.report.outcome), style=_style(ended.report.outcome))


def _style(outcome: str) -> str:
    return _STYLES.get(OUTCOME_COLOURS.get(outcome, ""), "")
