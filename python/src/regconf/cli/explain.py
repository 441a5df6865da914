"""``regconf explain``: where an image would come from."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from .. import _regconf
from .._regconf import Explanation, Facts, Settings
from ..terminal import BOLD, DIM, GREEN
from . import nodes, output, rooted, wanted
from .fault import Fault

__all__ = ["run"]


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
        before, after = str(engine.before), str(engine.after)
        if before == after:
            yield f"  {paint('', after)}"
        else:
            yield f"  {paint(DIM, f'now    {before}')}"
            yield f"  {paint(GREEN, f'then   {after}')}"
    if not explanation.engines:
        yield "no engine is found in these files"
