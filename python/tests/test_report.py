"""Reports that are read again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import regconf

import samples
from servers import system


def test_a_report_is_json_and_back(tmp_path: Path, wanted: regconf.Settings) -> None:
    nodes = [
        regconf.Node(local=True, name="good", root=str(system(tmp_path / "good"))),
        regconf.Node(local=True, name="bad", root="/nowhere"),
    ]
    report = regconf.push(nodes, wanted)
    back = regconf.Report.from_json(report.to_json())
    assert back == report and back.to_json() == report.to_json() and hash(back) == hash(report)
    assert (str(back), repr(back)) == (str(report), repr(report))
    assert back.groups == report.groups and back.failures == report.failures
    for one, other in zip(back, report, strict=True):
        assert one == other and (one.diff, one.changes, one.error) == (other.diff, other.changes, other.error)
        assert one.plan is None and regconf.NodeReport.from_json(other.to_json()) == other
    with pytest.raises(regconf.IoError) as raised:
        back.raise_for_failures()
    assert raised.value.message.startswith("1 of 2 nodes failed; the first, bad: ")


def test_the_text_is_that_of_the_library() -> None:
    report = samples.report("n1", "n2")
    error = report[0].error
    assert str(report) == f"2 failed: n1, n2\n    {error}\n"


def test_what_a_later_release_says_is_kept() -> None:
    document = json.loads(samples.report("n1").to_json())
    document["later"] = {"a": [1, 2.5, None]}
    document["nodes"][0]["later"] = True
    report = regconf.Report.from_json(json.dumps(document))
    assert json.loads(report.to_json()) == document and json.loads(report[0].to_json()) == document["nodes"][0]
    document["nodes"][0]["later"] = False
    assert regconf.Report.from_json(json.dumps(document)) != report


def test_another_version_is_refused() -> None:
    with pytest.raises(regconf.UnsupportedError, match="version 2"):
        regconf.Report.from_json('{"version": 2, "shape": "other"}')


@pytest.mark.parametrize("text", ["", "[]", "{", '{"version": 1}', '{"version": 1, "nodes": [{}], "stopped": null}'])
def test_what_is_no_report_is_refused(text: str) -> None:
    with pytest.raises(regconf.ParseError):
        regconf.Report.from_json(text)


def test_pulls_probes_and_notes_are_told() -> None:
    document = json.loads(samples.report("n1").to_json())
    node = document["nodes"][0]
    node |= {"outcome": "changed", "error": None, "verified": ["containerd answers its CRI"]}
    node["plan"] = {
        "changes": [{"path": "/f", "change": "create", "diff": "+a\n"}],
        "activations": [{"unit": "docker", "action": "reload", "manager": "systemd"}],
        "notes": [{"engine": "docker", "host": "a.lab", "text": "t"}],
    }
    node["probes"] = [{"url": "http://a.lab", "found": "http", "is_usable": True, "text": "t"}]
    node["pulls"] = [
        {"engine": "e", "program": "p", "image": "i", "passed": False, "text": "t", "cause": None, "remedy": "r"}
    ]
    report = regconf.Report.from_json(json.dumps(document))[0]
    assert report.changes == (regconf.ReportedChange(path="/f", kind="create", diff="+a\n"),)
    assert report.activations == (regconf.Activation(unit="docker", action="reload", manager="systemd"),)
    assert report.notes == (regconf.Note(engine="docker", host=regconf.RegistryHost("a.lab"), text="t"),)
    assert report.verified == ("containerd answers its CRI",) and report.probes[0].is_usable
    pull = report.pulls[0]
    assert (pull.passed, pull.cause, pull.remedy) == (False, None, "r")
    groups = regconf.Report.from_json(json.dumps(document)).groups
    assert str(groups[0]) == "1 changed: n1\n+a\nreload docker\n"
