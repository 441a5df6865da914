"""Each example of the documentation is run, and prints what the page says."""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from docs_lab import Lab
from docs_pages import Block, Command, blocks, commands, headings

import regconf

PROJECT = Path(__file__).parents[2]
DOCS = PROJECT / "python/docs"
PAGES = sorted(DOCS.rglob("*.md"))
#: Between two commands of a session.
MARK = "-- next command --\n"


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.stop()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_examples(page: Path, lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.begin(tmp_path)
    monkeypatch.chdir(tmp_path)
    Run(lab, tmp_path).page(blocks(page))


class Run:
    """A page that is run in a folder."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab = lab
        self.folder = folder
        # The blocks of Python on a page are one program.
        self.names: dict[str, object] = {"__name__": "__main__"}

    def page(self, found: list[Block]) -> None:
        for block in found:
            if block.name and block.name != "output" and not block.is_after:
                self.path(block).parent.mkdir(parents=True, exist_ok=True)
                self.path(block).write_text(self.lab.inside(block.text))
        for block, following in zip(found, [*found[1:], None]):
            if block.is_after:
                assert self.path(block).read_text() == block.text, f"line {block.line}: {block.name}"
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
            exec(code, self.names)
        wanted = following.text if following and following.name == "output" else ""
        self.compare(wanted, printed.getvalue(), block)

    def session(self, block: Block) -> None:
        wanted = list(commands(block.text))
        printed = self.shell(wanted)
        assert len(printed) == len(wanted), f"line {block.line}: {printed}"
        for command, output in zip(wanted, printed):
            self.compare(command.output, output, block)

    def shell(self, wanted: list[Command]) -> list[str]:
        """What each command prints, errors too; all are run by one shell."""
        keep = "status=$?; printf '%s' '" + MARK + "'; (exit $status)\n"
        script = "".join(f"{self.lab.inside(command.text)}\n{keep}" for command in wanted)
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        env = {**os.environ, "PATH": path, "NO_COLOR": "1", "COLUMNS": "100", "LC_ALL": "C.UTF-8"}
        ran = subprocess.run(
            ["bash", "-c", script], cwd=self.folder, env=env, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, check=False,
        )  # fmt: skip
        return ran.stdout.split(MARK)[:-1]

    def compare(self, wanted: str, printed: str, block: Block) -> None:
        """Three dots in a page stand for anything."""
        printed = self.lab.outside(printed, self.folder)
        flags = doctest.ELLIPSIS
        checker = doctest.OutputChecker()
        if not checker.check_output(wanted, printed, flags):
            example = doctest.Example("", wanted)
            pytest.fail(f"line {block.line}:\n{block.text}\n{checker.output_difference(example, printed, flags)}")
