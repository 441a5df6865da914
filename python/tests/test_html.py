"""The report as a page: what stands in it, in a real browser too, and that nothing in it can become markup."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

import regconf
from regconf import html

import reports
from browser import Browser

HOSTILE = "<img src=x onerror=alert(1)>\"'&lt;\u202e</script><script>alert(2)</script>\x1b[31m"


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    with Browser(tmp_path) as browser:
        yield browser
        assert browser.complaints == []


def written(folder: Path, report: regconf.Report) -> Path:
    path = folder / "report.html"
    path.write_text(html.page(report), encoding="utf-8")
    return path


def hostile() -> regconf.Report:
    change = {
        "path": f"/etc/{HOSTILE}",
        "change": "create",
        "diff": f"--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+{HOSTILE}\n",
    }
    plan = {"changes": [change], "activations": [], "notes": [{"engine": HOSTILE, "host": None, "text": HOSTILE}]}
    pull = {"engine": HOSTILE, "program": "", "image": HOSTILE, "passed": False, "text": HOSTILE, "cause": HOSTILE,
            "remedy": HOSTILE}  # fmt: skip
    probe = {"url": HOSTILE, "found": "other", "is_usable": False, "text": HOSTILE}
    wrong = reports.error("command", HOSTILE, HOSTILE)
    node = reports.node(HOSTILE, "unverified", address=HOSTILE, plan=plan, error=wrong, pulls=[pull], probes=[probe])
    timing = dict.fromkeys(("connect", "gather", "plan", "wait", "apply", "verify"), 0.1)
    return reports.report([node | {"timing": timing}, reports.node("b")], reports.error("cancelled", HOSTILE, HOSTILE))


class Elements(HTMLParser):
    """Counts elements, and sees that each is closed where it should be."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.count: Counter[str] = Counter()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count[tag] += 1
        self.attributes |= {name for name, _ in attrs}
        if tag not in ("meta", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("report", [reports.fleet(3), reports.fleet(70), hostile(), reports.report([])], ids=repr)
def test_it_is_well_formed_and_fetches_nothing(report: regconf.Report) -> None:
    page = html.page(report)
    elements = Elements()
    elements.feed(page)
    assert elements.open == []
    assert (elements.count["script"], elements.count["style"]) == (1, 1)
    assert not set(elements.count) & {"img", "iframe", "link", "object", "embed", "form", "base"}
    assert not {name for name in elements.attributes if name.startswith("on")} | elements.attributes & {"src", "style"}
    assert not re.search(r"(?:href|url|src)\s*[=(]\s*[\"']?\s*(?:https?:|//|javascript:|data:)", page)


def test_nothing_hostile_becomes_markup(tmp_path: Path, browser: Browser) -> None:
    browser.open(written(tmp_path, hostile()))
    assert browser.ask("document.querySelectorAll('img, iframe').length") == 0
    assert browser.ask("document.scripts.length") == 1
    name = browser.ask("document.querySelector('.nodes bdi').textContent")
    assert name == regconf.terminal.harmless(HOSTILE)
    browser.ask("document.querySelector('.nodes tbody a').click()")
    assert browser.ask("document.querySelector('dialog h2').textContent") == name
    assert browser.ask("document.querySelectorAll('dialog img, dialog script').length") == 0


@pytest.mark.parametrize("scripts", [True, False])
def test_counts(tmp_path: Path, browser: Browser, scripts: bool) -> None:
    report = reports.fleet(500)
    browser.open(written(tmp_path, report), scripts=scripts)
    # The page is asked by the protocol, which needs scripts; those of the page have run or not by now.
    browser.call("Emulation.setScriptExecutionDisabled", value=False)
    sums = Counter(node.outcome for node in report)
    tiles = browser.ask(
        "[...document.querySelectorAll('.tile')].map(t => [t.dataset.outcome, +t.children[0].textContent])"
    )
    assert dict(tiles) == sums
    cells = browser.ask("[...document.querySelectorAll('.cells a')].map(a => a.className.slice(2))")
    assert cells == [node.outcome for node in report]
    assert browser.ask("document.querySelectorAll('.nodes tbody tr').length") == 500
    assert browser.ask("document.querySelectorAll('.bars tr').length") == 60
    assert "The slowest 60 of 500 nodes" in browser.ask("document.getElementById('time').textContent")
    changes = {node.diff for node in report if node.diff}
    assert browser.ask("document.querySelectorAll('.change').length") == len(changes)
    well = sums["changed"] + sums["unchanged"]
    assert browser.ask("document.querySelector('.lead').textContent").startswith(f"{well} of 500 nodes are as wanted")
    assert browser.ask("document.querySelector('.tools').hidden") is not scripts
    missing = "[...document.querySelectorAll('a')].filter(a => !document.getElementById(a.hash.slice(1))).length"
    assert browser.ask(missing) == 0, "each link leads somewhere"
    twice = (
        "document.querySelectorAll('[id]').length - new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size"
    )
    assert browser.ask(twice) == 0


SHOWN = "document.querySelectorAll('.nodes tbody tr:not([hidden])').length"


def test_nodes_are_found_sorted_and_shown(tmp_path: Path, browser: Browser) -> None:
    report = reports.fleet(500)
    sums = Counter(node.outcome for node in report)
    browser.open(written(tmp_path, report))
    search = "s = document.getElementById('search'); s.value = {!r}; s.dispatchEvent(new Event('input')); "
    assert browser.ask(search.format("node49 22") + SHOWN) == 10
    assert browser.ask("document.getElementById('found').textContent") == "10 of 500 nodes"
    assert browser.ask("document.querySelectorAll('.cells a:not(.off)').length") == 10
    assert browser.ask(search.format("") + SHOWN) == 500
    assert browser.ask(f"document.querySelector('.chip.o-unreachable').click(); {SHOWN}") == sums["unreachable"]
    both = sums["unreachable"] + sums["failed"]
    assert browser.ask(f"document.querySelector('.chip.o-failed').click(); {SHOWN}") == both
    assert browser.ask(f"document.querySelector('.tile.o-changed').click(); {SHOWN}") == sums["changed"]
    assert browser.ask(f"document.querySelector('.chip.o-changed').click(); {SHOWN}") == 500
    browser.ask("[...document.querySelectorAll('thead button')].find(b => b.textContent == 'Seconds').click()")
    times = browser.ask("[...document.querySelectorAll('.nodes tbody tr')].map(r => +r.cells[2].textContent)")
    assert times == sorted(times) and len(times) == 500
    failed = next(node for node in report if node.outcome == "rolled_back")
    at = list(report).index(failed)
    browser.ask(f"document.querySelectorAll('.cells a')[{at}].click()")
    dialog = browser.ask("document.querySelector('dialog[open]').textContent")
    assert (
        failed.name in dialog
        and f"cannot connect to {failed.address}" in dialog
        and "hosts.toml" in dialog
        and "rolled back" in dialog
    )


def test_ten_thousand_nodes_stay_usable(tmp_path: Path, browser: Browser) -> None:
    path = written(tmp_path, reports.fleet(10_000))
    assert path.stat().st_size < 12_000_000
    browser.open(path)
    took = browser.ask(
        "t = performance.now(); s = document.getElementById('search'); s.value = 'node0123';"
        "s.dispatchEvent(new Event('input')); document.body.offsetHeight; performance.now() - t"
    )
    assert browser.ask(SHOWN) == 10
    assert took < 20_000


def luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


BACKGROUND = (
    "(e => { while (e && getComputedStyle(e).backgroundColor.startsWith('rgba')) e = e.parentElement;"
    " return getComputedStyle(e || document.body).backgroundColor })"
)


@pytest.mark.parametrize("dark", [False, True])
def test_contrast(tmp_path: Path, browser: Browser, dark: bool) -> None:
    browser.open(written(tmp_path, reports.fleet(300)), dark=dark)
    for selector in ("body", ".lead", ".meaning", ".hint", ".who", ".diff .add", ".diff .hunk", "figcaption", "small",
                     ".nodes a", ".ref", ".why", ".tag", ".legend", "footer", "h1"):  # fmt: skip
        ink, paper = browser.ask(
            f"(e => [getComputedStyle(e).color, {BACKGROUND}(e)])(document.querySelector({selector!r}))"
        )
        light, low = sorted((luminance(ink), luminance(paper)), reverse=True)
        assert (light + 0.05) / (low + 0.05) >= 4.5, (selector, ink, paper)


@pytest.mark.parametrize("width", [360, 800, 1600])
def test_it_fits_the_window(tmp_path: Path, browser: Browser, width: int) -> None:
    browser.open(written(tmp_path, reports.fleet(200)), width=width)
    assert browser.ask("document.documentElement.scrollWidth") <= width


def test_names_of_a_screen_reader(tmp_path: Path, browser: Browser) -> None:
    browser.open(written(tmp_path, reports.fleet(70)))
    unnamed = (
        "[...document.querySelectorAll('svg[role=img], input, dialog, [role=group]')]"
        ".filter(e => !e.getAttribute('aria-label')).length"
    )
    assert browser.ask(unnamed) == 0
    assert browser.ask("document.documentElement.lang") == "en"
    assert browser.ask("document.querySelectorAll('h1').length") == 1


def test_an_empty_report(tmp_path: Path, browser: Browser) -> None:
    browser.open(written(tmp_path, reports.report([])))
    assert browser.ask("document.querySelector('.lead').textContent") == "There was no node."
