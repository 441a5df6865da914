"""A report as one page that needs nothing else: no network, no other file, and for reading it no JavaScript.

Path("report.html").write_text(regconf.html.page(report), encoding="utf-8")
"""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import TYPE_CHECKING

from . import details, overview, refs, table, timing
from .markup import Html, element

if TYPE_CHECKING:
    from .._regconf import Report

__all__ = ["page"]


def page(report: Report, title: str = "Registry settings of the nodes") -> str:
    """The page: the fleet at a glance, problems and what to do, each change once, times, and a row for each node.

    Whatever names, errors and files hold, it cannot become markup, and the page forbids itself all other sources and
    scripts.
    """
    nodes = report.nodes
    found = refs.of(nodes)
    body = element(
        "body",
        element("header", element("h1", title), class_="top"),
        element(
            "main",
            overview.headline(report),
            overview.tiles(nodes),
            overview.cells(nodes) if len(nodes) > 1 else None,
            details.problems(found),
            details.changes(found),
            details.remarks(found),
            timing.timing(nodes),
            table.table(nodes, found),
        ),
        element("dialog", id="node", aria_label="Node"),
        element("footer", "Made by regconf. It holds no secrets."),
        element("script", Html(_asset("page.js"))),
    )
    return f"<!doctype html>\n{element('html', _head(title), body, lang='en')}\n"


def _head(title: str) -> Html:
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_policy()),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        element("style", Html(_asset("page.css"))),
    )


def _policy() -> str:
    """Only this style and this script count, and nothing is fetched."""
    return (
        f"default-src 'none'; style-src '{_digest('page.css')}'; script-src '{_digest('page.js')}';"
        " base-uri 'none'; form-action 'none'"
    )


def _digest(asset: str) -> str:
    digest = hashlib.sha256(_asset(asset).encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _asset(asset: str) -> str:
    return resources.files(__name__).joinpath(asset).read_text(encoding="utf-8")
