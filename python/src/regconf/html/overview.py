"""The fleet at a glance: how it ended in one sentence, a ring, sums, and a cell for each node."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from .. import grouping
from ..terminal import WELL, spelled
from .markup import Html, element, lines

if TYPE_CHECKING:
    from .._regconf import NodeReport, Report

__all__ = ["cells", "headline", "tiles"]

#: How large a cell is for so many nodes at most.
_SIZES = ((60, "huge"), (600, "large"), (4000, "medium"), (sys.maxsize, "small"))

#: What an outcome means, in a few words.
MEANINGS: Mapping[str, str] = {
    "unchanged": "were as wanted already",
    "changed": "changed, and the effect seen",
    "pending": "would be changed",
    "unverified": "as wanted, but an image cannot be pulled",
    "failed": "failed, nothing was changed",
    "unreachable": "could not be reached",
    "rolled_back": "failed, all was put back",
    "unknown": "in an unknown state: look at them",
    "not_tried": "were not begun",
}


def headline(report: Report) -> Html:
    """The sentence, the ring, and why the rollout was stopped."""
    return element(
        "section",
        _ring(report.nodes),
        element("div", element("p", _sentence(report.nodes), class_="lead"), _stopped(report)),
        class_="headline",
        aria_label="Result",
    )


def tiles(nodes: Sequence[NodeReport]) -> Html:
    """How many nodes ended how. They lead to the nodes."""
    return element(
        "ul",
        (
            element(
                "li",
                element(
                    "a",
                    element("strong", len(members)),
                    element("span", spelled(outcome), class_="word"),
                    element("span", MEANINGS.get(outcome, ""), class_="meaning"),
                    href="#nodes",
                    class_=f"tile o-{outcome}",
                    data_outcome=outcome,
                ),
            )
            for outcome, members in grouping.sums(nodes).items()
        ),
        class_="tiles",
    )


def cells(nodes: Sequence[NodeReport]) -> Html:
    """A cell for each node, in the order given."""
    size = next(size for most, size in _SIZES if len(nodes) <= most)
    sums = ", ".join(f"{len(of)} {spelled(outcome)}" for outcome, of in grouping.sums(nodes).items())
    return element(
        "section",
        element("h2", "Fleet"),
        element("div", _cells(nodes), class_=f"cells {size}", role="group", aria_label=f"Nodes: {sums}"),
        id="fleet",
    )


def _cells(nodes: Sequence[NodeReport]) -> Iterator[Html]:
    # With the keyboard one goes by the table, which says the same.
    for number, node in enumerate(nodes, 1):
        yield element(
            "a",
            href=f"#n{number}",
            class_=f"o-{node.outcome}",
            title=f"{node.name}: {spelled(node.outcome)}",
            tabindex=-1,
            aria_hidden="true",
        )


def _sentence(nodes: Sequence[NodeReport]) -> str:
    pending = sum(node.outcome == "pending" for node in nodes)
    well = sum(node.outcome in WELL for node in nodes) - pending
    count = "The node" if len(nodes) == 1 else f"All {len(nodes)} nodes"
    if not nodes:
        return "There was no node."
    if well == len(nodes):
        return f"{count} {'is' if len(nodes) == 1 else 'are'} as wanted."
    parts = [f"{well} of {len(nodes)} nodes {'is' if well == 1 else 'are'} as wanted"]
    if pending:
        parts.append(f"{pending} would be changed")
    bad = len(nodes) - well - pending
    if bad:
        parts.append(f"{bad} {'needs' if bad == 1 else 'need'} a look")
    return f"{', '.join(parts)}."


def _stopped(report: Report) -> Html | None:
    if report.stopped is None:
        return None
    text, hint = grouping.said(report.stopped)
    return element(
        "div",
        element("p", element("strong", "Stopped: "), lines(text), class_="text"),
        hint and element("p", lines(hint), class_="hint"),
        class_="stopped",
    )


def _ring(nodes: Sequence[NodeReport]) -> Html:
    """A ring whose parts are the outcomes."""
    total = len(nodes) or 1
    arcs, before = [], 0.0
    for outcome, members in reversed(grouping.sums(nodes).items()):
        part = 100 * len(members) / total
        # So that one of thousands is still seen.
        shown = max(part, 0.7)
        arcs.append(
            element(
                "circle", cx=50, cy=50, r=41, pathLength=100, class_=f"arc o-{outcome}",
                stroke_dasharray=f"{shown:.3f} {100 - shown:.3f}", stroke_dashoffset=f"{-before:.3f}",
            )
        )  # fmt: skip
        before += part
    well = sum(node.outcome in WELL for node in nodes)
    share = 100 * well / total
    label = f"{share:.0f}%" if share in (0, 100) or 1 <= share <= 99 else f"{share:.1f}%"
    return element(
        "svg",
        element("circle", cx=50, cy=50, r=41, class_="arc rest"),
        arcs,
        element("text", label, x=50, y=57, text_anchor="middle"),
        viewBox="0 0 100 100",
        class_="ring",
        role="img",
        aria_label=f"{label} of the nodes ended well",
    )
