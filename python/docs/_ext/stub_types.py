"""Types of what is written in Rust: a module's text signatures have none, its stub has them all."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

_STUB = Path(__file__).parents[2] / "src/regconf/_regconf.pyi"


class Stub:
    """Signatures of functions and types of attributes, by their name as users write it, without the package."""

    def __init__(self, text: str) -> None:
        self.signatures: dict[str, tuple[str, str]] = {}
        self.types: dict[str, str] = {}
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef):
                self._function(node.name, node)
            elif isinstance(node, ast.ClassDef):
                self._class(node)

    def _class(self, node: ast.ClassDef) -> None:
        for member in node.body:
            if isinstance(member, ast.AnnAssign):
                self.types[f"{node.name}.{ast.unparse(member.target)}"] = ast.unparse(member.annotation)
            if not isinstance(member, ast.FunctionDef):
                continue
            marks = {ast.unparse(mark) for mark in member.decorator_list}
            name = f"{node.name}.{member.name}"
            if "property" in marks and member.returns is not None:
                self.types[name] = ast.unparse(member.returns)
            elif member.name == "__new__":
                self._function(node.name, member, bound=True)
            else:
                self._function(name, member, bound="staticmethod" not in marks)

    def _function(self, name: str, node: ast.FunctionDef, bound: bool = False) -> None:
        if bound:
            first = node.args.posonlyargs or node.args.args
            del first[0]
        returns = ast.unparse(node.returns) if node.returns is not None and node.name != "__new__" else ""
        self.signatures[name] = (f"({ast.unparse(node.args)})", returns)


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    stub = Stub(_STUB.read_text())

    def sign(_app: Sphinx, _what: str, name: str, *_rest: Any) -> tuple[str, str] | None:
        return stub.signatures.get(name.removeprefix("regconf."))

    def tell_type(_app: Sphinx, _what: str, name: str, _obj: Any, _options: Any, lines: list[str]) -> None:
        found = stub.types.get(name.removeprefix("regconf."))
        if found is not None and lines:
            lines[0] = f"``{found}``: {lines[0]}"

    app.connect("autodoc-process-signature", sign)
    app.connect("autodoc-process-docstring", tell_type)
    return {"parallel_read_safe": True}
