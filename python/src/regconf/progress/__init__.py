"""Shows how a push goes on, for one node as for thousands.

    with regconf.progress.shown(total=len(nodes)) as show:
        report = regconf.push(nodes, settings, on_event=show)

With `rich <https://pypi.org/project/rich/>`_ or `tqdm <https://pypi.org/project/tqdm/>`_ it is a display that stays of
one size; without them, or where nobody sits at a terminal, it is plain lines. A node that fails is always named.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, TextIO, TypeAlias

from ..terminal import is_terminal

if TYPE_CHECKING:
    from ..types import Event
    from .display import Display

__all__ = ["STYLES", "Style", "shown"]

#: The name of a way to show progress.
Style: TypeAlias = Literal["auto", "rich", "tqdm", "plain", "none"]

#: How progress can be shown. ``auto`` is ``rich`` or ``tqdm`` at a terminal where they are installed, else ``plain``.
STYLES = ("auto", "rich", "tqdm", "plain", "none")


@contextmanager
def shown(
    total: int | None = None, style: Style = "auto", file: TextIO | None = None
) -> Iterator[Callable[[Event], None]]:
    """Gives a function for ``on_event`` that shows what it hears, and tidies up at the end.

    Args:
        total: How many nodes there are, if that is known.
        style: How it is shown, see :data:`STYLES`.
        file: Where it is shown; ``sys.stderr`` if not said otherwise.

    Raises:
        ImportError: The style needs a package that is not installed.
        ValueError: There is no such style.
    """
    file = sys.stderr if file is None else file
    display = _display(_chosen(style, file), total, file)
    with display:
        yield _Hearer(display)


class _Hearer:
    """Passes events on until nobody can read any more: nodes go on without."""

    def __init__(self, display: Display) -> None:
        self._display = display
        self._is_broken = False

    def __call__(self, event: Event) -> None:
        if self._is_broken:
            return
        try:
            self._display.take(event)
        except OSError:
            self._is_broken = True


def _chosen(style: Style, file: TextIO) -> Style:
    if style != "auto":
        return style
    if not is_terminal(file):
        return "plain"
    if importlib.util.find_spec("rich"):
        return "rich"
    return "tqdm" if importlib.util.find_spec("tqdm") else "plain"


def _display(style: Style, total: int | None, file: TextIO) -> Display:
    if style == "rich":
        from .live import Live

        return Live(total, file)
    if style == "tqdm":
        from .bar import Bar

        return Bar(total, file)
    if style == "plain":
        from .plain import Plain

        return Plain(total, file)
    if style == "none":
        from .display import Silence

        return Silence()
    raise ValueError(f"{style!r} is no style of progress; there are {', '.join(STYLES)}")
