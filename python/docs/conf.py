"""The documentation of the Python package, by Sphinx. `build` makes it."""

import sys
from pathlib import Path

import regconf

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "regconf"
author = "the authors of regconf"
copyright = author
version = release = regconf.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "docstrings",
    "stub_types",
    "named_blocks",
    "command_help",
    "json_schema",
]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
# Nothing is fetched while building, so names of the standard library are no links. The others are types in signatures,
# which the text beside them explains.
nitpick_ignore_regex = [
    (r"py:.*", r"asyncio(\..*)?|typing\..*|builtins\..*|collections\..*|os\..*"),
    (r"py:class", r"ErrorKind|Event|OnEvent|Options|Outcome|Style"),
]

html_theme = "furo"
html_title = f"regconf {release}"
html_show_sphinx = False
html_copy_source = False
