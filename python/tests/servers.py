"""Real SSH servers on loopback, each with a folder that holds a system."""

from __future__ import annotations

import getpass
import itertools
import os
import socket
import subprocess
import time
from pathlib import Path

import regconf

SSHD = "/usr/sbin/sshd"
CONFIG = "# ours\nversion = 2\n"
_numbers = itertools.count(1)


def system(folder: Path) -> Path:
    """A folder with a system that has containerd, which anybody may change."""
    config = folder / "etc/containerd/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(CONFIG)
    subprocess.run(["chmod", "-R", "a+rwX", folder], check=True)
    return folder


def is_merged(root: Path) -> bool:
    """Whether the system of the folder has the registry of the tests, and still what was there."""
    config = (root / "etc/containerd/config.toml").read_text()
    hosts = root / "etc/containerd/certs.d/my-registry.com/hosts.toml"
    return config.startswith(CONFIG) and "config_path" in config and hosts.exists()


class Sshd:
    """An sshd of its own: configuration, host key, port and system. It ends with :meth:`stop`."""

    def __init__(self, folder: Path) -> None:
        if os.geteuid() == 0:
            # Where sshd confines its unprivileged half. The package's service makes it at boot.
            Path("/run/sshd").mkdir(exist_ok=True)
        self.folder = folder
        self.root = system(folder / "root")
        # An address of its own for each server, so that ports are not fought for.
        self.address = f"127.2.{os.getpid() % 250 + 1}.{next(_numbers)}"
        self.port = free_port(self.address)
        for name in ("host", "id"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
        host_key = (folder / "host.pub").read_text()
        (folder / "known_hosts").write_text(f"[{self.address}]:{self.port} {host_key}")
        (folder / "config").write_text(self._config())
        self.log = folder / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([SSHD, "-D", "-e", "-f", folder / "config"], stderr=log)
        end = time.monotonic() + 20
        while "Server listening" not in self.log.read_text():
            assert time.monotonic() < end, f"sshd does not start: {self.log.read_text()}"
            time.sleep(0.005)

    def _config(self) -> str:
        # At SHLVL 2 bash does not read the .bashrc of whoever runs the tests.
        return f"""HostKey {self.folder}/host
AuthorizedKeysFile {self.folder}/id.pub
ListenAddress {self.address}
Port {self.port}
PidFile none
StrictModes no
UsePAM no
PermitRootLogin yes
PasswordAuthentication no
SetEnv SHLVL=2
MaxStartups 1000
"""

    def node(self, name: str) -> regconf.Node:
        """The node that it is: reached by its key, strictly."""
        return regconf.Node(
            self.address,
            name=name,
            port=self.port,
            user=getpass.getuser(),
            identity_files=[self.folder / "id"],
            known_hosts=[self.folder / "known_hosts"],
            root=str(self.root),
        )

    def stop(self) -> None:
        """Ends it."""
        self.process.kill()
        self.process.wait()


class Silent:
    """A server that takes connections and never says a word."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]

    def node(self, name: str = "silent") -> regconf.Node:
        """The node that it is."""
        return regconf.Node("127.0.0.1", name=name, port=self.port, password="hunter2")

    def stop(self) -> None:
        """Ends it."""
        self.socket.close()


def free_port(address: str) -> int:
    """A port of this address that nothing listens on."""
    with socket.create_server((address, 0)) as server:
        port: int = server.getsockname()[1]
        return port
