"""Writes the type stubs of the native module, or checks that they are what the module says.

    tools/stubs.py            writes src/regconf/_regconf.pyi
    tools/stubs.py --check    exits with 1 and a diff if it differs

PyO3 tells the types of the built module, where maturin finds them; types that are written as text in the Rust sources
are made real annotations here, and ruff lays the file out.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent
STUBS = FOLDER / "src" / "regconf" / "_regconf.pyi"
HEAD = "# Made by tools/stubs.py from the native module; do not edit.\n"

# Where the names come from that annotations in the Rust sources use.
SOURCES = {
    "collections.abc": {"Callable", "Iterable", "Iterator", "Mapping", "Sequence"},
    "typing": {"Any", "Final", "Literal", "final"},
    "regconf.errors": {"Error"},
}


class Annotations(ast.NodeTransformer):
    """Makes annotations as people write them.

    Quotes go, and the slash that says nothing but that self has no name. What only behaves like a number is no better
    argument than a number.
    """

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        is_float = ast.unparse(node) == "SupportsFloat | SupportsIndex"
        return ast.Name("float") if is_float else self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name("int") if node.id == "SupportsIndex" else node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        self.generic_visit(node)
        node.annotation = _unquoted(node.annotation)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        node.returns = _unquoted(node.returns)
        if len(node.args.posonlyargs) == 1 and node.args.posonlyargs[0].arg in ("self", "cls"):
            node.args.args[:0] = node.args.posonlyargs
            node.args.posonlyargs = []
        return node


def _unquoted(annotation: ast.expr | None) -> ast.expr | None:
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return ast.parse(annotation.value, mode="eval").body
    return annotation


def _imports(module: ast.Module) -> list[ast.stmt]:
    used = {node.id for node in ast.walk(module) if isinstance(node, ast.Name)}
    known = {name for names in SOURCES.values() for name in names}
    defined = {node.name for node in module.body if isinstance(node, (ast.ClassDef, ast.FunctionDef))}
    builtins = {"bool", "bytes", "dict", "float", "int", "list", "object", "property", "staticmethod", "str", "tuple"}
    unknown = used - known - defined - builtins - {"__all__", "__version__", "os"}
    if unknown:
        raise SystemExit(f"tools/stubs.py does not know where these come from: {', '.join(sorted(unknown))}")
    imports: list[ast.stmt] = [ast.Import([ast.alias("os")])] if "os" in used else []
    for source, names in SOURCES.items():
        if found := sorted(names & used):
            imports.append(ast.ImportFrom(source, [ast.alias(name) for name in found], 0))
    return imports


def _pretty(text: str) -> str:
    module = Annotations().visit(ast.parse(text))
    body = [node for node in module.body if not isinstance(node, (ast.Import, ast.ImportFrom))]
    module.body = [body[0], *_imports(module), *body[1:]]
    text = _ruff("check", "--select=I", "--fix", "--exit-zero", text=ast.unparse(module))
    return HEAD + _ruff("format", text=text)


def _ruff(*words: str, text: str) -> str:
    command = [sys.executable, "-m", "ruff", *words, "--quiet", "--stdin-filename", str(STUBS), "-"]
    return subprocess.run(command, input=text, text=True, capture_output=True, check=True, cwd=FOLDER).stdout


def stubs() -> str:
    """The stubs as the module of this source tells them."""
    with tempfile.TemporaryDirectory() as out:
        maturin = [sys.executable, "-m", "maturin", "generate-stubs", "--features", "stubs", "--out", out]
        done = subprocess.run(maturin, text=True, capture_output=True, check=False, cwd=FOLDER)
        if done.returncode != 0:
            raise SystemExit(done.stderr)
        return _pretty(next(Path(out).rglob("_regconf.pyi")).read_text(encoding="utf-8"))


def main() -> int:
    """Writes or checks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="only tell whether the file is what it should be")
    wanted = stubs()
    if not parser.parse_args().check:
        STUBS.write_text(wanted, encoding="utf-8")
        return 0
    is_there = STUBS.read_text(encoding="utf-8") if STUBS.exists() else ""
    diff = difflib.unified_diff(is_there.splitlines(True), wanted.splitlines(True), "committed", "made")
    sys.stdout.writelines(diff)
    return int(is_there != wanted)


if __name__ == "__main__":
    raise SystemExit(main())
