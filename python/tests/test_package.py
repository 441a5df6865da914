"""The package as a whole: what it exports, its documentation, and what importing it costs."""

from __future__ import annotations

import doctest
import importlib.metadata
import inspect
import subprocess
import sys
import types
from pathlib import Path

import pytest

import regconf
from regconf import _regconf

TOOLS = Path(__file__).resolve().parent.parent / "tools"


def python(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout


def test_the_native_module_is_exported_whole() -> None:
    public = {name for name in vars(_regconf) if not name.startswith("_")}
    assert public <= set(regconf.__all__) and len(set(regconf.__all__)) == len(regconf.__all__)
    for name in regconf.__all__:
        assert hasattr(regconf, name) and name in dir(regconf)
    with pytest.raises(AttributeError):
        regconf.unknown  # type: ignore[attr-defined]  # noqa: B018


def test_the_version_is_that_of_the_package() -> None:
    assert regconf.__version__ == importlib.metadata.version("regconf")


def test_a_star_import_hides_no_builtin() -> None:
    assert python("from regconf import *\nprint(TimeoutError.__module__, Settings())") == (
        "builtins regconf.Settings()\n"
    )


def test_importing_is_cheap() -> None:
    program = "import sys\nbefore = set(sys.modules)\nimport regconf\nprint(*sorted(set(sys.modules) - before))"
    loaded = set(python(program).split())
    assert loaded <= {"regconf", "regconf._regconf", "regconf.errors", "builtins", "__future__"}


def test_what_takes_its_time_is_imported_when_it_is_used() -> None:
    program = "import sys, regconf\nregconf.types\nfrom regconf import Outcome\nprint('regconf.types' in sys.modules)"
    assert python(program) == "True\n"


def documented() -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for name, value in vars(_regconf).items():
        if name.startswith("_"):
            continue
        found.append((name, value))
        if isinstance(value, type):
            members = ((key, member) for key, member in vars(value).items() if not key.startswith("_"))
            found += [(f"{name}.{key}", member) for key, member in members]
    return found


def test_everything_is_documented() -> None:
    missing = [name for name, value in documented() if not inspect.getdoc(value)]
    assert not missing


def test_functions_have_signatures() -> None:
    for name, value in documented():
        if isinstance(value, types.BuiltinFunctionType | types.MethodDescriptorType):
            assert inspect.signature(value) is not None, name
    assert "on_event" in inspect.signature(regconf.push).parameters
    assert inspect.signature(regconf.push).parameters["deadline"].default == 120.0


def test_examples_are_right() -> None:
    finder = doctest.DocTestFinder(exclude_empty=True)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL)
    names = {name: getattr(regconf, name) for name in regconf.__all__}
    for name, value in documented():
        text = inspect.getdoc(value) or ""
        test = doctest.DocTestParser().get_doctest(text, dict(names), name, None, 0)
        if test.examples:
            runner.run(test)
    for module in (regconf, regconf.errors):
        for test in finder.find(module, extraglobs=dict(names)):
            runner.run(test)
    assert runner.failures == 0 and runner.tries > 30


def test_the_stubs_are_those_of_the_module() -> None:
    done = subprocess.run([sys.executable, TOOLS / "stubs.py", "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
