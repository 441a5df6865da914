"""``regconf import``: an inventory of another tool."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator

from .._regconf import Imported, Node, Settings, nodes_to_json
from ..terminal import BOLD, DIM, harmless
from . import deliver, nodes, output, wanted
from .fault import Fault

__all__ = ["run"]


def run(arguments: Namespace) -> int:
    """Carries the command out and gives the exit code."""
    if bool(arguments.inventory) == bool(arguments.settings):
        raise Fault("give either an inventory or --settings FILE")
    if arguments.settings:
        return _write(None, wanted.load(arguments.settings), arguments)
    found = nodes.imported(arguments.inventory, arguments)
    return _write(found, found.settings, arguments)


def _write(found: Imported | None, settings: Settings, arguments: Namespace) -> int:
    if arguments.nodes_out:
        if found is None:
            raise Fault("--nodes-out is given, but no inventory")
        output.write_private(arguments.nodes_out, deliver.indented(nodes_to_json(found.nodes)) + "\n")
    if arguments.settings_out:
        output.write_private(arguments.settings_out, _exported(settings, arguments.to or "regconf"))
    elif arguments.to and not arguments.json:
        output.lines([_exported(settings, arguments.to).rstrip("\n")])
        return output.WELL
    if arguments.json:
        output.lines([deliver.indented((found or settings).to_json())])
    elif found is not None:
        output.lines(_overview(found))
    return output.WELL


def _exported(settings: Settings, form: str) -> str:
    if form == "regconf":
        return deliver.indented(settings.to_json()) + "\n"
    exported = settings.to_kubespray() if form == "kubespray" else settings.to_k3s()
    for remark in exported.remarks:
        output.say(f"{remark.kind}: {remark}")
    return exported.text


def _overview(found: Imported) -> Iterator[str]:
    paint = output.paint()
    yield paint(BOLD, f"{found.format}: {len(found.nodes)} nodes")
    wide = max((len(node.name) for node in found.nodes), default=0)
    for node in found.nodes:
        yield f"  {paint('', node.name.ljust(wide))}  {paint(DIM, '  '.join(_traits(node)))}"
    yield paint(BOLD, "registries")
    yield from (f"  {paint('', line)}" for line in _registries(found.settings))


def _traits(node: Node) -> Iterator[str]:
    """Where it is, what it does, and how it is reached; no secrets."""
    yield node.place if node.local else f"{node.user}@{node.place}"
    if node.roles:
        yield ", ".join(node.roles)
    if node.jump:
        yield f"by {', '.join(host.name for host in node.jump)}"
    if node.proxy_command:
        yield f"by {node.proxy_command[0]}"
    if node.become != "none":
        yield node.become
    if node.settings:
        yield "registries of its own"


def _registries(settings: Settings) -> Iterator[str]:
    for registry in settings.ensure:
        ways = ", ".join(f"{end.url}{' (not verified)' if end.skip_verify else ''}" for end in registry.endpoints)
        yield harmless(f"{registry.host}  {ways}")
    for removal in settings.remove:
        yield harmless(f"{removal.host}  is removed")
    if not (settings.ensure or settings.remove):
        yield "none"
