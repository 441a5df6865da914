"""Inventories and registry settings of other tools: the cases of tests/import, whose README tells their format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import regconf

ROOT = Path(__file__).resolve().parents[2] / "tests" / "import"
CASES = sorted(path.parent for path in ROOT.glob("*/*/expected.json"))


def test_there_are_cases() -> None:
    assert len(CASES) >= 6


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_import(case: Path) -> None:
    (inventory,) = [path for path in case.iterdir() if path.name.startswith("inventory")]
    options = json.loads((case / "options.json").read_text()) if (case / "options.json").exists() else {}
    expected = json.loads((case / "expected.json").read_text())
    found = imported(case, inventory, options)
    assert found == expected


def imported(case: Path, inventory: Path, options: dict[str, Any]) -> Any:
    try:
        result = regconf.load_inventory(inventory, **options)
    except regconf.Error as error:
        return json.loads(json.dumps({"error": str(error)}).replace(f"{case}/", ""))
    found = json.loads(result.to_json().replace(f"{case}/", ""))
    assert result.format == found["format"] and [remark.text for remark in result.remarks] == [
        remark["text"] for remark in found["remarks"]
    ]
    if result.nodes:
        assert regconf.parse_nodes(regconf.nodes_to_json(result.nodes)) == list(result.nodes)
    return found


def test_a_text_is_imported_with_defaults() -> None:
    result = regconf.parse_inventory("n1\nroot@n2:2222\n", defaults={"user": "ops", "known_hosts": [Path("kh")]})
    assert (result.format, result.remarks) == ("lines", ())
    assert [(node.user, node.known_hosts) for node in result.nodes] == [("ops", ("kh",)), ("root", ("kh",))]


def test_remarks_have_a_place() -> None:
    text = "all: {hosts: {n1: {ansible_host: 10.0.0.1, ansible_password: hunter2, containerd_registry_mirror: x}}}\n"
    result = regconf.parse_inventory(text, format="kubespray", all_hosts=True)
    assert result.nodes[0].password == "hunter2"
    assert "hunter2" not in repr(result) + "".join(map(str, result.remarks))
    remark = regconf.Remark(kind="unknown", path="/f", line=3, key="a.b", text="is not known")
    assert str(remark) == "/f:3: a.b: is not known"


def test_settings_are_written_for_kubespray() -> None:
    settings = regconf.Settings(ensure=[regconf.Registry("reg.lab:5000", insecure="http")], remove=["old.lan:5000"])
    exported = settings.to_kubespray()
    assert "containerd_registries_mirrors" in exported.text and "reg.lab:5000" in exported.text
    assert exported.remarks, "kubespray cannot remove"
    back = regconf.parse_inventory(exported.text)
    assert back.settings.ensure[0].host == settings.ensure[0].host


def test_what_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(regconf.IoError):
        regconf.load_inventory(tmp_path / "none")
    with pytest.raises(regconf.InvalidArgumentError):
        regconf.parse_inventory("", format="unheard-of")  # type: ignore[arg-type]
    with pytest.raises(regconf.Error) as raised:
        regconf.parse_inventory("n1", defaults={"pasword": "hunter2"})
    assert "pasword" in str(raised.value) and "hunter2" not in str(raised.value)
