"""Completion for bash 4 and newer."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator

from ..arguments import Argument, Command

__all__ = ["script"]

_HEAD = """\
# Completion of regconf for bash.
_regconf() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    # bash takes --name=value for three words.
    if [[ $word == "=" ]]; then
        word=
    elif [[ $before == "=" ]]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    COMPREPLY=()
"""
_TAIL = """\
}
complete -F _regconf regconf
"""


def script(commands: Iterable[Command]) -> str:
    """The script, for ``eval``."""
    commands = tuple(commands)
    first = " ".join([*(command.name for command in commands), "--help", "--version"])
    lines = [
        "if ((COMP_CWORD == 1)); then",
        f"    {_offer(first)}",
        "    return",
        "fi",
        "case ${COMP_WORDS[1]}:$before in",
        *_values(commands),
        "esac",
        "case ${COMP_WORDS[1]} in",
        *(line for command in commands for line in _names(command)),
        "esac",
    ]
    return _HEAD + "".join(f"    {line}\n" for line in lines) + _TAIL


def _values(commands: Iterable[Command]) -> Iterator[str]:
    """What may follow an option."""
    for command in commands:
        for argument in command.arguments:
            if argument.metavar and not argument.is_word:
                patterns = "|".join(f"{command.name}:{name}" for name in argument.names)
                yield f"    {patterns}) {_value(argument)}; return ;;"


def _value(argument: Argument) -> str:
    if argument.values:
        return _offer(" ".join(argument.values))
    if argument.completes == "file":
        return "compopt -o default"
    if argument.completes == "folder":
        return "compopt -o dirnames"
    return ":"


def _names(command: Command) -> Iterator[str]:
    """The options, and where the command takes a word, what that may be."""
    names = [name for argument in command.arguments if not argument.is_word for name in argument.names]
    words = [argument for argument in command.arguments if argument.is_word]
    yield f"    {command.name})"
    for word in words:
        yield f"        [[ $word == -* ]] || {{ {_value(word)}; return; }}"
    yield f"        {_offer(' '.join(names))} ;;"


def _offer(words: str) -> str:
    return f'mapfile -t COMPREPLY < <(compgen -W {shlex.quote(words)} -- "$word")'
