"""Completion for zsh."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..arguments import Argument, Command

__all__ = ["script"]

_HEAD = """\
#compdef regconf
# Completion of regconf for zsh.
_regconf() {
    local -a commands
"""
_TAIL = """\
}
# As a file in $fpath it is called; in a startup file it is made known.
if [[ $funcstack[1] == _regconf ]]; then
    _regconf "$@"
else
    compdef _regconf regconf
fi
"""


def script(commands: Iterable[Command]) -> str:
    """The script, for ``eval`` or as the file ``_regconf``."""
    commands = tuple(commands)
    lines = [
        "commands=(",
        *(f"    {_quoted(f'{command.name}:{command.summary}')}" for command in commands),
        ")",
        "if ((CURRENT == 2)); then",
        "    _describe command commands",
        "    return",
        "fi",
        "shift words",
        "((CURRENT--))",
        "case $words[1] in",
        *(line for command in commands for line in _command(command)),
        "esac",
    ]
    return _HEAD + "".join(f"    {line}\n" for line in lines) + _TAIL


def _command(command: Command) -> Iterator[str]:
    yield f"    {command.name})"
    *others, last = [_spec(argument) for argument in command.arguments]
    yield "        _arguments -S -s \\"
    yield from (f"            {spec} \\" for spec in others)
    yield f"            {last} ;;"


def _spec(argument: Argument) -> str:
    value = f":{_plain(argument.metavar)}:{_action(argument)}" if argument.metavar else ""
    if argument.is_word:
        return _quoted((":" if argument.is_optional else "") + value)
    told = _quoted(f"[{_plain(argument.help)}]{value}")
    if argument.repeats:
        return (
            "".join(["'*'", argument.names[0], told]) if len(argument.names) == 1 else _several("'*'", argument, told)
        )
    if len(argument.names) == 1:
        return argument.names[0] + told
    return _several(_quoted(f"({' '.join(argument.names)})"), argument, told)


def _several(before: str, argument: Argument, told: str) -> str:
    return f"{before}{{{','.join(argument.names)}}}{told}"


def _action(argument: Argument) -> str:
    if argument.values:
        return f"({' '.join(argument.values)})"
    return {"file": "_files", "folder": "_files -/", "": " "}[argument.completes]


def _plain(text: str) -> str:
    """Text in which no sign has a meaning for ``_arguments``."""
    return "".join(f"\\{sign}" if sign in "\\[]:" else sign for sign in text)


def _quoted(text: str) -> str:
    escaped = text.replace("'", "'\\''")
    return f"'{escaped}'"
