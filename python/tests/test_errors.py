"""Errors: one class for each kind, with all that is known."""

from __future__ import annotations

import copy
import json
import pickle
from typing import get_args

import pytest

import regconf
from regconf import types

import samples

CLASSES = samples.error_classes()


def test_there_is_a_class_for_each_kind() -> None:
    kinds = get_args(types.ErrorKind)
    assert sorted(found.kind for found in CLASSES) == sorted(kinds)
    for found in CLASSES:
        assert found.__name__ == "".join(word.title() for word in found.kind.split("_")) + "Error"
        assert getattr(regconf, found.__name__) is found and found.__doc__
    assert "TimeoutError" not in regconf.__all__ and issubclass(regconf.TimeoutError, TimeoutError)


@pytest.mark.parametrize("error_class", CLASSES)
def test_errors_keep_all_they_know(error_class: type[regconf.Error]) -> None:
    error = error_class("is wrong", context=["docker"], node="n1", path="/f", line=3, key="a.b", hint="do it")
    error.add_note("a note") if hasattr(error, "add_note") else None
    assert str(error) == "docker: /f:3: a.b: is wrong; do it"
    for back in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(back) is error_class and back == error and hash(back) == hash(error)
        assert vars(back) == vars(error) and back.args == error.args
    assert eval(repr(error), {"regconf": regconf}) == error
    assert error != error_class("is wrong") and error != regconf.Error("is wrong")
    assert json.loads(error.to_json()) == {
        "kind": error.kind,
        "message": str(error),
        "context": ["docker"],
        "path": "/f",
        "line": 3,
        "key": "a.b",
        "hint": "do it",
    }


def test_builtin_exceptions_catch_them() -> None:
    pairs = [
        (regconf.ConnectError, ConnectionError),
        (regconf.PrivilegeError, PermissionError),
        (regconf.IoError, OSError),
        (regconf.ParseError, ValueError),
        (regconf.UnsupportedError, NotImplementedError),
        (regconf.StaleError, RuntimeError),
    ]
    for own, builtin in pairs:
        with pytest.raises(builtin):
            raise own("x")


def test_errors_of_the_library_have_place_and_hint() -> None:
    with pytest.raises(regconf.ParseError) as raised:
        regconf.Settings.from_json('{\n"ensure": [{"host": "a.b", "endpoint": []}]}')
    error = raised.value
    assert (error.line, error.context, error.kind) == (2, ("settings",), "parse")
    assert str(error).startswith("settings: line 2: unknown field `endpoint`")
    assert not error.message.startswith("settings")

    with pytest.raises(regconf.InvalidArgumentError) as invalid:
        regconf.Registry("http://a.b")
    assert (invalid.value.key, invalid.value.hint is None) == ("host", False)
    assert invalid.value.hint and invalid.value.hint not in invalid.value.message


def test_a_kind_of_a_later_release_is_an_error_too() -> None:
    report = json.loads(samples.report("n1").to_json())
    report["nodes"][0]["error"]["kind"] = "melted"
    error = regconf.Report.from_json(json.dumps(report))[0].error
    assert isinstance(error, regconf.InternalError) and error.node == "n1"
