"""Where the time went: the slowest nodes by phases, and how the times are spread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .markup import Html, element, name

if TYPE_CHECKING:
    from .._regconf import NodeReport

__all__ = ["PHASES", "timing"]

#: The phases of a turn and what they are.
PHASES = (
    ("connect", "connecting and logging in"),
    ("gather", "reading files"),
    ("plan", "making the plan"),
    ("wait", "waiting for its turn to restart"),
    ("apply", "writing and activating"),
    ("verify", "seeing to the effect, and pulling"),
)
#: So many nodes have a bar.
MOST = 60
_BINS = 40


def timing(nodes: Sequence[NodeReport]) -> Html | None:
    """The charts; ``None`` if no time was spent."""
    timed = [node for node in nodes if _spent(node) > 0]
    if not timed:
        return None
    return element(
        "section",
        element("h2", "Time"),
        _spread([_spent(node) for node in timed]) if len(timed) > 4 else None,
        _legend(),
        _bars(timed),
        id="time",
    )


def _phases(node: NodeReport) -> list[tuple[str, float]]:
    return [(phase, getattr(node.timing, phase)) for phase, _ in PHASES]


def _spent(node: NodeReport) -> float:
    return sum(seconds for _, seconds in _phases(node))


def _legend() -> Html:
    entries = (
        element("li", element("i", class_=f"key p-{phase}"), element("b", phase), f" {what}") for phase, what in PHASES
    )
    return element("ul", entries, class_="legend")


def _bars(nodes: Sequence[NodeReport]) -> Html:
    slowest = sorted(nodes, key=_spent, reverse=True)[:MOST]
    longest = _spent(slowest[0])
    of = f"The slowest {len(slowest)} of {len(nodes)} nodes" if len(nodes) > MOST else "The slowest node first"
    return element(
        "figure",
        element("table", element("tbody", (_row(node, longest) for node in slowest)), class_="bars"),
        element("figcaption", f"{of}. A bar has the seconds of each phase; the longest is {longest:.2f} s."),
    )


def _row(node: NodeReport, longest: float) -> Html:
    told = ", ".join(f"{phase} {seconds:.2f} s" for phase, seconds in _phases(node) if seconds > 0)
    return element(
        "tr",
        element("th", name(node.name), scope="row", title=node.name),
        element(
            "td",
            element("svg", _parts(node, longest), viewBox="0 0 1000 10", preserveAspectRatio="none", role="img",
                    aria_label=told),
        ),
        element("td", f"{_spent(node):.2f} s", class_="number"),
    )  # fmt: skip


def _parts(node: NodeReport, longest: float) -> Iterator[Html]:
    before = 0.0
    for phase, seconds in _phases(node):
        if seconds > 0:
            x, wide = 1000 * before / longest, 1000 * seconds / longest
            told = element("title", f"{phase} {seconds:.2f} s")
            # Not a void element here: it has a title.
            yield Html(f'<rect class="p-{phase}" x="{x:.2f}" y="0" width="{wide:.2f}" height="10">{told}</rect>')
        before += seconds


def _spread(seconds: Sequence[float]) -> Html:
    """How many nodes took how long."""
    ordered = sorted(seconds)
    longest = ordered[-1]
    bins = [0] * _BINS
    for value in ordered:
        bins[min(_BINS - 1, int(_BINS * value / longest))] += 1
    highest = max(bins)
    wide = 1000 / _BINS
    columns = (
        Html(
            f'<rect class="column" x="{i * wide + 1:.1f}" y="{100 - 100 * count / highest:.2f}" width="{wide - 2:.1f}"'
            f' height="{100 * count / highest:.2f}">'
            + element("title", f"{count} nodes: {longest * i / _BINS:.2f} to {longest * (i + 1) / _BINS:.2f} s")
            + "</rect>"
        )
        for i, count in enumerate(bins)
        if count
    )
    marks = [("median", 0.5), ("90 %", 0.9), ("99 %", 0.99)]
    at = [(word, ordered[min(len(ordered) - 1, int(part * len(ordered)))]) for word, part in marks]
    told = ", ".join(f"{word} {value:.2f} s" for word, value in at)
    return element(
        "figure",
        element("svg", columns, viewBox="0 0 1000 100", preserveAspectRatio="none", class_="spread", role="img",
                aria_label=f"How many nodes took how long: {told}, longest {longest:.2f} s"),
        element("div", element("span", "0 s"), element("span", f"{longest / 2:.2f} s"),
                element("span", f"{longest:.2f} s"), class_="axis"),
        element("figcaption", "Nodes by the time of their turn: ", told, f", longest {longest:.2f} s."),
    )  # fmt: skip
