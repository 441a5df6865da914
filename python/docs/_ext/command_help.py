"""What a command of the command line says of itself, as it says it now."""

from __future__ import annotations

import os
import subprocess
import sys

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


class CommandHelp(SphinxDirective):
    """``{command-help} push`` shows what ``regconf push --help`` prints."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        command = [sys.executable, "-m", "regconf", *self.arguments, "--help"]
        env = {**os.environ, "COLUMNS": "96", "NO_COLOR": "1"}
        ran = subprocess.run(command, env=env, text=True, capture_output=True, check=False)
        if ran.returncode != 0:
            raise self.error(f"{' '.join(command)} failed: {ran.stderr}")
        return [nodes.literal_block(ran.stdout, ran.stdout, language="text")]


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.add_directive("command-help", CommandHelp)
    return {"parallel_read_safe": True}
