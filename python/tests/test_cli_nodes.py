"""What the command line says of logging in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import regconf
from regconf.cli import nodes, parser


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return tmp_path


def targets(*words: str) -> list[regconf.Node]:
    _, arguments = parser.read(["push", "--insecure", "a.lab", *words])
    return nodes.targets(arguments)[0]


def listing(folder: Path, **defaults: object) -> str:
    path = folder / "nodes.json"
    value = {
        "defaults": defaults | {"jump": ["bastion"]},
        "jump_hosts": {"bastion": {"address": "203.0.113.7", "user": "jump"}},
        "nodes": [{"name": "n1", "address": "10.0.0.11"}, {"name": "n2", "address": "10.0.0.12", "become": "doas"}],
    }
    path.write_text(json.dumps(value), encoding="utf-8")
    return str(path)


def test_as_ssh_would_where_nothing_is_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / ".ssh").mkdir()
    (home / ".ssh/id_rsa").touch()
    (node,) = targets("-n", "ops@10.0.0.5:2222")
    assert node.known_hosts == (str(home / ".ssh/known_hosts"),)
    assert node.identity_files == (str(home / ".ssh/id_rsa"),)
    assert (node.user, node.port, node.agent, node.host_keys) == ("ops", 2222, None, "strict")
    monkeypatch.setenv("SSH_AUTH_SOCK", "/run/agent")
    (node,) = targets("-n", "10.0.0.5")
    assert (node.agent, node.identity_files) == ("/run/agent", ())


def test_what_a_list_says_stays(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", "/run/agent")
    listed = listing(home, user="admin", identity_files=["key"], known_hosts=["known"])
    one, two = targets("-i", listed)
    assert (one.user, one.agent, one.become, two.become) == ("admin", None, "none", "doas")
    assert one.identity_files == (str(home / "key"),) and one.known_hosts == (str(home / "known"),)
    assert one.jump[0].user == "jump" and one.jump[0].agent == "/run/agent"


def test_the_command_line_wins(home: Path) -> None:
    listed = listing(home, user="admin", identity_files=["key"], known_hosts=["known"])
    words = (
        "--user",
        "ops",
        "--identity",
        "mine",
        "--known-hosts",
        "hosts",
        "--accept-new-host-keys",
        "--become",
        "sudo",
    )
    one, two = targets("-i", listed, *words, "--engine", "docker")
    for node in (one, two):
        assert (node.user, node.become, node.host_keys) == ("ops", "sudo", "accept-new")
        assert (node.identity_files, node.known_hosts, node.engines) == (("mine",), ("hosts",), ("docker",))
    jump = one.jump[0]
    assert (jump.user, jump.known_hosts, jump.host_keys) == ("jump", ("hosts",), "accept-new")


def test_pinned_keys_stay_pinned(home: Path) -> None:
    pinned = {"host_keys": "pinned", "host_key_fingerprints": ["SHA256:" + "A" * 43]}
    one, _ = targets("-i", listing(home, **pinned), "--accept-new-host-keys")
    assert one.host_keys == "pinned"


def test_passwords_are_asked_for(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda prompt, stream: f"secret of {prompt}")
    one, two = targets("-i", listing(home), "--ask-password", "--ask-become-password")
    assert one.password == "secret of Password: "
    assert (one.become, one.become_password) == ("sudo", "secret of Password for sudo: ")
    assert "secret of" not in repr(one) and two.become == "sudo"


def test_limits(home: Path) -> None:
    listed = listing(home)
    assert [node.name for node in targets("-i", listed, "--limit", "n2")] == ["n2"]
    assert [node.name for node in targets("-i", listed, "--limit", "10.0.0.*", "-n", "other")] == ["n1", "n2"]
    assert [node.name for node in targets("-i", listed, "--limit", "x", "--limit", "n?")] == ["n1", "n2"]
