"""Problems, changes and remarks, each told once with the nodes that have it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from .. import grouping
from ..folding import folded
from ..terminal import harmless, spelled
from .markup import Content, Html, element, lines, name
from .refs import Change, Refs, Shared

if TYPE_CHECKING:
    from .._regconf import NodeReport

__all__ = ["changes", "problems", "remarks"]

#: Lines of a diff that are shown without asking.
_SHORT = 400
#: So many names and ranges are shown without asking.
_FEW = 12
#: Changes of which the diffs are shown without asking.
_MANY = 6
_KINDS = {"create": "new", "change": "changed", "delete": "deleted"}


def problems(refs: Refs) -> Html | None:
    """What went wrong, and what to do."""
    if not refs.problems:
        return None
    return element("section", element("h2", "Problems"), map(_problem, refs.problems), id="problems")


def changes(refs: Refs) -> Html | None:
    """What was changed, or is to be."""
    if not refs.changes:
        return None
    is_open = len(refs.changes) <= _MANY
    articles = (_change(change, is_open) for change in refs.changes)
    return element("section", element("h2", "Changes"), articles, id="changes")


def remarks(refs: Refs) -> Html | None:
    """Notes, pulls, and what registries answer."""
    parts = [
        _list("Notes", (_item(note, element("span", lines(note.what))) for note in refs.notes)),
        _list("Pulls", map(_pull, refs.pulls)),
        _list("Registries, as the nodes see them", map(_probe, refs.probes)),
    ]
    return element("section", element("h2", "Remarks"), parts, id="remarks") if any(parts) else None


def _problem(shared: Shared[grouping.Failure]) -> Html:
    failure = shared.what
    tolerated = element("span", "tolerated", class_="tag") if failure.is_tolerated else None
    return element(
        "article",
        element("header", badge(failure.outcome), _who(shared.nodes), tolerated),
        element("pre", lines(failure.text), class_="text"),
        failure.hint and element("p", lines(failure.hint), class_="hint"),
        id=shared.id,
        class_=f"problem o-{failure.outcome}",
    )


def _change(shared: Shared[Change], is_open: bool) -> Html:
    ends = grouping.sums(shared.nodes).items()
    activations = (element("span", f"{action} {unit}", class_="tag") for action, unit in shared.what.activations)
    return element(
        "article",
        element("header", (badge(outcome) for outcome, _ in ends), _who(shared.nodes), activations),
        (_file(*file, is_open) for file in shared.what.files),
        id=shared.id,
        class_="change",
    )


def _file(path: str, kind: str, diff: str, is_open: bool) -> Html:
    # Without the two lines that name the file.
    rows = diff.split("\n")[2:]
    added = sum(row.startswith("+") for row in rows)
    gone = sum(row.startswith("-") for row in rows)
    return element(
        "details",
        element(
            "summary",
            element("code", name(path)),
            element("span", _KINDS.get(kind, kind), class_="tag"),
            element("span", f"+{added}", class_="plus"),
            element("span", f"−{gone}", class_="minus"),
        ),
        element("pre", element("code", _diff(row for row in rows if row)), class_="diff", tabindex=0),
        class_="edit",
        open=is_open and len(rows) <= _SHORT,
    )


def _diff(rows: Iterable[str]) -> Iterator[Html]:
    for row in rows:
        kind = {"+": "add", "-": "del", "@": "hunk"}.get(row[:1])
        yield Html(element("span", row, class_=kind) + "\n")


def badge(outcome: str) -> Html:
    """An outcome as a word in its colour."""
    return element("span", spelled(outcome), class_=f"badge o-{outcome}")


def _who(nodes: Sequence[NodeReport]) -> Html:
    """The names; many are shown in part, and all when asked for."""
    names = [harmless(node.name) for node in nodes]
    count = element("strong", f"{len(nodes)} nodes ") if len(nodes) > 1 else None
    shown, whole = folded(names, _FEW), folded(names)
    if shown == whole:
        return element("div", count, name(whole), class_="who")
    return element("details", element("summary", count, name(shown)), element("p", name(whole)), class_="who")


def _list(title: str, items: Iterable[Html]) -> Html | None:
    items = list(items)
    return element("div", element("h3", title), element("ul", items, class_="remarks")) if items else None


def _item(shared: Shared[Hashable], *content: Content) -> Html:
    return element("li", content, _who(shared.nodes), id=shared.id)


def _pull(shared: Shared[tuple[str, str, bool, str]]) -> Html:
    engine, image, passed, text = shared.what
    verdict = element("span", "pulled" if passed else "not pulled", class_="badge good" if passed else "badge bad")
    return _item(shared, verdict, element("code", name(image)), f" by {engine}", text and element("pre", lines(text)))


def _probe(shared: Shared[tuple[str, bool, str]]) -> Html:
    url, is_usable, text = shared.what
    verdict = element(
        "span", "usable" if is_usable else "not usable", class_="badge good" if is_usable else "badge bad"
    )
    return _item(shared, verdict, element("code", name(url)), " ", element("span", lines(text)))
