"""What stands on a page of the documentation, as a test can run it.

A fenced block is

* a file, if a name stands behind its language: ``json settings.json``; ``toml alpha:/etc/containerd/config.toml`` is a
  file of the node alpha, and with ``after`` behind it what that node has in the end;
* code that is run, if its language is ``python``; what it prints stands below it in a block ``text output``;
* a session in a shell, if its language is ``console``: commands behind ``$``, and what they print;
* anything else: text, which no test runs; directives of Sphinx are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^```(?P<info>[^`{\n]+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block."""

    #: The language, in small letters.
    language: str
    #: What stands behind it: the name of a file, ``output``, or nothing.
    name: str
    #: Whether a file is what there is at the end, and not at the beginning.
    is_after: bool
    text: str
    #: Its first line in the page, counted from 1.
    line: int
    #: Where the text begins and ends in the page.
    span: tuple[int, int]


@dataclass(frozen=True)
class Command:
    """A command of a session, and what it prints."""

    text: str
    output: str


def blocks(page: Path, section: str | None = None) -> list[Block]:
    """The fenced blocks of a page, or of one section of it."""
    text = page.read_text()
    start, end = _section(text, section) if section else (0, len(text))
    return [_block(text, match) for match in _FENCE.finditer(text, start, end)]


def _section(text: str, title: str) -> tuple[int, int]:
    found = re.search(rf"^## {re.escape(title)}$", text, re.MULTILINE)
    if found is None:
        raise ValueError(f"there is no section {title}")
    following = re.compile(r"^## ", re.MULTILINE).search(text, found.end())
    return found.start(), following.start() if following else len(text)


def _block(text: str, match: re.Match[str]) -> Block:
    language, name, after = (*match["info"].split(), "", "")[:3]
    line = text.count("\n", 0, match.start()) + 1
    return Block(language.lower(), name, after == "after", match["text"], line, match.span("text"))


def commands(session: str) -> Iterator[Command]:
    """The commands of a session; a backslash at the end of a line continues it."""
    lines = session.splitlines()
    if not lines or not lines[0].startswith("$ "):
        raise ValueError("a session begins with a command behind $")
    while lines:
        command = [lines.pop(0)[2:]]
        while command[-1].endswith("\\"):
            command.append(lines.pop(0))
        output = []
        while lines and not lines[0].startswith("$ "):
            output.append(lines.pop(0) + "\n")
        yield Command("\n".join(command), "".join(output))


def headings(page: Path, level: int) -> list[str]:
    """The headings of a level, as they stand in the page; fenced blocks have none."""
    text = _FENCE.sub("", page.read_text())
    return [found.strip() for found in re.findall(rf"^{'#' * level} (.+)$", text, re.MULTILINE)]
