"""Each example of the documentation is run, and prints what the page says.

With REGCONF_WRITE_DOCS=1 a page whose output differs gets what was printed; look at the difference before you keep it.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import itertools
import os
import re
import subprocess
import sys
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest
from docs_lab import Lab
from docs_pages import Block, Command, blocks, commands, headings

import regconf

PROJECT = Path(__file__).parents[2]
DOCS = PROJECT / "python/docs"
PAGES = sorted(DOCS.rglob("*.md"))
READMES = {"README.md": "From Python", "README.zh.md": "命令行与 Python"}
#: Between two commands of a session.
MARK = "-- next command --\n"
#: How far a call is: with times, and in no order that can be known.
PROGRESS = re.compile(r"^ +\d+\.\d s  .*\n", re.MULTILINE)
#: What a shell needs to find the commands of this Python, and to print the same everywhere.
ENVIRONMENT = {
    **os.environ,
    "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    "NO_COLOR": "1",
    "COLUMNS": "100",
    "LC_ALL": "C.UTF-8",
}


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.stop()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_examples(page: Path, lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.begin(tmp_path)
    monkeypatch.chdir(tmp_path)
    run = Run(lab, tmp_path)
    run.page(blocks(page))
    if run.written and os.environ.get("REGCONF_WRITE_DOCS") == "1":
        run.write(page)
    assert not run.faults, "\n".join(run.faults)


@pytest.mark.parametrize("name", READMES)
def test_readme(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """What is pasted from a README does what it says, once regconf is installed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "python").symlink_to(PROJECT / "python")
    found = blocks(PROJECT / name, READMES[name])
    try:
        for block in found:
            if block.language == "python":
                exec(compile(block.text, name, "exec"), {"__name__": "__main__"})  # noqa: S102
            elif block.language == "sh":
                lines = [line for line in block.text.splitlines() if line.startswith(("regconf ", "python "))]
                subprocess.run(["bash", "-ec", "\n".join(lines)], env=ENVIRONMENT, check=True, timeout=300)
    finally:
        subprocess.run([sys.executable, "python/examples/three_nodes.py", "stop", "lab"], check=False)
    assert "regconf push" in "".join(block.text for block in found)
    assert "alpha" in capfd.readouterr().out


def test_each_error_that_is_explained_has_advice() -> None:
    texts = [heading.strip("` ") for heading in headings(DOCS / "troubleshooting.md", 3)]
    assert len(texts) > 30
    unknown = [text for text in texts if regconf.advice(text) is None]
    assert not unknown, "\n".join(unknown)


def test_each_kind_and_outcome_is_listed() -> None:
    page = (DOCS / "reference/errors.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| `(\w+)` \|", page, re.MULTILINE))
    classes = {cls.kind: cls.__name__ for cls in regconf.Error.__subclasses__()}
    assert rows == classes
    outcomes = set(re.findall(r"^\| `(\w+)` \| [^`]", page, re.MULTILINE))
    assert outcomes == set(typing.get_args(regconf.Outcome))


def test_each_name_is_in_the_reference() -> None:
    page = (DOCS / "reference/api.md").read_text()
    found = set(re.findall(r"^\.\. auto(?:class|function|data):: (?:regconf\.types\.)?(\w+)$", page, re.MULTILINE))
    others = {"__version__", "errors"}
    assert found == set(regconf.__all__) - others | {"TimeoutError"}


def test_shell_is_run_too() -> None:
    """A block of plain shell is one that no test can run: how regconf is installed."""
    shell = [(page.name, block.text) for page in PAGES for block in blocks(page) if block.language in {"sh", "bash"}]
    assert shell == [("index.md", "pip install ./python\n")]


class Run:
    """A page that is run in a folder."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab = lab
        self.folder = folder
        # The blocks of Python on a page are one program.
        self.names: dict[str, object] = {"__name__": "__main__"}
        self.faults: list[str] = []
        #: What was printed where the page says something else.
        self.written: dict[tuple[int, int], str] = {}

    def page(self, found: list[Block]) -> None:
        for block in found:
            if block.name and block.name != "output" and not block.is_after:
                self.path(block).parent.mkdir(parents=True, exist_ok=True)
                self.path(block).write_text(self.lab.inside(block.text))
        for block, following in itertools.zip_longest(found, found[1:]):
            if block.is_after:
                self.compare(block, block.text, self.path(block).read_text())
            elif block.language == "console":
                self.session(block)
            elif block.language == "python" and not block.name:
                self.python(block, following)

    def path(self, block: Block) -> Path:
        """Where a file of a page is: in its folder, or on a node."""
        node, colon, path = block.name.partition(":/")
        return self.lab.root(node) / path if colon else self.folder / block.name

    def python(self, block: Block, following: Block | None) -> None:
        code = compile("\n" * block.line + self.lab.inside(block.text), "the page", "exec")
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(code, self.names)  # noqa: S102 (a page is a program)
        output = following if following and following.name == "output" else None
        self.compare(output or block, output.text if output else "", printed.getvalue())

    def session(self, block: Block) -> None:
        wanted = list(commands(block.text))
        printed = self.shell(wanted)
        assert len(printed) == len(wanted), f"line {block.line}: {printed}"
        told = "".join(
            f"$ {command.text}\n{self.shown(command.output, output)}"
            for command, output in zip(wanted, printed, strict=True)
        )
        self.compare(block, block.text, told)

    def shell(self, wanted: list[Command]) -> list[str]:
        """What each command prints, errors too; all are run by one shell."""
        keep = f"status=$?; printf '%s' '{MARK}'; (exit $status)\n"
        script = "".join(f"{self.lab.inside(command.text)}\n{keep}" for command in wanted)
        ran = subprocess.run(
            ["bash", "-c", script], cwd=self.folder, env=ENVIRONMENT, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, check=False,
        )  # fmt: skip
        return ran.stdout.split(MARK)[:-1]

    def compare(self, block: Block, wanted: str, printed: str) -> None:
        shown = self.shown(wanted, printed)
        if shown != wanted:
            self.written[block.span] = shown
            self.faults.append(f"line {block.line}: wanted\n{wanted}\ngot\n{shown}")

    def shown(self, wanted: str, printed: str) -> str:
        """What was printed as a page shows it, without progress. Three dots in a page stand for anything."""
        printed = PROGRESS.sub("", self.lab.outside(printed, self.folder))
        is_same = doctest.OutputChecker().check_output(wanted, printed, doctest.ELLIPSIS)
        return wanted if is_same else printed

    def write(self, page: Path) -> None:
        text = page.read_text()
        for (start, end), printed in sorted(self.written.items(), reverse=True):
            text = text[:start] + printed + text[end:]
        page.write_text(text)
