"""Ctrl-C in two steps: the first one ends well, the second one at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from .._regconf import Cancel

__all__ = ["gently"]

_TOLD = b"\nregconf: no other node is begun; Ctrl-C again leaves those that are being changed to themselves\n"


@contextmanager
def gently() -> Iterator[Cancel]:
    """While it lasts, the first Ctrl-C cancels what it gives, and the second one raises :class:`KeyboardInterrupt`.

    If it was pressed, it counts no more afterwards.
    """
    cancel = Cancel()
    if threading.current_thread() is not threading.main_thread():
        yield cancel
        return

    def stop(number: int, frame: FrameType | None) -> None:
        if cancel.is_cancelled:
            signal.default_int_handler(number, frame)
        cancel.cancel()
        # Not by sys.stderr, which may be in the middle of a line of progress.
        with suppress(OSError):
            os.write(2, _TOLD)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield cancel
    finally:
        # Who presses it once more while it is told what was done shall still be told.
        signal.signal(signal.SIGINT, signal.SIG_IGN if cancel.is_cancelled else before)
