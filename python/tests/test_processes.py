"""Values go to other processes and come back."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import regconf

import samples

Pair = tuple[regconf.Settings, regconf.Facts]


def changes(pair: Pair) -> tuple[regconf.Plan, int]:
    """Run in another process: plans there."""
    plan = regconf.plan(*pair)
    return plan, len(plan.changes)


def failure(report: regconf.Report) -> regconf.Report:
    """Run in another process: raises there."""
    report.raise_for_failures()
    return report


def pairs(count: int) -> list[Pair]:
    """Settings and facts of so many nodes."""
    settings = regconf.Settings(ensure=[regconf.Registry("reg.lab:5000", insecure="http")])
    return [(settings, regconf.Facts({"/etc/docker/daemon.json": f'{{"mtu": {i}}}'})) for i in range(count)]


def test_plans_are_made_in_other_processes() -> None:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=spawn) as pool:
        made = list(pool.map(changes, pairs(4)))
        assert made == [(regconf.plan(*pair), 1) for pair in pairs(4)]
        report = samples.report("n1")
        error = pool.submit(failure, report).exception()
    assert isinstance(error, regconf.IoError) and error.node == "n1"
    assert error.report == report  # type: ignore[attr-defined]


def test_plans_are_made_in_other_threads() -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(changes, pairs(200)))
    assert made == [changes(pair) for pair in pairs(200)]
