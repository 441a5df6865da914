"""``regconf explain``: where an image would come from."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from .. import _regconf
from .._regconf import Explanation, Facts, Resolution, ResolvedHost, Settings
from ..terminal import BOLD, DIM, GREEN
from . import nodes, output, rooted, wanted
from .fault import Fault

__all__ = ["run"]

_TRUST = {"system": "system roots", "skip_verify": "not verified", "plain_http": "plain http"}


def run(arguments: Namespace) -> int:
    """Carries the command out and gives the exit code."""
    facts = _facts(arguments)
    settings = wanted.settings(arguments) if wanted.are_given(arguments) else Settings()
    explanation = _regconf.plan(settings, facts).explain(arguments.image, facts)
    if arguments.json:
        output.lines([json.dumps(json.loads(explanation.to_json()), indent=2)])
    else:
        output.lines(_told(explanation))
    return output.WELL


def _facts(arguments: Namespace) -> Facts:
    if not (arguments.root or arguments.file):
        raise Fault("no files are given", "give --root DIR, or --file PATH=FILE for each file of the node")
    files = rooted.files(nodes.rooted(arguments).root) if arguments.root else {}
    files |= {path: Path(local).read_bytes() for path, local in arguments.file}
    return Facts(files, assumed_versions=dict(arguments.assume), engines=arguments.engine)


def _told(explanation: Explanation) -> Iterator[str]:
    """A block for each engine: as it is, and as it will be if that is something else."""
    paint = output.paint()
    for engine in explanation.engines:
        yield paint(BOLD, f"{engine.engine}: {explanation.image}")
        if engine.before == engine.after:
            yield from (f"  {paint('', line)}" for line in _resolved(engine.after))
        else:
            yield from (f"  now   {paint(DIM, line)}" for line in _resolved(engine.before))
            yield from (f"  then  {paint(GREEN, line)}" for line in _resolved(engine.after))
    if not explanation.engines:
        yield "no engine is found in these files"


def _resolved(resolution: Resolution) -> Iterator[str]:
    """The hosts in their order, who says so, and what there is to know."""
    # A last resort that is asked already says nothing.
    first = {(host.url, host.trust): host for host in reversed(resolution.hosts)}
    hosts = [host for host in resolution.hosts if not host.is_fallback or first[host.url, host.trust] == host]
    for number, host in enumerate(hosts, 1):
        last = ", as a last resort" if number > 1 and host.is_fallback else ""
        yield f"{number}. {host.url} ({', '.join(_traits(host))}){last}"
    if not resolution.hosts:
        yield "no hosts"
    yield f"from {resolution.file}" if resolution.file else "by default"
    yield from (f"note: {note}" for note in resolution.notes)


def _traits(host: ResolvedHost) -> Iterator[str]:
    if host.trust == "ca_files":
        yield f"CA {', '.join(host.ca_files)}"
    else:
        yield _TRUST.get(host.trust, host.trust)
    if host.http_fallback:
        yield "then plain http"
    if host.client_certificates:
        yield f"client certificate {', '.join(host.client_certificates)}"
    if host.headers:
        yield f"headers {', '.join(host.headers)}"
    if not {"pull", "resolve"} <= set(host.capabilities):
        yield f"only {', '.join(host.capabilities)}"
