"""The calls that take time, for programs that use :mod:`asyncio`.

    report = await regconf.aio.push(nodes, settings, parallel=16, on_event=show)

The keywords are those of :func:`regconf.push`. ``on_event`` is called in the event loop's thread, and may be a
coroutine function; the nodes wait for it. When the task is cancelled, so is the call: nodes in the middle of a change
finish, no other is begun, and only then :class:`asyncio.CancelledError` is raised, with the report as its attribute
``report``. Who awaits the task gets that same exception from Python 3.11 on; before, it is the other's ``__context__``.
Cancelled once more, the call leaves those nodes to finish by themselves.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import inspect
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol, TypeVar

from . import _regconf
from ._regconf import Cancel, Report

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._options import Options
    from ._regconf import Group, Node, Settings
    from .types import Event

__all__ = ["Rollout", "push", "survey"]

Result = TypeVar("Result")
Result_co = TypeVar("Result_co", covariant=True)


class _Call(Protocol[Result_co]):
    """One of the calls that block, with all but these keywords given."""

    def __call__(self, *, on_event: Callable[[Event], object] | None, cancel: Cancel) -> Result_co: ...


async def survey(
    nodes: Iterable[Node],
    settings: Settings,
    *,
    on_event: Callable[[Event], object] | None = None,
    cancel: Cancel | None = None,
    **options: Unpack[Options],
) -> Rollout:
    """Finds out what each node needs, and changes nothing; as :func:`regconf.survey`."""
    listed = tuple(nodes)

    def call(*, on_event: Callable[[Event], object] | None, cancel: Cancel) -> _regconf.Rollout:
        return _regconf.survey(listed, settings, on_event=on_event, cancel=cancel, **options)

    return Rollout(await _run(call, on_event, cancel))


async def push(
    nodes: Iterable[Node],
    settings: Settings,
    *,
    on_event: Callable[[Event], object] | None = None,
    cancel: Cancel | None = None,
    **options: Unpack[Options],
) -> Report:
    """Makes each node as the settings say; as :func:`regconf.push`."""
    listed = tuple(nodes)

    def call(*, on_event: Callable[[Event], object] | None, cancel: Cancel) -> Report:
        return _regconf.push(listed, settings, on_event=on_event, cancel=cancel, **options)

    return await _run(call, on_event, cancel)


class Rollout:
    """The plans of many nodes, not carried out yet; as :class:`regconf.Rollout`."""

    def __init__(self, plans: _regconf.Rollout) -> None:
        self._plans = plans

    def __repr__(self) -> str:
        return f"regconf.aio.Rollout({self._plans!r})"

    @property
    def report(self) -> Report:
        """What each node needs, and why some cannot be planned for."""
        return self._plans.report

    @property
    def groups(self) -> tuple[Group, ...]:
        """Which nodes need the same."""
        return self._plans.groups

    async def apply(
        self,
        *,
        on_event: Callable[[Event], object] | None = None,
        cancel: Cancel | None = None,
        **options: Unpack[Options],
    ) -> Report:
        """Carries the plans out; as ``regconf.Rollout.apply``."""

        def call(*, on_event: Callable[[Event], object] | None, cancel: Cancel) -> Report:
            return self._plans.apply(on_event=on_event, cancel=cancel, **options)

        return await _run(call, on_event, cancel)


async def _run(call: _Call[Result], on_event: Callable[[Event], object] | None, cancel: Cancel | None) -> Result:
    """Runs a call in a thread of its own until it has ended, whatever happens to the task."""
    cancel = cancel or Cancel()
    ear = None if on_event is None else _Ear(on_event, asyncio.get_running_loop())
    work = asyncio.ensure_future(asyncio.to_thread(lambda: call(on_event=ear, cancel=cancel)))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError as error:
        cancel.cancel()
        if ear is not None:
            ear.close()
        await _end(work, cancel)
        error.report = _report(work)  # type: ignore[attr-defined]
        raise


async def _end(work: asyncio.Future[Result], cancel: Cancel) -> None:
    """Waits until the call has ended. Who cancels again leaves nodes in the middle of a change to themselves."""
    while not work.done():
        try:
            await asyncio.wait([work])
        except asyncio.CancelledError:
            cancel.abandon()


def _report(work: asyncio.Future[Result]) -> Report | None:
    """What was done until the call was cancelled; ``None`` if it did not come to a report."""
    error = work.exception()
    result = work.result() if error is None else error
    report = result if isinstance(result, Report) else getattr(result, "report", None)
    return report if isinstance(report, Report) else None


class _Ear:
    """Hears events in the call's thread and lets the event loop's thread take them, one at a time."""

    def __init__(self, on_event: Callable[[Event], object], loop: asyncio.AbstractEventLoop) -> None:
        self._on_event = on_event
        self._loop = loop
        self._told: concurrent.futures.Future[None] | None = None
        self._is_closed = False

    def __call__(self, event: Event) -> None:
        if self._is_closed:
            return
        told = self._told = asyncio.run_coroutine_threadsafe(self._tell(event), self._loop)
        if self._is_closed:
            # Closed in between, when there was nothing to cancel yet.
            told.cancel()
        try:
            # What the caller raises is raised here, so that it ends the call as it does without asyncio.
            told.result()
        except concurrent.futures.CancelledError:
            if not self._is_closed:
                raise

    def close(self) -> None:
        """Takes no event any more, and waits for nobody who takes one."""
        self._is_closed = True
        if self._told is not None:
            self._told.cancel()

    async def _tell(self, event: Event) -> None:
        if self._is_closed:
            return
        answer = self._on_event(event)
        if inspect.isawaitable(answer):
            await answer
