"""Running the command line in processes of its own, on folders that hold systems."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

CONFIG = 'version = 2\n\n[plugins."io.containerd.grpc.v1.cri".registry]\n  config_path = ""\n'
DAEMON = '{\n\t"debug": true\n}\n'
SETTINGS: dict[str, Any] = {
    "ensure": [
        {"host": "my-registry.com", "endpoints": [{"url": "http://192.168.30.56:5000"}]},
        {"host": "192.168.30.56:5000", "insecure": "http"},
    ]
}
#: What a folder cannot be asked.
ASSUMED = ("--assume", "containerd=1.7.24", "--assume", "docker=26.1.5")


def environment(home: Path, **more: str) -> dict[str, str]:
    """An environment in which nothing of whoever runs the tests counts."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"HOME": str(home), "LANG": "C.UTF-8", "TERM": "xterm", "COLUMNS": "100"} | more


def command(*words: str | Path) -> list[str]:
    """The words that start the command line."""
    return [sys.executable, "-m", "regconf", *map(str, words)]


def run(folder: Path, *words: str | Path, text: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """Runs the command line in a folder; nobody sits at a terminal."""
    return subprocess.run(
        command(*words), cwd=folder, env=environment(folder, **more), input=text, capture_output=True, text=True,
        encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip


def system(folder: Path, config: str | None = CONFIG, daemon: str | None = DAEMON) -> Path:
    """Makes a folder that holds a system with these files."""
    for path, text in (("etc/containerd/config.toml", config), ("etc/docker/daemon.json", daemon)):
        if text is not None:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    return folder


def settings(folder: Path, value: dict[str, Any] | None = None) -> Path:
    """Writes settings."""
    path = folder / "settings.json"
    path.write_text(json.dumps(SETTINGS if value is None else value), encoding="utf-8")
    return path


def nodes(folder: Path, roots: Sequence[Path], *others: dict[str, Any]) -> Path:
    """Writes a list of nodes that are folders of this machine, and of others."""
    local = [{"name": root.name, "local": True, "root": str(root)} for root in roots]
    path = folder / "nodes.json"
    path.write_text(json.dumps({"nodes": [*local, *others]}), encoding="utf-8")
    return path


def golden(name: str, text: str) -> None:
    """Compares a text with the file of that name; ``REGCONF_WRITE_GOLDEN=1`` writes it anew."""
    path = Path(__file__).parent / "golden" / name
    if os.environ.get("REGCONF_WRITE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), f"{path} differs; REGCONF_WRITE_GOLDEN=1 writes it anew"
