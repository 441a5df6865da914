"""Three nodes on this machine, to try regconf with.

    python three_nodes.py start FOLDER     makes them and an inventory of Kuboard-Spray, FOLDER/inventory.yaml
    python three_nodes.py stop FOLDER      ends them; the folder stays

Each node has an address on the loopback, a real sshd, and files and processes of its own: a login sees FOLDER/nodes/ADDRESS
as its root folder, by Linux namespaces. It uses this machine's programs, and cannot see its containerd or docker. Needs
openssh-server and util-linux, and no root.
"""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

#: Names of the nodes and their addresses; all of 127.0.0.0/8 is this machine.
NODES = {"alpha": "127.20.0.11", "beta": "127.20.0.12", "gamma": "127.20.0.13"}

#: A node as others have set it up.
CONFIG = """\
version = 2
# The disk is new, 2026-03. Ask Mira before you move it.
root = "/data/containerd"

[plugins."io.containerd.grpc.v1.cri".registry]
  config_path = "/etc/containerd/certs.d"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.nvidia]
  runtime_type = "io.containerd.runc.v2"   # GPU
"""

#: The containerd of the nodes.
CONTAINERD = (
    "#!/bin/sh\necho containerd github.com/containerd/containerd v1.7.24 88bf19b2105c8b17560993bee28a01ddc2f97182\n"
)

#: What a login gets instead of a shell: the node whose address it came to. $1 is the folder of the nodes.
WORLD = """\
nodes=$1
set -- $SSH_CONNECTION
export PROGRAMS="$nodes/../programs" ROOT="$nodes/$3" COMMAND="${SSH_ORIGINAL_COMMAND:-/bin/sh}" PATH="$PATH:/usr/sbin:/sbin"
exec unshare --user --map-root-user --mount --pid --fork --kill-child /bin/sh -c '
  mount --rbind /usr "$ROOT/usr" && mount --rbind /dev "$ROOT/dev" || exit
  for program in "$ROOT"/usr/*bin/containerd "$ROOT"/usr/*bin/dockerd "$ROOT"/usr/*bin/docker "$ROOT"/usr/*bin/crictl; do
    [ ! -f "$program" ] || mount --bind /dev/null "$program" || exit
  done
  mount --bind "$PROGRAMS" "$ROOT/usr/local/bin" || exit
  # Where /proc may not be mounted, such as in a container, there are just no processes to see.
  mount -t proc proc "$ROOT/proc" 2>/dev/null
  exec chroot "$ROOT" /bin/sh -c "$COMMAND"'
"""

INVENTORY = """\
all:
  hosts:
    localhost: {{ ansible_connection: local }}
{hosts}
  children:
    target:
      vars:
        ansible_user: {user}
        ansible_port: '{port}'
        ansible_ssh_private_key_file: '{{{{ kuboardspray_cluster_dir }}}}/private-key/lab.key'
        container_manager: containerd
        containerd_insecure_registries:
          reg.lab.internal: http://10.20.0.9:5000
      children:
        etcd: {{ hosts: {{ alpha: {{}} }} }}
        k8s_cluster:
          children:
            kube_control_plane: {{ hosts: {{ alpha: {{}} }} }}
            kube_node: {{ hosts: {{ alpha: {{}}, beta: {{}}, gamma: {{}} }} }}
"""


def start(folder: Path, nodes: Mapping[str, str]) -> int:
    """Makes the nodes, by name and address, and gives the port at which they answer."""
    sshd = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if sshd is None:
        raise SystemExit("sshd is missing: apt-get install openssh-server")
    if is_running(folder):
        raise SystemExit(f"{folder} has nodes that run: stop them first")
    key = folder / "private-key" / "lab.key"
    key.parent.mkdir(parents=True, exist_ok=True)
    for path in (key, folder / "host_key"):
        if not path.exists():
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", path], check=True)
    program = folder / "programs" / "containerd"
    program.parent.mkdir(exist_ok=True)
    program.write_text(CONTAINERD)
    program.chmod(0o755)
    for address in nodes.values():
        make_node(folder / "nodes" / address)
    port = free_port(list(nodes.values()))
    write_ssh_files(folder, nodes, port)
    (folder / "inventory.yaml").write_text(inventory(nodes, port))
    if os.geteuid() == 0:
        # Where sshd confines its unprivileged half. The package's service makes it at boot.
        Path("/run/sshd").mkdir(exist_ok=True)
    subprocess.run([sshd, "-f", folder / "sshd_config", "-E", folder / "sshd.log"], check=True)
    return port


def stop(folder: Path) -> None:
    """Ends the server of the nodes and the logins that it still has."""
    if not is_running(folder):
        raise SystemExit(f"{folder} has no nodes that run")
    # It leads a process group of its own.
    os.killpg(server(folder), signal.SIGTERM)
    while is_running(folder):
        time.sleep(0.01)
    (folder / "sshd.pid").unlink(missing_ok=True)


def server(folder: Path) -> int:
    """The process id of the nodes' sshd."""
    return int((folder / "sshd.pid").read_text())


def is_running(folder: Path) -> bool:
    """Whether the nodes' sshd runs; its number alone may be another program's by now."""
    try:
        return os.fsencode(folder / "sshd_config") in Path(f"/proc/{server(folder)}/cmdline").read_bytes()
    except (OSError, ValueError):
        return False


def make_node(root: Path) -> None:
    """Makes the root folder of a node, unless it is there."""
    for name in ("dev", "etc/containerd", "proc", "root", "run", "tmp", "usr", "var/lib"):
        (root / name).mkdir(parents=True, exist_ok=True)
    for name in ("bin", "lib", "lib64", "sbin"):
        if Path("/", name).is_symlink() and not (root / name).is_symlink():
            (root / name).symlink_to(f"usr/{name}")
    config = root / "etc/containerd/config.toml"
    if not config.exists():
        config.write_text(CONFIG)


def free_port(addresses: list[str]) -> int:
    """A port that is free at all of them."""
    for port in range(2222, 65536):
        sockets = [socket.socket() for _ in addresses]
        try:
            for one, address in zip(sockets, addresses, strict=True):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                one.bind((address, port))
            return port
        except OSError:
            continue
        finally:
            for one in sockets:
                one.close()
    raise SystemExit("no port is free")


def write_ssh_files(folder: Path, nodes: Mapping[str, str], port: int) -> None:
    (folder / "world").write_text(WORLD)
    listens = "".join(f"ListenAddress {address}\n" for address in nodes.values())
    (folder / "sshd_config").write_text(
        f"{listens}Port {port}\nHostKey {folder}/host_key\nAuthorizedKeysFile {folder}/private-key/lab.key.pub\n"
        f"PidFile {folder}/sshd.pid\nForceCommand /bin/sh {folder}/world {folder}/nodes\nMaxStartups 1000\n"
        "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\nStrictModes no\nUsePAM no\n"
    )
    host_key = (folder / "host_key.pub").read_text()
    (folder / "known_hosts").write_text("".join(f"[{address}]:{port} {host_key}" for address in nodes.values()))


def inventory(nodes: Mapping[str, str], port: int) -> str:
    """What Kuboard-Spray would have in its inventory.yaml."""
    hosts = "\n".join(f"    {name}: {{ ansible_host: {address}, ip: {address} }}" for name, address in nodes.items())
    return INVENTORY.format(hosts=hosts, user=getpass.getuser(), port=port)


def main(arguments: list[str]) -> None:
    match arguments:
        case ["start", folder]:
            start(Path(folder).resolve(), NODES)
            print(f"{len(NODES)} nodes answer; their inventory is {folder}/inventory.yaml")
        case ["stop", folder]:
            stop(Path(folder).resolve())
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
