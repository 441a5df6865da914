"""A value of each class, and another one that is not equal to it."""

from __future__ import annotations

import functools
from pathlib import Path

import regconf
from regconf import errors

GOLDEN = Path(__file__).resolve().parents[2] / "tests" / "golden"


@functools.cache
def ca() -> str:
    """A certificate."""
    return (GOLDEN / "ca.pem").read_text()


def plan_of(text: str) -> tuple[regconf.Plan, regconf.Facts]:
    """A plan for a daemon.json, and the facts that it was made from."""
    facts = regconf.Facts({"/etc/docker/daemon.json": text}, versions={"docker": "28.0.1"})
    return regconf.plan(regconf.Settings(ensure=[regconf.Registry("reg.lab:5000", insecure="http")]), facts), facts


def report(*names: str) -> regconf.Report:
    """A report on folders that hold no system."""
    nodes = [regconf.Node(local=True, name=name, root="/nowhere") for name in names]
    return regconf.push(nodes, regconf.Settings())


def values() -> dict[str, tuple[object, object]]:
    """Two values of each class, made anew."""
    plan, facts = plan_of("{}")
    other, other_facts = plan_of('{"debug": true}')
    resolved = plan.explain("reg.lab:5000/app", facts).engines[0]
    unplanned = regconf.Report.from_json('{"version": 1, "nodes": [], "groups": [], "stopped": null, "later": 7}')
    one, two = report("n1"), report("n1", "n2")
    imported = regconf.parse_inventory("n1\nops@n2\n")
    return {
        "RegistryHost": (regconf.RegistryHost("reg.lab:5000"), regconf.RegistryHost("reg.lab")),
        "ImageReference": (regconf.ImageReference("busybox"), regconf.ImageReference("busybox:1")),
        "Client": (regconf.Client("c", "k"), regconf.Client("c", "l")),
        "Endpoint": (
            regconf.Endpoint("https://reg.lab", override_path=True, capabilities=["pull"], ca=ca()),
            regconf.Endpoint("https://reg.lab"),
        ),
        "Registry": (
            regconf.Registry("reg.lab", endpoints=["http://a.lab", "http://b.lab"], fallback=False, engines=["docker"]),
            regconf.Registry("reg.lab", insecure="skip_verify"),
        ),
        "Removal": (regconf.Removal("docker.io", endpoints=["https://m.lab"]), regconf.Removal("docker.io")),
        "Settings": (
            regconf.Settings(ensure=[regconf.Registry("10.0.0.0/8", insecure="http")], remove=["a.lab"], migrate=True),
            regconf.Settings(enable_cri=True),
        ),
        "Facts": (
            regconf.Facts(
                folders={"/etc/docker/certs.d": ["a.lab/"]}, engines=["docker"], config_paths={"docker": "/d"}
            ),
            regconf.Facts(versions={"docker": "28.0.1"}, assumed_versions={"containerd": "1.7.24"}),
        ),
        "Node": (
            regconf.Node("ops@10.0.0.5:2222", jump=[regconf.Node("j@bastion")], become="sudo", connect_timeout=0.5),
            regconf.Node(local=True, root="/mnt/image", settings=regconf.Settings(migrate=True)),
        ),
        "Plan": (plan, other),
        "FileChange": (plan.changes[0], other.changes[0]),
        "Activation": (
            regconf.Activation(unit="docker", action="reload", manager="systemd"),
            regconf.Activation(unit="docker", action="restart", manager="systemd"),
        ),
        "Note": (
            regconf.Note(engine="docker", host=regconf.RegistryHost("a.lab"), text="t"),
            regconf.Note(engine="docker", host=None, text="t"),
        ),
        "Explanation": (plan.explain("reg.lab:5000/app", facts), other.explain("other.lab/app", other_facts)),
        "EngineExplanation": (resolved, plan.explain("other.lab/app", facts).engines[0]),
        "Resolution": (resolved.before, resolved.after),
        "ResolvedHost": (resolved.before.hosts[0], resolved.after.hosts[0]),
        "Timing": (one[0].timing, regconf.Timing(connect=0.1, gather=1, plan=0, wait=0, apply=0, verify=1e-9)),
        "Pull": (
            regconf.Pull(engine="docker", program="docker", image="a", passed=True, text="", cause=None, remedy=None),
            regconf.Pull(engine="docker", program="docker", image="a", passed=False, text="x", cause="c", remedy="r"),
        ),
        "Probe": (
            regconf.Probe(url="http://a.lab", found="http", is_usable=True, text="t"),
            regconf.Probe(url="http://a.lab", found="refused", is_usable=False, text="t"),
        ),
        "ReportedChange": (
            regconf.ReportedChange(path="/a", kind="create", diff="+a"),
            regconf.ReportedChange(path="/a", kind="delete", diff="-a"),
        ),
        "NodeReport": (two[0], two[1]),
        "Report": (two, unplanned),
        "Group": (two.groups[0], one.groups[0]),
        "Advice": (regconf.advice("connection refused"), regconf.advice("no such host")),
        "Remark": (
            regconf.Remark(kind="decided", path="f", line=3, key="k", text="t"),
            regconf.Remark(kind="skipped", path=None, line=None, key="", text="t"),
        ),
        "Imported": (imported, regconf.parse_inventory("n1\n")),
        "Exported": (regconf.Exported(text="a", remarks=[]), regconf.Exported(text="b", remarks=[])),
    }


def error_classes() -> list[type[regconf.Error]]:
    """All classes of errors but their base."""
    return [found for found in vars(errors).values() if isinstance(found, type) and regconf.Error in found.__bases__]
