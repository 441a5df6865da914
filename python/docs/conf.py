"""The documentation of the Python package, by Sphinx. `build` makes it."""

import sys
from pathlib import Path

import regconf

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "regconf"
author = "the authors of regconf"
copyright = author  # noqa: A001 (the name that Sphinx wants)
version = release = regconf.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.intersphinx", "named_blocks", "command_help", "json_schema"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
# Nothing is fetched while building: names of the standard library are links only where an inventory is at hand.
intersphinx_mapping = {}

html_theme = "furo"
html_title = f"regconf {release}"
html_show_sphinx = False
html_copy_source = False
