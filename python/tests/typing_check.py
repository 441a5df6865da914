"""Read by type checkers, never run: programs as people write them, and the types that they get."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import regconf
from regconf import Facts, Node, Registry, Settings

if sys.version_info >= (3, 11):
    from typing import assert_type
else:
    from typing_extensions import assert_type


def plans(files: Mapping[str, bytes]) -> None:
    settings = Settings(ensure=[Registry("a.lab", insecure="http")], remove=["b.lab", regconf.RegistryHost("c.lab")])
    plan = regconf.plan(settings, Facts(files, versions={"docker": "28.0.1"}))
    for change in plan.changes:
        assert_type(change.kind, Literal["create", "change", "delete"])
        assert_type(change.after, bytes | None)
    assert_type(plan.activations[0].action, Literal["reload", "restart"])
    assert_type(settings.ensure[0].endpoints[0].headers, dict[str, tuple[str, ...]])
    Facts({"/a": "text", "/b": b"bytes"})
    Registry("a.lab", insecure="https")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    settings.migrate = True  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


def show(event: regconf.Event) -> None:
    if isinstance(event, regconf.BatchEvent):
        assert_type(event.nodes, tuple[int, ...])
    else:
        assert_type(event.report, regconf.NodeReport | None)


def fleets(path: Path) -> regconf.Outcome:
    nodes = [*regconf.load_nodes(path), Node("ops@10.0.0.5", identity_files=[path, "id"], become="sudo")]
    assert_type(nodes, list[Node])
    rollout = regconf.survey(nodes, Settings.load(path), batch="25%", max_failures=3, on_event=show)
    report = rollout.apply(journal=path, cancel=regconf.Cancel())
    assert_type(report["n1"].error, regconf.Error | None)
    assert_type([node.timing.connect for node in report], list[float])
    kind: regconf.ErrorKind = "parse"
    regconf.push(nodes, Settings(), unknown=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    return "failed" if kind else report[0].outcome
