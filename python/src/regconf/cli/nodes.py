"""Which nodes, and how to log in to them."""

from __future__ import annotations

import fnmatch
import getpass
import os
import sys
from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .._regconf import Imported, Node, Settings, load_inventory, parse_inventory
from . import output, wanted
from .fault import Fault

__all__ = ["are_given", "imported", "rooted", "targets"]

#: The keys that ssh tries by itself.
_USUAL_KEYS = ("id_ed25519", "id_ecdsa", "id_rsa")


def are_given(arguments: Namespace) -> bool:
    """Whether the command line names nodes."""
    return bool(arguments.inventory or arguments.node)


def targets(arguments: Namespace) -> tuple[list[Node], Settings]:
    """The nodes of the command line, and what is wanted of them.

    Raises:
        Fault: There is no node, or nothing is wanted.
        regconf.Error: The inventory cannot be read.
    """
    if not are_given(arguments):
        raise Fault("no nodes are given", "give --inventory NODES, or --node [user@]host[:port]")
    found = imported(arguments.inventory, arguments) if arguments.inventory else None
    nodes = [*(found.nodes if found else ()), *(Node(place) for place in arguments.node)]
    chosen = _limited(nodes, arguments.limit)
    return _login(chosen, arguments), _settings(found, arguments)


def rooted(arguments: Namespace) -> Node:
    """The folder of this machine that --root names, as a node."""
    root = os.path.abspath(arguments.root)
    if not os.path.isdir(root):
        raise Fault(f"--root {arguments.root}: there is no such folder")
    return Node(local=True, root=root, name=arguments.root, engines=arguments.engine)


def imported(path: str, arguments: Namespace) -> Imported:
    """An inventory; what there is to know of it is said on standard error."""
    options: dict[str, Any] = {"format": arguments.format}
    if hasattr(arguments, "variable"):
        options |= {
            "all_hosts": arguments.all_hosts,
            "removed": arguments.removed,
            "variables": dict(arguments.variable),
            "insecure": arguments.insecure_means or "http",
        }
    found = parse_inventory(output.read(path), **options) if path == "-" else load_inventory(path, **options)
    for remark in found.remarks:
        output.say(f"{remark.kind}: {remark}")
    return found


def _settings(found: Imported | None, arguments: Namespace) -> Settings:
    """Those of the command line; without any, those of the inventory."""
    has_own = found is not None and bool(found.settings.ensure or found.settings.remove)
    if wanted.are_given(arguments) or found is None:
        if has_own:
            output.say("the registry settings of the inventory are not used, since the command line has its own")
        return wanted.settings(arguments)
    # Nodes may have settings of their own where the inventory has none for all.
    if has_own or any(node.settings for node in found.nodes):
        return found.settings
    return wanted.settings(arguments)


def _limited(nodes: list[Node], globs: list[str]) -> list[Node]:
    if not nodes:
        raise Fault("the inventory has no node")
    if not globs:
        return nodes
    chosen = [node for node in nodes if any(_matches(node, glob) for glob in globs)]
    if not chosen:
        raise Fault(f"no node matches --limit {' '.join(globs)}", f"there are {len(nodes)}, such as {nodes[0].name}")
    return chosen


def _matches(node: Node, glob: str) -> bool:
    return fnmatch.fnmatchcase(node.name, glob) or fnmatch.fnmatchcase(node.address, glob)


def _login(nodes: Iterable[Node], arguments: Namespace) -> list[Node]:
    """The nodes with what the command line says of logging in."""
    changes = _said(arguments)
    return [node if node.local else _known(node.replace(**changes) if changes else node, arguments) for node in nodes]


def _said(arguments: Namespace) -> dict[str, Any]:
    password = _ask("Password: ") if arguments.ask_password else None
    become_password = _ask("Password for sudo: ") if arguments.ask_become_password else None
    become = arguments.become or ("sudo" if become_password else None)
    changes = {
        "user": arguments.user,
        "identity_files": arguments.identity or None,
        "engines": arguments.engine or None,
        "password": password,
        "become": become,
        "become_password": become_password,
    }
    return {key: value for key, value in changes.items() if value is not None}


def _ask(prompt: str) -> str:
    if not sys.stdin.isatty():
        raise Fault("a password is to be asked for, but nobody sits at a terminal",
                    'let the node list name it, as {"env": "NAME"} or {"file": "PATH"}')  # fmt: skip
    return getpass.getpass(prompt, sys.stderr)


def _known(node: Node, arguments: Namespace) -> Node:
    """A node, and the hosts that lead to it, with what ssh would use where nothing else is said."""
    changes: dict[str, Any] = {}
    if node.jump:
        changes["jump"] = [_known(host, arguments) for host in node.jump]
    if arguments.known_hosts:
        changes["known_hosts"] = [arguments.known_hosts]
    elif not node.known_hosts and node.host_keys != "pinned":
        changes["known_hosts"] = [_home(".ssh/known_hosts")]
    if arguments.accept_new_host_keys and node.host_keys == "strict":
        changes["host_keys"] = "accept-new"
    if not (node.identity_files or node.identity_keys or node.agent or node.password):
        changes |= _usual_login()
    return node.replace(**changes) if changes else node


def _usual_login() -> dict[str, Any]:
    """The agent, whose keys need no passphrase; without one, the usual files."""
    agent = os.environ.get("SSH_AUTH_SOCK")
    if agent:
        return {"agent": agent}
    files = [path for path in map(_home, (f".ssh/{name}" for name in _USUAL_KEYS)) if os.path.exists(path)]
    return {"identity_files": files} if files else {}


def _home(path: str) -> str:
    return str(Path.home() / path)
