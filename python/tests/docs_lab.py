"""Nodes for the examples of the documentation.

The pages show nodes at 10.20.0.11 to 10.20.0.13, port 22, and a jump host at 203.0.113.7. Here they are those of
examples/three_nodes.py on the loopback: addresses, port and user are put in when a page is run, and taken out of what
is printed.
"""

from __future__ import annotations

import getpass
import importlib.util
import os
import re
import shutil
from pathlib import Path
from types import ModuleType

_EXAMPLE = Path(__file__).parents[1] / "examples/three_nodes.py"
_NAMES = {"alpha": 11, "beta": 12, "gamma": 13}
#: A node's address, and what says which port it has.
_SHOWN = re.compile(
    r"(ansible_host[:=] ?|\bip[:=] ?|access_ip[:=] ?)?\b(?:10\.20\.0\.(1[1-3]\b|\{last\})|203\.0\.113\.7\b)(:\d+)?"
)
#: The user that the pages log in as.
_ROOT = re.compile(
    r"""\broot(?=@127)|(?<=ansible_user[:=])root\b|(?<=ansible_user: )root\b"""
    r"""|(?<=user[:=]["'])root\b|(?<="user": ")root\b"""
)


def three_nodes() -> ModuleType:
    """The example, as a module."""
    spec = importlib.util.spec_from_file_location("three_nodes", _EXAMPLE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Lab:
    """Three nodes and a jump host that run."""

    def __init__(self, folder: Path) -> None:
        self._example = three_nodes()
        self.folder = folder
        # Addresses of its own, so that tests beside each other do not meet.
        self._net = f"127.{os.getpid() % 250 + 2}"
        self._addresses = {name: f"{self._net}.0.{last}" for name, last in _NAMES.items()}
        self._port = self._example.start(folder, {**self._addresses, "bastion": f"{self._net}.113.7"})

    def stop(self) -> None:
        self._example.stop(self.folder)

    def begin(self, page: Path) -> None:
        """Nodes as they were in the beginning, and what a page needs to log in to them, in its folder."""
        for name in self._addresses:
            shutil.rmtree(self.root(name) / "etc")
            shutil.rmtree(self.root(name) / "var")
            self._example.make_node(self.root(name))
        shutil.copytree(self.folder / "private-key", page / "private-key")
        shutil.copy(self.folder / "private-key/lab.key", page / "id_ed25519")
        shutil.copy(self.folder / "known_hosts", page / "known_hosts")

    def root(self, name: str) -> Path:
        """The folder that is a node's root."""
        return self.folder / "nodes" / self._addresses[name]

    def inside(self, text: str) -> str:
        """A text of a page, as it is here."""
        lines = text.splitlines(keepends=True)
        text = "".join(
            self._scanned(line) if "ssh-keyscan" in line else _SHOWN.sub(self._address, line) for line in lines
        )
        text = re.sub(r"(ansible_port(?:: |=)'?)22\b", rf"\g<1>{self._port}", text)
        # No example may leave this machine.
        assert not re.search(r"\b(?:10\.20\.0\.(?:1[1-3]\b|\{)|203\.0\.113\.7\b)", text), text
        return _ROOT.sub(getpass.getuser(), text)

    def _address(self, match: re.Match[str]) -> str:
        variable, last, port = match.groups()
        address = f"{self._net}.0.{last}" if last else f"{self._net}.113.7"
        # An inventory of Ansible has a variable for the port.
        return f"{variable}{address}" if variable else f"{address}{port or f':{self._port}'}"

    def _scanned(self, line: str) -> str:
        return line.replace("ssh-keyscan", f"ssh-keyscan -p {self._port}").replace("10.20.0.", f"{self._net}.0.")

    def outside(self, text: str, page: Path) -> str:
        """What was printed here, as a page shows it."""
        text = text.replace(f"{page}/", "")
        text = text.replace(f", port={self._port}", "").replace(f"-p {self._port} ", "")
        text = re.sub(rf"\b{re.escape(self._net)}\.0\.(\d+):{self._port}\b", r"10.20.0.\1:22", text)
        text = text.replace(f"{self._net}.113.7:{self._port}", "203.0.113.7:22")
        return text.replace(f"{self._net}.0.", "10.20.0.").replace(f"{self._net}.113.7", "203.0.113.7")
