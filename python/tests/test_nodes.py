"""Nodes and node lists."""

from __future__ import annotations

import copy
import sys
from pathlib import Path

import pytest

import regconf
from regconf import Node, Settings


def test_a_node_has_usual_values() -> None:
    node = Node("n1")
    assert (node.name, node.address, node.port, node.user, node.root) == ("n1", "n1", 22, "root", "/")
    assert (node.host_keys, node.become, node.connect_attempts, node.connect_timeout) == ("strict", "none", 3, None)
    assert (node.identity_files, node.known_hosts, node.jump, node.roles, node.engines) == ((), (), (), (), ())
    assert (node.password, node.agent, node.settings, node.local, node.is_control_plane) == (None,) * 3 + (False,) * 2
    assert node.place == "n1:22" and str(node) == "n1"


def test_all_that_is_given_is_there() -> None:
    own = Settings(remove=["a.lab"])
    bastion = Node("j@bastion", password="p")
    node = Node(
        "ops@[fd00::1]:2222",
        name="six",
        identity_files=[Path("id"), "id2"],
        identity_keys=["text"],
        identity_passphrase="secret",
        certificate_files=["id-cert.pub"],
        agent=Path("/run/agent"),
        password="w",
        known_hosts=["kh"],
        host_keys="pinned",
        host_key_fingerprints=["SHA256:x"],
        jump=[bastion],
        connect_attempts=1,
        connect_timeout=2.5,
        become="sudo",
        become_password="s",
        root="/mnt",
        roles=["etcd"],
        settings=own,
        engines=["docker"],
        containerd_config="/c.toml",
        docker_config="/d.json",
    )
    assert (node.address, node.port, node.user, node.name) == ("fd00::1", 2222, "ops", "six")
    assert (node.identity_files, node.identity_keys, node.identity_passphrase) == (("id", "id2"), ("text",), "secret")
    assert (node.certificate_files, node.agent, node.password) == (("id-cert.pub",), "/run/agent", "w")
    assert (node.host_keys, node.host_key_fingerprints, node.known_hosts) == ("pinned", ("SHA256:x",), ("kh",))
    assert (node.jump, node.connect_attempts, node.connect_timeout) == ((bastion,), 1, 2.5)
    assert (node.become, node.become_password, node.root, node.roles) == ("sudo", "s", "/mnt", ("etcd",))
    assert (node.settings, node.engines, node.is_control_plane) == (own, ("docker",), True)
    assert (node.containerd_config, node.docker_config) == ("/c.toml", "/d.json")
    assert node.place == "[fd00::1]:2222/mnt"
    assert Node.from_json(node.to_json()) == node
    assert Node("h", proxy_command=["nc", "%h", "%p"]).proxy_command == ("nc", "%h", "%p")


def test_a_node_is_replaced() -> None:
    node = Node("ops@n1", become="sudo", password="hunter2")
    other = node.replace(address="n2", become="none")
    assert (other.address, other.user, other.become, other.password) == ("n2", "ops", "none", "hunter2")
    assert node.replace() == node and node.replace(name="x").name == "x"
    with pytest.raises(TypeError):
        node.replace(unknown=1)
    if sys.version_info >= (3, 13):
        assert copy.replace(node, port=23).port == 23


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        ({}, "address"),
        ({"address": "h:0"}, "address"),
        ({"address": "h", "local": True}, "local"),
        ({"address": "h", "host_keys": "pinned"}, "host_keys"),
        ({"address": "h", "host_key_fingerprints": ["SHA256:x"]}, "host_key_fingerprints"),
        ({"address": "h", "root": "mnt"}, "root"),
        ({"address": "h", "connect_attempts": 0}, "connect_attempts"),
        ({"address": "h", "connect_timeout": 0}, "connect_timeout"),
        ({"address": "h", "connect_timeout": -1.5}, "connect_timeout"),
        ({"address": "h", "port": 0}, "port"),
        ({"address": "h", "user": "a b"}, "user"),
        ({"address": "h", "host_keys": "none"}, "host_keys"),
        ({"address": "h", "become": "runas"}, "become"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: dict[str, object], key: str) -> None:
    with pytest.raises(regconf.InvalidArgumentError) as raised:
        Node(**arguments)  # type: ignore[arg-type]
    assert raised.value.key == key and str(raised.value).startswith(f"{key}: ")


@pytest.mark.parametrize(
    "arguments", [{"port": "22"}, {"roles": "etcd"}, {"jump": ["bastion"]}, {"port": 70000}, {"name": 1}]
)
def test_a_wrong_type_is_a_type_error(arguments: dict[str, object]) -> None:
    with pytest.raises((TypeError, OverflowError)):
        Node("h", **arguments)  # type: ignore[arg-type]


def test_lists_are_read_and_written(tmp_path: Path) -> None:
    nodes = regconf.parse_nodes("n1 # the first\nops@n2:2222\n")
    assert [node.place for node in nodes] == ["n1:22", "n2:2222"]
    assert (
        regconf.parse_nodes(regconf.nodes_to_json(nodes))
        == nodes
        == regconf.parse_nodes(regconf.nodes_to_json(iter(nodes)))
    )
    (tmp_path / "password").write_text("hunter2\n")
    (tmp_path / "nodes.json").write_text(
        '{"nodes": [{"address": "a", "password": {"file": "password"}, "identity_files": ["id"]}]}'
    )
    (node,) = regconf.load_nodes(tmp_path / "nodes.json")
    assert (node.password, node.identity_files) == ("hunter2", (str(tmp_path / "id"),))


def test_lists_have_errors_and_warnings(tmp_path: Path) -> None:
    path = tmp_path / "nodes"
    path.write_text("n1\nh:x\n")
    with pytest.raises(regconf.InvalidArgumentError) as raised:
        regconf.load_nodes(str(path))
    assert (raised.value.path, raised.value.line) == (str(path), 2)
    (tmp_path / "ssh_config").write_text("Host *\n  Compression yes\n  Oddity 1\n")
    path.write_text('{"ssh_config": "ssh_config", "nodes": [{"address": "a"}]}')
    nodes, warnings = regconf.load_nodes_with_warnings(path)
    assert len(nodes) == 1 and any("oddity" in warning.lower() for warning in warnings)
    with pytest.raises(regconf.InvalidArgumentError, match="not one"):
        Node.from_json('{"nodes": [{"address": "a"}, {"address": "b"}]}')
