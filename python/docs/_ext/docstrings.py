"""Docstrings with a list of arguments, in Google's style.

Those of attributes are left alone: Napoleon alone would take what stands before a colon for a type.
"""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx
from sphinx.ext.napoleon import Config, GoogleDocstring


def read_arguments(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Rewrites the list of arguments as Sphinx has it."""
    if what in {"class", "function", "method"}:
        lines[:] = GoogleDocstring(lines, Config(), app, what, name, obj, options).lines()


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("autodoc-process-docstring", read_arguments)
    return {"parallel_read_safe": True}
