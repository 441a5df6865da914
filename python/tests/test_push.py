"""Fleets of real servers on loopback."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import regconf

from servers import Silent, Sshd, is_merged, system


def test_push_makes_nodes_as_wanted(sshd: Callable[[], Sshd], wanted: regconf.Settings) -> None:
    servers = [sshd(), sshd()]
    nodes = [server.node(f"n{i}") for i, server in enumerate(servers)]
    events: list[regconf.Event] = []
    report = regconf.push(iter(nodes), wanted, on_event=events.append, assume={"containerd": "1.7.24"})
    report.raise_for_failures()
    assert [(node.name, node.outcome, node.batch) for node in report] == [("n0", "changed", 1), ("n1", "changed", 1)]
    assert all(is_merged(server.root) for server in servers)
    check_report(report)
    check_events(events, report)

    again = regconf.push(nodes, wanted)
    assert {node.outcome for node in again} == {"unchanged"} and not again.failures
    assert again[0].plan is not None and not again[0].plan


def check_report(report: regconf.Report) -> None:
    node = report["n0"]
    assert node == report[0] == report.nodes[0] and report[-1] == report["n1"] and len(report) == 2
    assert node.plan and [change.path for change in node.changes] == [change.path for change in node.plan.changes]
    assert node.diff == node.plan.diff() and "my-registry.com" in node.diff
    assert node.address.startswith("127.") and node.error is None and not node.is_failure and not node.resumed
    assert node.seconds > 0 and node.timing.connect > 0 and node.timing.apply > 0 and node.timing.wait >= 0
    (group,) = report.groups
    assert (group.outcome, group.nodes, group.diff, group.error) == ("changed", ("n0", "n1"), node.diff, None)
    assert str(report) == str(group) and str(report).startswith("2 changed: n0, n1\n")
    assert repr(report) == "<regconf.Report of 2 nodes: 2 changed>"
    with pytest.raises(KeyError):
        report["n2"]
    with pytest.raises(IndexError):
        report[2]


def check_events(events: list[regconf.Event], report: regconf.Report) -> None:
    batches = [event for event in events if isinstance(event, regconf.BatchEvent)]
    assert [(event.number, event.of, event.kind, event.nodes, event.begins) for event in batches] == [
        (1, 1, "nodes", (0, 1), True),
        (1, 1, "nodes", (0, 1), False),
    ]
    first = [event for event in events if isinstance(event, regconf.NodeEvent) and event.index == 0]
    stages = [event.stage for event in first]
    assert stages[:3] == ["connecting", "gathering", "planned"] and stages[-1] == "finished"
    assert stages.count("applying") == len(stages) - 4 > 0
    assert first[2].plan == report[0].plan and first[0].plan is None
    assert all((event.step is not None) == (event.stage == "applying") for event in first)
    assert first[-1].report == report[0] and first[0].name == "n0" and first[0].batch == 1
    assert [event.since for event in events] == sorted(event.since for event in events)
    for event in events:
        assert json.loads(event.to_json())["event"] in {"node", "batch"}
        assert repr(event).startswith("<regconf.")


def test_a_survey_is_carried_out_later(sshd: Callable[[], Sshd], wanted: regconf.Settings) -> None:
    server = sshd()
    rollout = regconf.survey([server.node("n1")], wanted)
    assert rollout.report["n1"].outcome == "pending" and not is_merged(server.root)
    assert rollout.groups == rollout.report.groups and repr(rollout) == "<regconf.Rollout of 1 node: 1 pending>"
    report = rollout.apply(canary=1, pause=0.01)
    assert report["n1"].outcome == "changed" and is_merged(server.root)
    config = server.root / "etc/containerd/config.toml"
    config.write_text(config.read_text() + "# later\n")
    stale = regconf.survey([server.node("n1")], regconf.Settings(remove=["my-registry.com"]))
    (server.root / "etc/containerd/certs.d/my-registry.com/hosts.toml").write_text("changed\n")
    error = stale.apply()["n1"].error
    assert isinstance(error, regconf.StaleError) and error.node == "n1"


def test_other_threads_run_on(sshd: Callable[[], Sshd], wanted: regconf.Settings) -> None:
    counted = 0
    done = threading.Event()

    def count() -> None:
        nonlocal counted
        while not done.wait(0.001):
            counted += 1

    thread = threading.Thread(target=count)
    thread.start()
    try:
        before = counted
        regconf.push([sshd().node("n1")], wanted).raise_for_failures()
        assert counted > before + 10
    finally:
        done.set()
        thread.join()


def test_calls_run_beside_each_other(tmp_path: Path, wanted: regconf.Settings) -> None:
    roots = [system(tmp_path / f"root-{i}") for i in range(8)]
    reports: dict[int, regconf.Report] = {}

    def push(number: int) -> None:
        reports[number] = regconf.push([regconf.Node(local=True, root=str(roots[number]))], wanted)

    threads = [threading.Thread(target=push, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [reports[number][0].outcome for number in range(8)] == ["changed"] * 8


def test_an_exception_of_a_callback_arrives_with_the_report(tmp_path: Path, wanted: regconf.Settings) -> None:
    nodes = [regconf.Node(local=True, name=f"n{i}", root=str(system(tmp_path / f"r{i}"))) for i in range(3)]
    mine = ValueError("mine")
    heard: list[regconf.Event] = []

    def fail(event: regconf.Event) -> None:
        heard.append(event)
        if isinstance(event, regconf.BatchEvent) and event.begins:
            raise mine

    rollout = regconf.survey(nodes, wanted)
    calls: list[Callable[[], object]] = [
        lambda: regconf.push(nodes, wanted, on_event=fail),
        lambda: regconf.survey(nodes, wanted, on_event=fail),
        lambda: rollout.apply(on_event=fail),
    ]
    for call in calls:
        heard.clear()
        with pytest.raises(ValueError) as raised:
            call()
        assert raised.value is mine and len(heard) == 1, "nothing is heard after the exception"
        report = raised.value.report  # type: ignore[attr-defined]
        assert isinstance(report, regconf.Report) and {node.outcome for node in report} == {"not_tried"}
        assert all(isinstance(node.error, regconf.CancelledError) for node in report)
        del mine.report  # type: ignore[attr-defined]


def test_what_a_callback_gives_does_not_matter(tmp_path: Path, wanted: regconf.Settings) -> None:
    node = regconf.Node(local=True, root=str(system(tmp_path / "root")))
    assert regconf.push([node], wanted, on_event=lambda event: False)[0].outcome == "changed"


def test_another_thread_cancels(silent: Silent, wanted: regconf.Settings) -> None:
    cancel = regconf.Cancel()
    threading.Timer(0.3, cancel.cancel).start()
    began = time.monotonic()
    report = regconf.push([silent.node("a"), silent.node("b")], wanted, parallel=1, connect_timeout=300, cancel=cancel)
    assert time.monotonic() - began < 60 and cancel.is_cancelled
    assert [node.outcome for node in report] == ["not_tried", "not_tried"]
    with pytest.raises(regconf.CancelledError) as raised:
        report.raise_for_failures()
    assert (raised.value.node, raised.value.report) == ("a", report)  # type: ignore[attr-defined]


def test_one_dead_node_is_its_own_failure(sshd: Callable[[], Sshd], silent: Silent, wanted: regconf.Settings) -> None:
    server = sshd()
    nodes = [silent.node("dead").replace(connect_timeout=0.5), server.node("alive")]
    report = regconf.push(nodes, wanted)
    assert [node.outcome for node in report] == ["unreachable", "changed"]
    assert report.failures == (report["dead"],) and isinstance(report["dead"].error, regconf.TimeoutError)
    assert "hunter2" not in report.to_json() + str(report) + repr(report["dead"].error)
    with pytest.raises(regconf.TimeoutError, match="1 of 2 nodes failed; the first, dead: "):
        report.raise_for_failures()
    tolerant = regconf.push(nodes, wanted, unreachable="skip")
    tolerant.raise_for_failures()
    assert tolerant["dead"].tolerated and not tolerant["dead"].is_failure
    with pytest.raises(regconf.ConnectError, match="none of 1 nodes"):
        regconf.push(nodes[:1], wanted, unreachable="skip").raise_for_failures()


def test_a_wrong_host_key_is_an_error_of_its_kind(sshd: Callable[[], Sshd], wanted: regconf.Settings) -> None:
    server = sshd()
    node = server.node("n1").replace(known_hosts=[], host_keys="pinned", host_key_fingerprints=["SHA256:" + "A" * 43])
    error = regconf.push([node], wanted)["n1"].error
    assert isinstance(error, regconf.HostKeyError) and error.hint


def test_a_journal_leaves_what_is_done(tmp_path: Path, wanted: regconf.Settings) -> None:
    node = regconf.Node(local=True, root=str(system(tmp_path / "root")))
    journal = tmp_path / "journal"
    assert not regconf.push([node], wanted, journal=journal)[0].resumed
    assert regconf.push([node], wanted, journal=str(journal))[0].resumed


def test_options_count(tmp_path: Path, wanted: regconf.Settings) -> None:
    nodes = [regconf.Node(local=True, name=f"n{i}", root=str(system(tmp_path / f"r{i}"))) for i in range(4)]
    dry = regconf.push(nodes, wanted, dry_run=True)
    assert {node.outcome for node in dry} == {"pending"}
    report = regconf.push(nodes, wanted, canary=1, batch="50%", parallel=1, parallel_apply=1, max_failures="10%")
    assert [node.batch for node in report] == [1, 2, 2, 3]
    broken = [regconf.Node(local=True, name=f"b{i}", root="/nowhere") for i in range(3)]
    stopped = regconf.push(broken, wanted, batch=1, max_failures=0)
    assert [node.outcome for node in stopped] == ["failed", "not_tried", "not_tried"]
    assert isinstance(stopped.stopped, regconf.CancelledError) and dry.stopped is None


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("batch", "some"),
        ("batch", 0),
        ("max_failures", "101%"),
        ("unreachable", "never"),
        ("pause", -1.0),
        ("deadline", float("inf")),
        ("connect_timeout", float("nan")),
    ],
)
def test_what_makes_no_sense_is_refused(keyword: str, value: object, wanted: regconf.Settings) -> None:
    with pytest.raises(regconf.InvalidArgumentError) as raised:
        regconf.push([], wanted, **{keyword: value})  # type: ignore[arg-type]
    assert raised.value.key == keyword


@pytest.mark.parametrize("keyword", ["parallel", "verify_pull", "assume", "journal", "unknown", "cancel"])
def test_a_wrong_type_is_a_type_error(keyword: str, wanted: regconf.Settings) -> None:
    with pytest.raises(TypeError):
        regconf.push([], wanted, **{keyword: "text" if keyword not in ("journal",) else 5})  # type: ignore[arg-type]


def test_no_node_is_an_error_of_the_report(wanted: regconf.Settings) -> None:
    report = regconf.push([], wanted)
    assert len(report) == 0 and str(report) == ""
    with pytest.raises(regconf.InvalidArgumentError, match="no node was given"):
        report.raise_for_failures()
