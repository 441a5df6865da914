"""The help texts."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from .. import terminal
from .arguments import Argument, Command
from .commands import COMMANDS

__all__ = ["of_command", "of_program"]

_COLUMN = 28
_ABOUT = (
    "regconf merges image registry settings into the existing containerd and docker configs of a node or of a fleet,"
    " and leaves every other byte as it is."
)
_EXAMPLES = (
    ("See what it would do to one node, then do it:",
     "regconf plan -n root@10.0.0.11 --insecure 192.168.30.56:5000\n"
     "  $ regconf push -n root@10.0.0.11 --insecure 192.168.30.56:5000"),
    ("A fleet:", "regconf push -s settings.json -i nodes.json"),
)  # fmt: skip


def of_program(version: str) -> str:
    """The help of the program without a command."""
    commands = [(command.name, command.summary) for command in COMMANDS]
    lines = [
        f"regconf {version}: registry settings for containerd and docker",
        *_titled("Usage", ["  regconf COMMAND [options]", "  regconf COMMAND --help"]),
        "",
        *_wrapped(_ABOUT),
        *_titled("Commands", _rows(commands, 14)),
        *_titled("General", _rows([("-h, --help", "Print this."), ("--version", "Print the version.")], 14)),
        *_titled("Examples", _examples(_EXAMPLES)),
    ]
    return "\n".join(lines) + "\n"


def of_command(command: Command) -> str:
    """The help of a command."""
    lines = [
        f"regconf {command.name}: {command.summary}",
        *_titled("Usage", (f"  regconf {usage}" for usage in command.usage)),
    ]
    for paragraph in command.about:
        lines += ["", *_wrapped(paragraph)]
    for section in command.sections:
        rows = ((argument.label, _told(argument)) for argument in section.arguments)
        lines += _titled(section.title, _rows(rows, _COLUMN))
    lines += _titled("Examples", _examples(command.examples))
    lines += _titled("Exit codes", _rows(((str(code), text) for code, text in command.exit_codes), 9))
    return "\n".join(lines) + "\n"


def _told(argument: Argument) -> str:
    values = f" One of {', '.join(argument.values)}." if len(argument.values) > 3 else ""
    repeats = " May be repeated." if argument.repeats else ""
    return argument.help + values + repeats


def _titled(title: str, lines: Iterable[str]) -> list[str]:
    return ["", f"{title}:", *lines]


def _wrapped(text: str, indent: str = "", first: str | None = None) -> list[str]:
    return textwrap.wrap(
        text,
        terminal.width(),
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_on_hyphens=False,
    )


def _rows(rows: Iterable[tuple[str, str]], column: int) -> Iterator[str]:
    for left, right in rows:
        if len(left) + 4 <= column:
            yield from _wrapped(right, " " * column, f"  {left}".ljust(column))
        else:
            yield f"  {left}"
            yield from _wrapped(right, " " * column)


def _examples(examples: Iterable[tuple[str, str]]) -> Iterator[str]:
    for number, (remark, line) in enumerate(examples):
        yield from [""] * bool(number) + [*_wrapped(remark, "  "), f"  $ {line}"]
