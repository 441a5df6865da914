"""Reports of fleets that never were, in the form of schema/report.schema.json."""

from __future__ import annotations

import json
import random
from typing import Any

import regconf

CONFIG_DIFF = """\
--- a/etc/containerd/config.toml
+++ b/etc/containerd/config.toml
@@ -1,4 +1,4 @@
 version = 2
 root = "/data"
 [plugins."io.containerd.grpc.v1.cri".registry]
-  config_path = ""
+  config_path = "/etc/containerd/certs.d"
"""
HOSTS_DIFF = """\
--- /dev/null
+++ b/etc/containerd/certs.d/my-registry.com/hosts.toml
@@ -0,0 +1,4 @@
+# Made by regconf.
+server = "http://192.168.30.56:5000"
+[host."http://192.168.30.56:5000"]
+  capabilities = ["pull", "resolve"]
"""
HOSTS = {
    "path": "/etc/containerd/certs.d/my-registry.com/hosts.toml",
    "change": "create",
    "diff": HOSTS_DIFF,
}
CONFIG = {"path": "/etc/containerd/config.toml", "change": "change", "diff": CONFIG_DIFF}
RESTART = {"unit": "containerd", "action": "restart", "manager": "systemd"}
NOTE = {"engine": "docker", "host": "my-registry.com", "text": "docker cannot map a name to another address"}


def error(kind: str, message: str, hint: str | None = None) -> dict[str, Any]:
    """An error as a report has it."""
    text = f"{message}; {hint}" if hint else message
    return {"kind": kind, "message": text, "context": [], "path": None, "line": None, "key": None, "hint": hint}


def node(name: str, outcome: str = "changed", **values: Any) -> dict[str, Any]:
    """A node's entry; what is not given is as for a node that was quick."""
    changes = [HOSTS] if outcome in ("changed", "pending", "rolled_back", "unverified", "unknown") else []
    plan = {"changes": changes, "activations": [], "notes": []}
    timing = dict.fromkeys(("connect", "gather", "plan", "wait", "apply", "verify"), 0.0)
    entry: dict[str, Any] = {
        "name": name, "address": f"{name}:22", "outcome": outcome, "resumed": False, "tolerated": False, "batch": 1,
        "plan": plan, "verified": [], "error": None, "pulls": [], "probes": [], "seconds": 0.5, "timing": timing,
    }  # fmt: skip
    if outcome not in ("changed", "unchanged", "pending"):
        entry["error"] = error(
            "connect", f"cannot connect to {entry['address']}: refused", "see whether sshd runs there"
        )
    return entry | values


def report(nodes: list[dict[str, Any]], stopped: dict[str, Any] | None = None) -> regconf.Report:
    """A report of these nodes."""
    groups: dict[str, list[str]] = {}
    for entry in nodes:
        groups.setdefault(entry["outcome"], []).append(entry["name"])
    listed = [{"outcome": outcome, "nodes": names} for outcome, names in groups.items()]
    whole = {"version": 1, "nodes": nodes, "groups": listed, "stopped": stopped}
    return regconf.Report.from_json(json.dumps(whole))


def fleet(count: int, seed: int = 1) -> regconf.Report:
    """A fleet in which most went well, always the same for the same numbers."""
    chance = random.Random(seed)
    ends = ["changed"] * 80 + ["unchanged"] * 14 + ["unreachable"] * 3 + ["failed", "rolled_back", "unverified"]
    return report([_member(number, count, chance.choice(ends), chance) for number in range(1, count + 1)])


def _member(number: int, count: int, outcome: str, chance: random.Random) -> dict[str, Any]:
    scale = chance.lognormvariate(0, 0.6)
    timing = {"connect": 0.2 * scale, "gather": 0.3 * scale, "plan": 0.01, "wait": 0.0, "apply": 0.0, "verify": 0.0}
    if outcome in ("changed", "unverified", "rolled_back"):
        timing |= {"wait": 0.5 * scale, "apply": 1.1 * scale, "verify": 0.9 * scale}
    entry = node(f"node{number:0{len(str(count))}}", outcome, timing=timing, seconds=sum(timing.values()))
    if entry["plan"]["changes"] and number % 3 == 0:
        entry["plan"] = {"changes": [HOSTS, CONFIG], "activations": [RESTART], "notes": [NOTE]}
    return entry
