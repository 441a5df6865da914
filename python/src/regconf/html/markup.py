"""HTML in which no text can become markup: only :class:`Html` is, and all else is escaped."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import TypeAlias

from ..terminal import harmless

__all__ = ["Content", "Html", "element", "lines", "name"]


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


Content: TypeAlias = Html | str | int | None | Iterable["Content"]

_VOID = frozenset({"meta", "input"})


def element(tag: str, *content: Content, **attributes: str | int | float | bool | None) -> Html:
    """An element. Attributes that are ``None`` or ``False`` are left out; ``class_`` is ``class``, and other ``_`` are
    ``-``. Text, also in attributes, is escaped, and control characters in it are made harmless."""
    parts = [f"<{tag}"]
    for key, value in attributes.items():
        if value is True:
            parts.append(f" {key.strip('_').replace('_', '-')}")
        elif value is not None and value is not False:
            parts.append(f' {key.strip("_").replace("_", "-")}="{_escaped(str(value))}"')
    parts.append(">")
    if tag not in _VOID:
        parts += [_written(content), f"</{tag}>"]
    return Html("".join(parts))


def lines(text: str) -> Html:
    """Text of several lines, for an element that keeps them."""
    return Html("\n".join(_escaped(line) for line in text.split("\n")))


def name(text: str) -> Html:
    """A name that comes from others: text that runs from right to left in it does not turn what is around it."""
    return element("bdi", text)


def _written(content: Content) -> str:
    if content is None:
        return ""
    if isinstance(content, Html):
        return content
    if isinstance(content, (str, int)):
        return _escaped(str(content))
    return "".join(map(_written, content))


def _escaped(text: str) -> str:
    return html.escape(harmless(text))
