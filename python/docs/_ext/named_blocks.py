"""Fenced blocks with a name behind their language get it as their caption.

The names are there for tests too, see tests/docs_pages.py.
"""

from __future__ import annotations

import re

from sphinx.application import Sphinx

_NAMED = re.compile(r"^```(?P<language>\w+) (?P<name>\S+)(?P<after> after)?$", re.MULTILINE)


def name_blocks(_app: Sphinx, _page: str, source: list[str]) -> None:
    """Writes the names as captions."""
    source[0] = _NAMED.sub(_block, source[0])


def _block(match: re.Match[str]) -> str:
    if match["name"] == "output":
        return f"```{match['language']}"
    caption = match["name"].replace(":/", ": /") + (", afterwards" if match["after"] else "")
    return f"```{{code-block}} {match['language']}\n:caption: '{caption}'\n"


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("source-read", name_blocks)
    return {"parallel_read_safe": True}
