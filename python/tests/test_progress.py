"""Progress: few lines for few nodes, few lines for many."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import regconf
from regconf import progress
from regconf.progress.plain import Plain
from regconf.progress.tally import Tally

from command_line import system

SETTINGS = regconf.Settings(ensure=[regconf.Registry("192.168.30.56:5000", insecure="http")])
ASSUME = {"containerd": "1.7.24", "docker": "26.1.5"}


class Terminal(io.StringIO):
    """A terminal, as far as a display can tell."""

    def isatty(self) -> bool:
        return True


def fleet(folder: Path, count: int) -> list[regconf.Node]:
    """Nodes of one folder; every seventh is not there."""
    root = system(folder / "root")
    places = (str(folder / "gone" if number % 7 == 0 else root) for number in range(1, count + 1))
    return [regconf.Node(local=True, root=place, name=f"node{number}") for number, place in enumerate(places, 1)]


def bare(text: str) -> str:
    """Text without colours and movements of the cursor."""
    return re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", text)


def survey(nodes: list[regconf.Node], style: Any, file: io.StringIO) -> str:
    with progress.shown(total=len(nodes), style=style, file=file) as show:
        regconf.survey(nodes, SETTINGS, assume=ASSUME, on_event=show, parallel=8)
    return file.getvalue()


@pytest.mark.parametrize("style", ["plain", "rich", "tqdm"])
def test_failures_are_always_named(tmp_path: Path, style: str) -> None:
    text = bare(survey(fleet(tmp_path, 40), style, Terminal()))
    for number in range(7, 41, 7):
        assert re.search(rf"\bnode{number}: .*failed", text), number
    assert "node8: " not in text


def test_few_nodes_get_a_line_each(tmp_path: Path) -> None:
    lines = survey(fleet(tmp_path, 6), "plain", io.StringIO()).splitlines()
    assert len(lines) == 6
    assert all(re.fullmatch(r" +\d+\.\d s  node[1-6]: pending", line) for line in lines), lines


def test_nothing_is_shown_when_nothing_is_wanted(tmp_path: Path) -> None:
    assert survey(fleet(tmp_path, 3), "none", Terminal()) == ""


def test_auto_is_plain_where_nobody_sits(tmp_path: Path) -> None:
    assert "\x1b" not in survey(fleet(tmp_path, 3), "auto", io.StringIO())
    assert "\x1b" in survey(fleet(tmp_path, 3), "auto", Terminal())


@pytest.mark.parametrize(("missing", "kind"), [([], "Live"), (["rich"], "Bar"), (["rich", "tqdm"], "Plain")])
def test_auto_takes_what_is_installed(missing: list[str], kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    find = progress.importlib.util.find_spec  # type: ignore[attr-defined]
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name in missing else find(name))
    style = progress._chosen("auto", Terminal())
    assert type(progress._display(style, 3, Terminal())).__name__ == kind


def test_an_unknown_style_is_refused() -> None:
    with pytest.raises(ValueError, match="there are auto, rich"), progress.shown(style="fancy"):  # type: ignore[arg-type]
        pass


def test_the_display_of_rich_stays_small() -> None:
    from regconf.progress.live import Live

    live = Live(500, Terminal())
    for number in range(500):
        live.take(event(number, "connecting", since=number / 100))
        if number % 3 == 0:
            live.take(event(number, "applying", since=number / 100, step="restart containerd"))
    console = live._console
    with console.capture() as drawn:
        console.print(live._drawn())
    text = bare(drawn.get())
    lines = text.splitlines()
    assert len(lines) <= 8
    assert "0/500" in lines[0] and "333 connecting  167 changing" in text
    assert "node0  restart containerd" in text and "node1  connecting" in text


def event(number: int, stage: str, *, since: float = 0.0, elapsed: float = 0.0, **more: Any) -> Any:
    """The event of a node."""
    values = {"report": None, "step": None, "plan": None} | more
    return SimpleNamespace(
        index=number, name=f"node{number}", stage=stage, since=since, elapsed=elapsed, batch=1, **values
    )


def ended(number: int, outcome: str = "changed") -> Any:
    """The event of a node whose turn is over."""
    report = SimpleNamespace(outcome=outcome, tolerated=False, error=None)
    return event(number, "finished", report=report)


def test_many_nodes_get_sums_from_time_to_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    file = io.StringIO()
    plain = Plain(500, file)
    for number in range(500):
        clock[0] += 0.1
        plain.take(event(number, "connecting", since=clock[0] - 100))
        plain.take(ended(number, "failed" if number == 250 else "changed"))
    lines = file.getvalue().splitlines()
    assert len(lines) <= 12
    assert sum("node250: failed" in line for line in lines) == 1
    assert re.search(r"\d+ of 500 done; 1 failed, \d+ changed", lines[-1])


def test_a_tally_knows_the_slowest() -> None:
    tally = Tally(3)
    tally.take(event(0, "connecting", since=1.0, elapsed=1.0))
    tally.take(event(1, "gathering", since=5.0, elapsed=1.0))
    tally.take(event(2, "postponed", since=5.0, elapsed=5.0))
    assert [node.name for node, _ in tally.slowest(3)] == ["node0", "node1"]
    assert tally.stages() == [("connecting", 1), ("reading", 1), ("tried again later", 1)]
    tally.take(ended(0))
    assert (tally.done, tally.sums()) == (1, [("changed", 1)])


def test_batches_are_told(tmp_path: Path) -> None:
    file = io.StringIO()
    nodes = fleet(tmp_path, 6)
    with progress.shown(total=6, style="plain", file=file) as show:
        regconf.push(nodes, SETTINGS, assume=ASSUME, on_event=show, canary=1, batch=3, parallel=1)
    heads = re.findall(r"batch .*", file.getvalue())
    assert heads == ["batch 1 of 3, the canary", "batch 2 of 3", "batch 3 of 3"]


def test_a_reader_who_is_gone_stops_no_node(tmp_path: Path) -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    nodes = fleet(tmp_path, 3)
    with progress.shown(total=3, style="plain", file=Gone()) as show:
        report = regconf.push(nodes, SETTINGS, assume=ASSUME, on_event=show, parallel=1)
    assert {node.outcome for node in report} <= {"changed", "unchanged"}


def test_importing_it_imports_no_display() -> None:
    import subprocess

    text = "import sys, regconf.progress; print({'rich', 'tqdm', 'asyncio'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "set()\n"
