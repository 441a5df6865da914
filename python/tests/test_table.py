"""ARCHITECTURE.md maps what Rust can do to the names of this package: nothing is missing, and nothing is invented."""

from __future__ import annotations

import re
from pathlib import Path

import regconf

_TABLE = Path(__file__).parents[2] / "ARCHITECTURE.md"


def _column() -> set[str]:
    """The names in the last column."""
    lines = _TABLE.read_text(encoding="utf-8").splitlines()
    first = lines.index("| Rust | C | Go | Python |") + 2
    rows = [line.strip("| ").split(" | ") for line in lines[first:] if line.startswith("|")]
    assert len(rows) > 50 and all(len(row) == 4 for row in rows)
    names = {name for row in rows for name in re.findall("`([^`]+)`", row[3])}
    return {name for name in names if re.fullmatch(r"\w+(\.\w+)?", name)}


def test_what_stands_there_exists() -> None:
    for name in _column():
        found: object = regconf
        for part in name.split("."):
            # What instances of an error have is told by its annotations.
            known = hasattr(found, part) or part in getattr(found, "__annotations__", {})
            assert known, f"{name} is in ARCHITECTURE.md only"
            found = getattr(found, part, None)


def test_what_the_package_has_stands_there() -> None:
    there = {name.split(".")[0] for name in _column()}
    errors = {
        name
        for name in regconf.__all__
        if isinstance(found := getattr(regconf, name), type) and issubclass(found, Exception)
    }
    # The module of the errors, and names of types.
    others = {"errors", "ErrorKind", "Event", "Outcome"}
    missing = set(regconf.__all__) - errors - others - there
    assert not missing, f"without a row in ARCHITECTURE.md: {sorted(missing)}"
