"""All nodes, one row each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .. import grouping
from ..terminal import spelled
from .details import badge
from .markup import Content, Html, element, name
from .refs import Refs
from .timing import PHASES

if TYPE_CHECKING:
    from .._regconf import NodeReport

__all__ = ["table"]

_CLASSES = {"Batch": "number", "Seconds": "number"}


def table(nodes: Sequence[NodeReport], refs: Refs) -> Html:
    """The rows, and above them what finds some of them, which needs JavaScript."""
    has_batches = any(node.batch > 1 for node in nodes)
    heads = ["Node", "Outcome", *(["Batch"] if has_batches else []), "Seconds", "What there is"]
    pointed = refs.of_nodes()
    rows = (_row(number, node, pointed.get(id(node), []), has_batches) for number, node in enumerate(nodes, 1))
    return element(
        "section",
        element("h2", "Nodes"),
        _tools(nodes),
        element(
            "div",
            element(
                "table",
                element(
                    "thead",
                    element("tr", (element("th", head, scope="col", class_=_CLASSES.get(head)) for head in heads)),
                ),
                element("tbody", rows),
                class_="nodes",
            ),
            class_="scroll",
        ),
        id="nodes",
    )


def _tools(nodes: Sequence[NodeReport]) -> Html:
    chips = (
        element("button", f"{spelled(outcome)} ", element("b", len(members)), type="button", class_=f"chip o-{outcome}",
                data_outcome=outcome, aria_pressed="false")
        for outcome, members in grouping.sums(nodes).items()
    )  # fmt: skip
    return element(
        "div",
        element("input", type="search", id="search", placeholder="Find a node by name, address or remark",
                aria_label="Find a node by name, address or remark"),
        element("div", chips, class_="chips", role="group", aria_label="Only nodes that ended so"),
        element("output", f"{len(nodes)} nodes", id="found", aria_live="polite"),
        class_="tools",
        hidden=True,
    )  # fmt: skip


def _row(number: int, node: NodeReport, refs: Sequence[str], has_batches: bool) -> Html:
    cells: list[Content] = [
        element("th", element("a", name(node.name), href=f"#n{number}"), element("small", name(node.address)),
                scope="row"),
        element("td", badge(node.outcome)),
        element("td", node.batch or "", class_="number") if has_batches else None,
        element("td", f"{node.seconds:.2f}", class_="number"),
        element("td", _what(node, refs), class_="what"),
    ]  # fmt: skip
    spent = " ".join(f"{getattr(node.timing, phase):.2f}" for phase, _ in PHASES)
    return element("tr", cells, id=f"n{number}", data_outcome=node.outcome, data_refs=" ".join(refs), data_spent=spent)


def _what(node: NodeReport, refs: Sequence[str]) -> Iterator[Content]:
    """The first line of what went wrong, and links to the rest."""
    if node.error is not None:
        text = grouping.said(node.error)[0].partition("\n")[0]
        yield element("span", text, class_="why")
    if node.resumed:
        yield element("span", "done before, as the journal says", class_="tag")
    for ref in refs:
        yield element("a", ref.replace("-", " "), href=f"#{ref}", class_="ref")
