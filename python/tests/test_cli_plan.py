"""plan, apply and explain on folders that hold systems."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import regconf

from command_line import ASSUMED, CONFIG, golden, nodes, run, settings, system


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return system(tmp_path / "image")


def files(root: Path) -> dict[str, bytes]:
    found = (path for path in root.rglob("*") if path.is_file() and "var/lib/regconf" not in str(path))
    return {str(path.relative_to(root)): path.read_bytes() for path in found}


def test_plan_prints_the_diff_and_writes_nothing(tmp_path: Path, root: Path) -> None:
    before = files(root)
    done = run(tmp_path, "plan", "-s", settings(tmp_path), "--root", "image", *ASSUMED)
    assert done.returncode == 0
    golden("plan.txt", done.stdout)
    assert "1 node: 1 pending" in done.stderr
    assert files(root) == before


def test_check(tmp_path: Path, root: Path) -> None:
    wanted = settings(tmp_path)
    words = ("plan", "-s", wanted, "--root", root, "--check", *ASSUMED)
    assert run(tmp_path, *words).returncode == 3
    assert run(tmp_path, "apply", "-s", wanted, "--root", root, *ASSUMED).returncode == 0
    done = run(tmp_path, *words)
    assert (done.returncode, done.stdout) == (0, "")


def test_plan_as_json(tmp_path: Path, root: Path) -> None:
    done = run(tmp_path, "plan", "-s", settings(tmp_path), "--root", root, "--json", *ASSUMED)
    report = regconf.Report.from_json(done.stdout)
    assert report[0].outcome == "pending" and len(report[0].changes) == 4


def test_plan_of_nodes_tells_each_change_once(tmp_path: Path) -> None:
    roots = [system(tmp_path / f"node{i}") for i in range(1, 6)] + [system(tmp_path / "other", config=None)]
    wanted = ("--insecure", "192.168.30.56:5000")
    done = run(tmp_path, "plan", *wanted, "-i", nodes(tmp_path, roots), *ASSUMED)
    assert done.returncode == 0, done.stderr
    heads = [line for line in done.stdout.splitlines() if line.startswith("==> ")]
    assert heads == ["==> pending: node[1-5]", "==> pending: other"]


def test_apply_merges_and_activates_nothing(tmp_path: Path, root: Path) -> None:
    wanted = settings(tmp_path)
    done = run(tmp_path, "apply", "-s", wanted, "--root", "image", *ASSUMED)
    assert done.returncode == 0
    golden("apply.txt", done.stdout)
    assert '"debug": true,\n\t"insecure-registries"' in (root / "etc/docker/daemon.json").read_text(encoding="utf-8")
    after = files(root)
    again = run(tmp_path, "apply", "-s", wanted, "--root", "image", *ASSUMED, "--json")
    assert [node.outcome for node in regconf.Report.from_json(again.stdout)] == ["unchanged"]
    assert files(root) == after


def test_what_cannot_be_merged_is_two_for_a_folder(tmp_path: Path) -> None:
    root = system(tmp_path / "image", config=CONFIG + '[plugins."io.containerd.grpc.v1.cri".registry]\n')
    for command in ("plan", "apply"):
        done = run(tmp_path, command, "-s", settings(tmp_path), "--root", root, *ASSUMED)
        assert done.returncode == 2, command
        assert "/etc/containerd/config.toml:5" in done.stdout + done.stderr


def test_single_options(tmp_path: Path, root: Path) -> None:
    (tmp_path / "ca.pem").write_text((Path(__file__).parents[2] / "tests/golden/ca.pem").read_text(), encoding="utf-8")
    done = run(
        tmp_path, "apply", "--root", root, *ASSUMED, "--engine", "containerd",
        "--ensure", "a.lab=https://b.lab", "--ensure", "a.lab=http://c.lab:5000", "--ca", "ca.pem",
        "--insecure", "d.lab:5000", "--skip-verify", "e.lab:5443",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    hosts = {path.parent.name: path.read_text(encoding="utf-8") for path in root.rglob("hosts.toml")}
    assert set(hosts) == {"a.lab", "d.lab:5000", "e.lab:5443"}
    assert hosts["a.lab"].index("https://b.lab") < hosts["a.lab"].index('[host."http://c.lab:5000"]')
    assert "ca = " in hosts["a.lab"] and "skip_verify = true" in hosts["e.lab:5443"]
    assert '"insecure-registries"' not in (root / "etc/docker/daemon.json").read_text(encoding="utf-8")


def test_single_options_win_over_settings(tmp_path: Path, root: Path) -> None:
    wanted = settings(tmp_path)
    assert run(tmp_path, "apply", "-s", wanted, "--root", root, *ASSUMED).returncode == 0
    done = run(tmp_path, "apply", "-s", wanted, "--root", root, *ASSUMED, "--remove", "my-registry.com")
    assert done.returncode == 0, done.stderr
    assert not (root / "etc/containerd/certs.d/my-registry.com/hosts.toml").exists()


def test_settings_from_standard_input(tmp_path: Path, root: Path) -> None:
    text = settings(tmp_path).read_text(encoding="utf-8")
    assert run(tmp_path, "plan", "-s", "-", "--root", root, "--check", *ASSUMED, text=text).returncode == 3


def test_dry_run(tmp_path: Path, root: Path) -> None:
    before = files(root)
    assert run(tmp_path, "apply", "-s", settings(tmp_path), "--root", root, "--dry-run", *ASSUMED).returncode == 3
    assert files(root) == before


def test_explain(tmp_path: Path, root: Path) -> None:
    words = ("explain", "my-registry.com/team/app:v1", "-s", settings(tmp_path), "--root", root, *ASSUMED)
    done = run(tmp_path, *words)
    assert done.returncode == 0
    golden("explain.txt", done.stdout)
    told = json.loads(run(tmp_path, *words, "--json").stdout)
    assert [engine["engine"] for engine in told["engines"]] == ["containerd", "docker"]
    assert told["engines"][0]["after"]["hosts"][0]["url"] == "http://192.168.30.56:5000/v2"


def test_explain_without_settings_and_from_single_files(tmp_path: Path) -> None:
    text = '{"registry-mirrors": ["https://mirror.lab"], "insecure-registries": []}'
    (tmp_path / "daemon.json").write_text(text, encoding="utf-8")
    done = run(tmp_path, "explain", "busybox", "--file", "/etc/docker/daemon.json=daemon.json", *ASSUMED)
    assert done.returncode == 0
    assert "docker: docker.io/library/busybox:latest" in done.stdout
    assert "1. https://mirror.lab/v2" in done.stdout and "now" not in done.stdout


def test_explain_reads_what_configs_name(tmp_path: Path) -> None:
    config = CONFIG.replace('""', '"/data/certs.d"') + '[a]\nb = "/nowhere/*.toml"\n'
    root = system(tmp_path / "image", config=config)
    hosts = root / "data/certs.d/my-registry.com/hosts.toml"
    hosts.parent.mkdir(parents=True)
    hosts.write_text('server = "https://my-registry.com"\n[host."http://far.lab:5000"]\n', encoding="utf-8")
    done = run(tmp_path, "explain", "my-registry.com/app", "--root", root, *ASSUMED)
    assert "1. http://far.lab:5000/v2" in done.stdout


def test_links_of_a_system_never_lead_out_of_it(tmp_path: Path) -> None:
    root = system(tmp_path / "image", config=None)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/config.toml").write_text(CONFIG.replace('""', '"/outside"'), encoding="utf-8")
    (root / "real").mkdir()
    (root / "real/config.toml").write_text(CONFIG.replace('""', '"/inside"'), encoding="utf-8")
    (root / "etc/containerd").symlink_to("/../../real")
    from regconf.cli.rooted import files as read

    assert b"/inside" in read(str(root))["/etc/containerd/config.toml"]
    (root / "etc/containerd").unlink()
    (root / "etc/containerd").symlink_to(tmp_path / "outside")
    assert "/etc/containerd/config.toml" not in read(str(root))
    (root / "etc/containerd").unlink()
    (root / "etc/containerd").symlink_to("containerd")
    assert "/etc/containerd/config.toml" not in read(str(root))
