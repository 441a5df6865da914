"""The golden cases, whose README tells their format."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import regconf

from samples import GOLDEN

CASES = sorted(path.parent for path in GOLDEN.glob("*/*/settings.json"))
Files = dict[str, bytes]


def test_there_are_cases() -> None:
    assert len(CASES) > 600


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_golden(case: Path) -> None:
    before = files_below(case / "before")
    error = case / "error.json"
    if error.exists():
        with pytest.raises(regconf.Error) as raised:
            make(case, before)
        check_error(json.loads(error.read_text()), raised.value)
        check_secrets(case, f"{raised.value} {raised.value!r} {raised.value.to_json()}")
        return
    plan = make(case, before)
    after = check_changes(case, before, plan)
    check_notes(case, plan)
    check_secrets(case, plan.diff() + plan.to_json() + repr(plan.changes) + repr(plan.notes))
    assert "".join(change.diff for change in plan.changes) == plan.diff()
    again = make(case, after)
    assert again.is_empty and not again, again.diff()


def make(case: Path, files: Files) -> regconf.Plan:
    facts = json.loads((case / "facts.json").read_text()) if (case / "facts.json").exists() else {}
    unknown = set(facts) - {"versions", "units", "daemons", "outputs", "folders"}
    assert not unknown
    answers: list[tuple[dict[str, Any], str]] = []
    answers += [({"unit": unit}, text) for unit, text in facts.get("units", {}).items()]
    answers += [({"daemon": program}, text) for program, text in facts.get("daemons", {}).items()]
    answers += [({"command": words(command)}, text) for command, text in facts.get("outputs", {}).items()]
    known = regconf.Facts(
        files,
        folders=dict.fromkeys(facts.get("folders", ()), ()),
        versions=facts.get("versions"),
        answers=answers,
    )
    return regconf.plan(regconf.Settings.load(case / "settings.json"), known)


def words(command: str) -> list[str]:
    """Those of a command; a blank between {{ and }} belongs to its word."""
    return re.findall(r"(?:\{\{.*?\}\}|\S)+", command)


def check_changes(case: Path, before: Files, plan: regconf.Plan) -> Files:
    """Gives the files as they are after the plan."""
    wanted: dict[str, bytes | None] = {**files_below(case / "after")}
    wanted.update(dict.fromkeys(lines(case / "after" / ".deleted")))
    wanted.pop("/.deleted", None)
    assert bool(wanted) != (case / "unchanged").exists(), "exactly one of after/, error.json and unchanged"
    assert {change.path: change.after for change in plan.changes} == wanted
    after = dict(before)
    for change in plan.changes:
        assert change.before == before.get(change.path)
        kind = "create" if change.before is None else "delete" if change.after is None else "change"
        assert change.kind == kind
        after.pop(change.path, None)
        if change.after is not None:
            after[change.path] = change.after
    return after


def check_notes(case: Path, plan: regconf.Plan) -> None:
    wanted = lines(case / "notes")
    for line in wanted:
        assert any(line in note.text for note in plan.notes), f"no note says {line!r}"
    for note in plan.notes:
        assert any(line in note.text for line in wanted), f"a note too many: {note.text!r}"


def check_error(wanted: dict[str, Any], error: regconf.Error) -> None:
    for field in ("kind", "path", "line", "key"):
        if field in wanted:
            assert getattr(error, field) == wanted[field]
    assert wanted.get("contains", "") in str(error)


def check_secrets(case: Path, shown: str) -> None:
    for secret in lines(case / "secret"):
        assert secret not in shown


def files_below(root: Path) -> Files:
    found = (path for path in root.rglob("*") if path.is_file())
    return {f"/{path.relative_to(root)}": path.read_bytes() for path in found}


def lines(path: Path) -> list[str]:
    return path.read_text().removesuffix("\n").split("\n") if path.exists() else []
