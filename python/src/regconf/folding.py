"""Names of nodes, shortened for people: ``node01``, ``node02`` and ``node03`` are ``node[01-03]``."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator

__all__ = ["folded"]

_DIGITS = re.compile(r"\d+", re.ASCII)
_ADDRESS = re.compile(r"[\d.]+|[\da-f:]+", re.ASCII)
# What stands before the number and after it, and how many digits it has if zeros lead; 0 if none do. A name without a
# number has _PLAIN for that.
_Family = tuple[str, str, int]
_PLAIN = -1


def folded(names: Iterable[str], limit: int = 0) -> str:
    """Joins names with commas, those that differ in one number only as ranges.

    Families stand in the order in which they come first, numbers in their own order. Of host names the number is the
    last one of the first label, of addresses the last one.

    Args:
        names: The names. A name that comes twice is told once.
        limit: After so many names and ranges the rest is counted only; 0 for no limit.

    >>> folded(["n9", "n10", "n11", "gpu", "n13"])
    'n[9-11,13], gpu'
    >>> folded(["10.0.0.7", "10.0.0.8"])
    '10.0.0.[7-8]'
    >>> folded(["n1", "n2", "n4", "n7", "gpu"], limit=2)
    'n[1-2,4] and 2 more'
    """
    families: dict[_Family, set[int]] = {}
    for family, number in _read(dict.fromkeys(names)):
        families.setdefault(family, set()).add(number)
    parts, room, rest = [], limit or sys.maxsize, 0
    for family, numbers in families.items():
        runs = _runs(numbers)
        rest += sum(last - first + 1 for first, last in runs[room:])
        if room:
            parts.append(_text(family, runs[:room]))
        room -= min(room, len(runs))
    return ", ".join(parts) + (f" and {rest} more" if rest else "")


def _read(names: Iterable[str]) -> Iterator[tuple[_Family, int]]:
    split = [_split(name) for name in names]
    # Where node01 is, node10 is of the same family, though no zero leads in it.
    padded = {(head, tail, len(digits)) for head, digits, tail in split if digits.startswith("0") and digits != "0"}
    for head, digits, tail in split:
        if not digits:
            yield (head, tail, _PLAIN), 0
        elif (head, tail, len(digits)) in padded:
            yield (head, tail, len(digits)), int(digits)
        else:
            yield (head, tail, 0), int(digits)


def _split(name: str) -> tuple[str, str, str]:
    label = name if _ADDRESS.fullmatch(name) else name.partition(".")[0]
    # More digits than these are an id, and no count of nodes.
    found = [match for match in _DIGITS.finditer(label) if match.end() - match.start() <= 9]
    if not found or ":" in label:
        return name, "", ""
    start, end = found[-1].span()
    return name[:start], name[start:end], name[end:]


def _text(family: _Family, runs: list[tuple[int, int]]) -> str:
    head, tail, width = family
    if width == _PLAIN:
        return head
    shown = ",".join(f"{a:0{width}}" if a == b else f"{a:0{width}}-{b:0{width}}" for a, b in runs)
    is_one = len(runs) == 1 and runs[0][0] == runs[0][1]
    return f"{head}{shown}{tail}" if is_one else f"{head}[{shown}]{tail}"


def _runs(numbers: set[int]) -> list[tuple[int, int]]:
    """Neighbouring numbers, as first and last of each run."""
    runs: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs
