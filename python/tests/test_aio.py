"""Calls in asyncio: results, events in the loop's thread, cancellation that waits."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import regconf
from regconf import aio

from command_line import system

SETTINGS = regconf.Settings(ensure=[regconf.Registry("192.168.30.56:5000", insecure="http")])
ASSUME = {"containerd": "1.7.24", "docker": "26.1.5"}


@pytest.fixture
def nodes(tmp_path: Path) -> list[regconf.Node]:
    roots = (system(tmp_path / f"node{number}") for number in range(1, 4))
    return [regconf.Node(local=True, root=str(root), name=root.name) for root in roots]


@pytest.fixture
def stuck(nodes: list[regconf.Node]) -> Iterator[list[regconf.Node]]:
    """The nodes, and one that takes a connection and never speaks."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        yield [*nodes, regconf.Node("127.0.0.1", port=port, name="stuck", password="x", known_hosts=["none"])]


def outcomes(report: regconf.Report) -> list[str]:
    return [node.outcome for node in report]


def test_push_and_survey(nodes: list[regconf.Node]) -> None:
    async def work() -> None:
        rollout = await aio.survey(nodes, SETTINGS, assume=ASSUME)
        assert outcomes(rollout.report) == ["pending"] * 3
        assert len(rollout.groups) == 1 and "Rollout" in repr(rollout)
        assert outcomes(await rollout.apply(assume=ASSUME)) == ["changed"] * 3
        assert outcomes(await aio.push(nodes, SETTINGS, assume=ASSUME)) == ["unchanged"] * 3

    asyncio.run(work())


def test_the_loop_goes_on_meanwhile(stuck: list[regconf.Node]) -> None:
    async def work() -> int:
        beats = 0
        call = asyncio.ensure_future(aio.survey(stuck, SETTINGS, connect_timeout=1))
        while not call.done():
            await asyncio.sleep(0.01)
            beats += 1
        assert outcomes((await call).report)[3] == "unreachable"
        return beats

    assert asyncio.run(work()) > 10


def test_events_come_in_the_thread_of_the_loop_one_at_a_time(nodes: list[regconf.Node]) -> None:
    heard: list[tuple[threading.Thread, Any]] = []

    async def work() -> None:
        await aio.push(
            nodes, SETTINGS, assume=ASSUME, on_event=lambda event: heard.append((threading.current_thread(), event))
        )

    asyncio.run(work())
    assert {thread for thread, _ in heard} == {threading.current_thread()}
    finished = [event.name for _, event in heard if getattr(event, "stage", "") == "finished"]
    assert sorted(finished) == ["node1", "node2", "node3"]


def test_a_coroutine_may_hear(nodes: list[regconf.Node]) -> None:
    inside, most = 0, 0

    async def hear(_: object) -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0.001)
        inside -= 1

    assert outcomes(asyncio.run(aio.push(nodes, SETTINGS, assume=ASSUME, on_event=hear))) == ["changed"] * 3
    assert most == 1


def test_what_a_callback_raises_comes_back(nodes: list[regconf.Node]) -> None:
    raised = RuntimeError("enough")

    def hear(_: object) -> None:
        raise raised

    with pytest.raises(RuntimeError) as caught:
        asyncio.run(aio.push(nodes, SETTINGS, assume=ASSUME, on_event=hear))
    assert caught.value is raised
    assert isinstance(caught.value.report, regconf.Report)  # type: ignore[attr-defined]


def test_a_cancelled_task_ends_the_call_first(stuck: list[regconf.Node]) -> None:
    async def work() -> regconf.Report:
        finished = asyncio.Event()
        done: list[str] = []

        def hear(event: Any) -> None:
            if getattr(event, "stage", "") == "finished":
                done.append(event.name)
                if len(done) == 3:
                    finished.set()

        task = asyncio.ensure_future(aio.push(stuck, SETTINGS, assume=ASSUME, connect_timeout=300, on_event=hear))
        await finished.wait()
        task.cancel()
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        error = caught.value if sys.version_info >= (3, 11) else caught.value.__context__
        assert isinstance(error, asyncio.CancelledError)
        report: regconf.Report = error.report  # type: ignore[attr-defined]
        return report

    report = asyncio.run(work())
    assert outcomes(report)[:3] == ["changed"] * 3
    assert report["stuck"].is_failure


def test_a_timeout_ends_the_call(stuck: list[regconf.Node]) -> None:
    begun = time.monotonic()

    async def work() -> None:
        await asyncio.wait_for(aio.survey(stuck, SETTINGS, connect_timeout=300), timeout=0.3)

    with pytest.raises(asyncio.TimeoutError):
        asyncio.run(work())
    assert time.monotonic() - begun < 60


def test_a_callback_that_never_ends_does_not_hold_up_a_cancelled_call(nodes: list[regconf.Node]) -> None:
    async def work() -> None:
        begun = asyncio.Event()

        async def hear(_: object) -> None:
            begun.set()
            await asyncio.Event().wait()

        task = asyncio.ensure_future(aio.push(nodes, SETTINGS, assume=ASSUME, on_event=hear))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(asyncio.wait_for(work(), 60))


def test_it_may_be_cancelled_at_any_moment(nodes: list[regconf.Node]) -> None:
    async def work(moment: int) -> None:
        begun = asyncio.Event()

        async def hear(_: object) -> None:
            begun.set()
            await asyncio.Event().wait()

        task = asyncio.ensure_future(aio.survey(nodes, SETTINGS, assume=ASSUME, on_event=hear))
        for _ in range(moment):
            await asyncio.sleep(0)
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    for moment in range(50):
        asyncio.run(work(moment))


def test_the_callers_own_word_to_stop(stuck: list[regconf.Node]) -> None:
    cancel = regconf.Cancel()

    async def work() -> regconf.Report:
        call = asyncio.ensure_future(aio.push(stuck, SETTINGS, assume=ASSUME, connect_timeout=300, cancel=cancel))
        await asyncio.sleep(0.05)
        cancel.cancel()
        return await call

    assert asyncio.run(work())["stuck"].is_failure


def test_wrong_arguments_are_errors_at_once(nodes: list[regconf.Node]) -> None:
    with pytest.raises(regconf.InvalidArgumentError):
        asyncio.run(aio.push(nodes, SETTINGS, batch="many"))
