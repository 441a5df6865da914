"""import: inventories of other tools, and settings in other forms."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

import regconf

from command_line import golden, run, settings

INVENTORY = """\
all:
  hosts:
    n1: { ansible_host: 127.0.0.1, ansible_port: 1, ansible_user: ops, ansible_password: sesame-secret }
    n2: { ansible_host: 127.0.0.1, ansible_port: 1, ansible_user: ops, ansible_become: true }
    n3: { ansible_host: "{{ nowhere }}" }
  children:
    kube_control_plane: { hosts: { n1: } }
    kube_node: { hosts: { n2: , n3: } }
    k8s_cluster: { children: { kube_control_plane: , kube_node: } }
  vars:
    containerd_registries_mirrors:
      - prefix: my-registry.com
        mirrors: [ { host: http://192.168.30.56:5000, skip_verify: true } ]
"""


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    path = tmp_path / "hosts.yaml"
    path.write_text(INVENTORY, encoding="utf-8")
    return path


@pytest.mark.usefixtures("inventory")
def test_what_was_found_is_shown_without_secrets(tmp_path: Path) -> None:
    done = run(tmp_path, "import", "hosts.yaml")
    assert done.returncode == 0
    golden("import.txt", done.stdout)
    assert "hosts.yaml:13: " in done.stderr and "skip_verify" in done.stderr
    assert "n3" in done.stderr, "what is left out is said"
    assert "sesame-secret" not in done.stdout + done.stderr


def test_written_files_are_private_and_can_be_used(tmp_path: Path, inventory: Path) -> None:
    for name in ("nodes.json", "settings.json"):
        (tmp_path / name).write_text("of others", encoding="utf-8")
        (tmp_path / name).chmod(0o644)
    words = ("import", inventory, "--nodes-out", "nodes.json", "--settings-out", "settings.json")
    assert run(tmp_path, *words).returncode == 0
    for name in ("nodes.json", "settings.json"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hosts.yaml", "nodes.json", "settings.json"]
    nodes = regconf.load_nodes(tmp_path / "nodes.json")
    assert [(node.name, node.password) for node in nodes] == [("n1", "sesame-secret"), ("n2", None)]
    read = regconf.Settings.load(tmp_path / "settings.json")
    assert [str(registry.host) for registry in read.ensure] == ["my-registry.com"]


@pytest.mark.usefixtures("inventory")
def test_where_it_cannot_be_written(tmp_path: Path) -> None:
    gone = run(tmp_path, "import", "hosts.yaml", "--nodes-out", "gone/nodes.json")
    assert gone.returncode == 2 and gone.stderr.endswith("regconf: gone/nodes.json: No such file or directory\n")
    (tmp_path / "link").symlink_to("target")
    assert run(tmp_path, "import", "hosts.yaml", "--settings-out", "link").returncode == 0
    assert stat.S_IMODE((tmp_path / "target").stat().st_mode) == 0o600
    assert (tmp_path / "link").is_symlink() and "my-registry.com" in (tmp_path / "target").read_text(encoding="utf-8")


def test_as_json(tmp_path: Path, inventory: Path) -> None:
    told = json.loads(run(tmp_path, "import", inventory, "--json").stdout)
    assert (told["format"], len(told["nodes"]["nodes"]), len(told["remarks"]) > 0) == ("kubespray", 2, True)


def test_options_reach_the_reader(tmp_path: Path, inventory: Path) -> None:
    words = ("import", "-", "--format", "kubespray", "--variable", "nowhere=127.0.0.3")
    done = run(tmp_path, *words, text=INVENTORY)
    assert done.returncode == 0 and "127.0.0.3" in done.stdout
    wrong = run(tmp_path, "import", inventory, "--format", "rke")
    assert wrong.returncode == 2 and "hosts.yaml" in wrong.stderr


@pytest.mark.parametrize(("form", "word"), [("kubespray", "containerd_registries_mirrors:"), ("k3s", "mirrors:")])
def test_settings_in_another_form(tmp_path: Path, form: str, word: str) -> None:
    wanted = settings(tmp_path)
    printed = run(tmp_path, "import", "-s", wanted, "--to", form)
    assert printed.returncode == 0 and word in printed.stdout and "192.168.30.56:5000" in printed.stdout
    assert run(tmp_path, "import", "-s", wanted, "--to", form, "--settings-out", "out").returncode == 0
    assert (tmp_path / "out").read_text(encoding="utf-8").rstrip("\n") == printed.stdout.rstrip("\n")


def test_regconf_form_is_read_again(tmp_path: Path, inventory: Path) -> None:
    text = run(tmp_path, "import", inventory, "--to", "regconf").stdout
    assert regconf.Settings.from_json(text) == regconf.load_inventory(inventory).settings


def test_a_push_takes_nodes_and_settings_of_an_inventory(tmp_path: Path, inventory: Path) -> None:
    done = run(tmp_path, "push", "-i", inventory, "--limit", "n1", "--json")
    assert done.returncode == 1, done.stderr
    assert "hosts.yaml:13: " in done.stderr
    assert json.loads(done.stdout)["nodes"][0]["outcome"] == "unreachable"
    own = run(tmp_path, "push", "-i", inventory, "--limit", "n1", "--insecure", "other.lab")
    assert "settings of the inventory are not used" in own.stderr


def test_nodes_alone_want_nothing(tmp_path: Path) -> None:
    done = run(tmp_path, "push", "-i", "-", text="127.0.0.1:1\n")
    assert done.returncode == 2 and "nothing is said to be wanted" in done.stderr


def test_wrong_inventories_are_named(tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text('{"nodes": [{"address": "a", "colour": 1}]}', encoding="utf-8")
    done = run(tmp_path, "import", "list.json")
    assert done.returncode == 2 and "list.json:1: unknown field `colour`" in done.stderr
    gone = run(tmp_path, "import", "gone.yaml")
    assert gone.returncode == 2 and gone.stderr.startswith("regconf: gone.yaml: cannot be read")
