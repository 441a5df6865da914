"""Names as ranges, and text that cannot steer a terminal."""

from __future__ import annotations

import io

import pytest

import regconf
from regconf import summary, terminal
from regconf.folding import folded

import reports

FOLDED = {
    "n1": ["n1"],
    "n[1-3]": ["n1", "n3", "n2", "n2"],
    "n[9-11,13], gpu": ["n9", "n10", "n11", "gpu", "n13"],
    "node[01-40,99]": [*(f"node{number:02}" for number in range(1, 41)), "node99"],
    "node1, node01": ["node1", "node01"],
    "node[8-9], node[08-10]": ["node8", "node9", "node10", "node08", "node09"],
    "10.0.0.[7-9]": ["10.0.0.7", "10.0.0.8", "10.0.0.9"],
    "10.0.0.7, 10.0.1.7": ["10.0.0.7", "10.0.1.7"],
    "n[1-2].rack7.lab": ["n1.rack7.lab", "n2.rack7.lab"],
    "gpu-[1-2]-a": ["gpu-1-a", "gpu-2-a"],
    "fd00::1, fd00::2": ["fd00::1", "fd00::2"],
    "i0123456789, i0123456790": ["i0123456789", "i0123456790"],
    "": [],
}


@pytest.mark.parametrize("text", FOLDED)
def test_names_as_ranges(text: str) -> None:
    assert folded(FOLDED[text]) == text


def test_a_limit_counts_the_rest() -> None:
    assert folded(["n1", "n2", "n4", "n7", "gpu"], limit=2) == "n[1-2,4] and 2 more"
    assert folded(["a", "b", "c"], limit=3) == "a, b, c"
    assert folded([f"n{number}" for number in range(0, 2000, 2)], limit=2) == "n[0,2] and 998 more"


def test_what_steers_a_terminal_is_taken_out() -> None:
    hostile = "a\x1b[2J\x07\r\n\x9b\u202e\u200b\udc80b\tc"
    assert terminal.harmless(hostile) == "a\ufffd[2J\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffdb\tc"
    assert terminal.harmless("ünïcode 节点") == "ünïcode 节点"


def lines(report: regconf.Report, is_coloured: bool = False) -> str:
    paint = terminal.Paint(is_coloured)
    parts = (summary.diffs(report, paint), summary.remarks(report, paint), summary.ending(report, paint))
    return "".join(f"{line}\n" for part in parts for line in part)


def test_a_summary_of_many_is_short() -> None:
    text = lines(reports.fleet(5000))
    assert len(text.splitlines()) < 60
    assert max(map(len, text.splitlines())) < 400 or "==>" in max(text.splitlines(), key=len)
    assert "5000 nodes: " in text.splitlines()[-1]


def test_equal_errors_of_many_addresses_are_one() -> None:
    gone = [reports.node(f"n{number}", "unreachable") for number in range(1, 101)]
    text = lines(reports.report(gone))
    assert text.count("cannot connect to") == 1 and "cannot connect to <address>: refused" in text
    assert "100 unreachable  n[1-100]" in text
    assert "cannot connect to n7:22: refused" in lines(reports.report(gone[6:7]))


def test_hostile_text_is_shown_harmlessly() -> None:
    wrong = reports.error("command", "bad\x1b]0;owned\x07\nsecond\x1b[31m line", "do\x1b[2J")
    plan = {"changes": [], "activations": [], "notes": [reports.NOTE | {"text": "note\x1b[31m"}]}
    report = reports.report([reports.node("n\x1b[2J", "failed", error=wrong, plan=plan)])
    assert "\x1b" not in lines(report) and "second" in lines(report)
    assert "\x1b]" not in lines(report, is_coloured=True) and "\x1b[2J" not in lines(report, is_coloured=True)


def test_a_summary_says_what_there_is() -> None:
    pull = {"engine": "containerd", "program": "crictl", "image": "a/b", "passed": True, "text": "", "cause": None,
            "remedy": None}  # fmt: skip
    probe = {"url": "http://a", "found": "refused", "is_usable": False, "text": "nobody listens"}
    nodes = [
        reports.node("a", pulls=[pull]),
        reports.node("b", "unchanged", resumed=True),
        reports.node("c", "unverified", pulls=[pull | {"passed": False, "text": "no route"}], probes=[probe]),
        reports.node("d", "unreachable", tolerated=True),
        reports.node("e", "not_tried", error=reports.error("cancelled", "was not begun")),
    ]
    text = lines(reports.report(nodes, reports.error("cancelled", "too many have failed", "look at them")))
    for part in (
        "  a: containerd has pulled a/b\n", "  c: containerd: no a/b: no route\n", "  c: http://a: nobody listens\n",
        "done before, as the journal says", "    stopped: too many have failed\n    hint: look at them\n",
        "5 nodes: 1 unverified, 1 unreachable, 1 not tried, 1 changed, 1 unchanged",
    ):  # fmt: skip
        assert part in text, text


def test_a_terminal_is_told_from_a_file() -> None:
    file = io.StringIO()
    assert not terminal.is_terminal(file)
    file.close()
    assert not terminal.is_terminal(file)
