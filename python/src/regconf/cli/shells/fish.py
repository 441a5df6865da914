"""Completion for fish."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..arguments import Argument, Command

__all__ = ["script"]


def script(commands: Iterable[Command]) -> str:
    """The script, for a file in fish's folder of completions."""
    lines = [
        "# Completion of regconf for fish.",
        "complete -c regconf -f",
        "complete -c regconf -n __fish_use_subcommand -l help -d 'Print this.'",
        "complete -c regconf -n __fish_use_subcommand -l version -d 'Print the version.'",
    ]
    for command in commands:
        told = _quoted(command.summary)
        lines.append(f"complete -c regconf -n __fish_use_subcommand -a {command.name} -d {told}")
        lines += (line for argument in command.arguments for line in _argument(command, argument))
    return "\n".join(lines) + "\n"


def _argument(command: Command, argument: Argument) -> Iterator[str]:
    begin = f"complete -c regconf -n '__fish_seen_subcommand_from {command.name}'"
    if argument.is_word:
        yield f"{begin} {_word(argument)}"
        return
    names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in argument.names)
    value = f" {_value(argument)}" if argument.metavar else ""
    yield f"{begin} {names}{value} -d {_quoted(argument.help)}"


def _word(argument: Argument) -> str:
    return f"-a {_quoted(' '.join(argument.values))}" if argument.values else ("-F" if argument.completes else "-f")


def _value(argument: Argument) -> str:
    if argument.values:
        return f"-x -a {_quoted(' '.join(argument.values))}"
    return {"file": "-r -F", "folder": "-x -a '(__fish_complete_directories)'", "": "-x"}[argument.completes]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
