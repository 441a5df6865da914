"""Tables of the keys that a JSON Schema describes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

_FOLDER = Path(__file__).parents[3] / "schema"


class JsonSchema(SphinxDirective):
    """``{json-schema} report node`` shows the keys of ``$defs.node`` in ``schema/report.schema.json``."""

    required_arguments = 1
    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        path = _FOLDER / f"{self.arguments[0]}.schema.json"
        self.env.note_dependency(str(path))
        whole = schema = json.loads(path.read_text())
        for name in self.arguments[1:]:
            schema = schema["$defs"][name]
        lines = ["| key | value | meaning |", "| --- | --- | --- |"]
        required = schema.get("required", [])
        for key, value in schema["properties"].items():
            value = resolved(value, whole)
            mark = "" if key in required or not required else " (may be missing)"
            lines.append(f"| `{key}` | {' or '.join(dict.fromkeys(kinds(value)))}{mark} | {meaning(value)} |")
        parsed = nodes.Element()
        self.state.nested_parse(StringList(lines, source=str(path)), self.content_offset, parsed)
        return parsed.children


def resolved(schema: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    """What a reference leads to, unless that is an object, which has a table of its own."""
    name = schema.get("$ref", "").removeprefix("#/$defs/")
    found = whole["$defs"].get(name, {})
    return {**found, **schema, "$ref": None} if found and "properties" not in found and "anyOf" not in found else schema


def kinds(schema: dict[str, Any]) -> Iterator[str]:
    """What a value may be, in words."""
    if "enum" in schema:
        yield from (f"`{json.dumps(one)}`" for one in schema["enum"])
    elif "const" in schema:
        yield f"`{json.dumps(schema['const'])}`"
    elif "anyOf" in schema:
        for one in schema["anyOf"]:
            yield from kinds(one)
    elif schema.get("$ref"):
        yield schema["$ref"].rsplit("/", 1)[-1] if "/" in schema["$ref"] else "settings"
    elif schema.get("type") == "array" or "items" in schema:
        yield f"list of {' or '.join(kinds(schema['items']))}" if "items" in schema else "list"
    else:
        types = schema.get("type", "object")
        yield from [types] if isinstance(types, str) else types


def meaning(schema: dict[str, Any]) -> str:
    """The description, the range and the default."""
    said = [schema.get("description", "")]
    if "minimum" in schema and "maximum" in schema:
        said.append(f"From {schema['minimum']} to {schema['maximum']}.")
    if "default" in schema:
        said.append(f"Default: `{json.dumps(schema['default'])}`.")
    return " ".join(filter(None, said)).replace("|", "\\|").replace("<", "&lt;")


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.add_directive("json-schema", JsonSchema)
    return {"parallel_read_safe": True}
