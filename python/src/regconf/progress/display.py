"""What all displays have in common."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ..types import Event

__all__ = ["Display", "Silence"]


class Display(Protocol):
    """Shows events from its beginning to its end."""

    def __enter__(self) -> object: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def take(self, event: Event) -> None:
        """Shows an event."""


class Silence:
    """Shows nothing."""

    def __enter__(self) -> object:
        return self

    def __exit__(self, *error: object) -> None: ...

    def take(self, event: Event) -> None:
        """Does nothing."""
