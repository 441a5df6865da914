"""What all values have in common: shown, compared, hashed, copied, pickled, and never changed."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest

import regconf

import samples
from servers import system

ALL = samples.values()
# Shown as what they are about: what makes them again is long, or a call.
LONG = {"Plan", "Explanation", "NodeReport", "Report"}
CALLS = {"BatchEvent", "Cancel", "NodeEvent", "Rollout"}


def test_every_class_has_a_sample() -> None:
    classes = {name for name in regconf.__all__ if isinstance(getattr(regconf, name), type)}
    errors = {found.__name__ for found in samples.error_classes()} | {"Error"}
    assert classes - errors - CALLS == set(ALL)


@pytest.mark.parametrize("name", ALL)
def test_values_are_compared_by_what_they_are(name: str) -> None:
    one, other = ALL[name]
    again, _ = samples.values()[name] if name not in {"NodeReport", "Report", "Timing"} else ALL[name]
    assert type(one).__name__ == name and type(one).__module__ == "regconf"
    assert one == again and hash(one) == hash(again)
    assert not one != again  # noqa: SIM202
    assert one != other and one != str(one) and one != 1 and one is not None
    assert len({one, again, other}) == 2


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_values_are_pickled(name: str, protocol: int) -> None:
    for value in ALL[name]:
        back = pickle.loads(pickle.dumps(value, protocol))
        assert back == value and hash(back) == hash(value) and repr(back) == repr(value)


@pytest.mark.parametrize("name", ALL)
def test_values_are_copied(name: str) -> None:
    for value in ALL[name]:
        assert copy.copy(value) == value and copy.deepcopy(value) == value
        assert copy.deepcopy([value]) == [value]


@pytest.mark.parametrize("name", sorted(set(ALL) - LONG))
def test_what_is_shown_makes_an_equal_value(name: str) -> None:
    for value in ALL[name]:
        shown = repr(value)
        assert shown.startswith(f"regconf.{name}(")
        if "..." not in shown:
            assert eval(shown, {"regconf": regconf}) == value


@pytest.mark.parametrize("name", sorted(LONG))
def test_what_is_long_says_what_it_is(name: str) -> None:
    for value in ALL[name]:
        assert repr(value).startswith(f"<regconf.{name}") and len(repr(value)) < 100


@pytest.mark.parametrize("name", ALL)
def test_nothing_can_be_set(name: str) -> None:
    value, _ = ALL[name]
    public = [key for key in dir(value) if not key.startswith("_") and not callable(getattr(value, key))]
    assert public, "a value has something to tell"
    for key in [*public, "unknown"]:
        with pytest.raises(AttributeError):
            setattr(value, key, 1)


@pytest.mark.parametrize("name", ALL)
def test_no_class_can_be_derived_from(name: str) -> None:
    with pytest.raises(TypeError):
        type("Derived", (type(ALL[name][0]),), {})


def test_secrets_are_not_shown() -> None:
    key = "-----BEGIN PRIVATE KEY-----\naHVudGVyMg==\n-----END PRIVATE KEY-----\n"
    client = regconf.Client(samples.ca(), key)
    endpoint = regconf.Endpoint("https://a.lab", client=client, headers={"Authorization": ["hunter2", "hunter3"]})
    settings = regconf.Settings(ensure=[regconf.Registry("a.lab", endpoints=[endpoint])])
    node = regconf.Node(
        "a", password="hunter2", become_password="hunter2", identity_keys=["hunter2"], settings=settings
    )
    locked = regconf.Node("a", identity_files=["id"], identity_passphrase="hunter2", jump=[node])
    facts = regconf.Facts({"/f": "hunter2"}, answers=[({"unit": "docker"}, "hunter2")])
    change = regconf.FileChange(path="/f", kind="create", before=None, after=b"hunter2", mode=0o600, diff="")
    exported = regconf.Exported(text="hunter2", remarks=[])
    for value in (client, endpoint, settings, node, locked, facts, change, exported):
        for shown in (repr(value), str(value), repr([value])):
            assert "hunter" not in shown and "aHVudGVyMg" not in shown
        assert "..." in repr(value)
        assert pickle.loads(pickle.dumps(value)) == value
    assert endpoint.headers == {"Authorization": ("hunter2", "hunter3")} and client.key == key
    assert (node.password, node.identity_keys, locked.identity_passphrase) == ("hunter2", ("hunter2",), "hunter2")
    assert facts.files == {"/f": b"hunter2"}


def test_three_dots_are_no_value() -> None:
    with pytest.raises(TypeError):
        regconf.Node("a", password=...)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        regconf.Client("c", ...)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        regconf.Facts({"/f": ...})  # type: ignore[dict-item]


def test_hosts_and_images_are_sorted() -> None:
    hosts = [regconf.RegistryHost(text) for text in ("b.lab", "a.lab:5000", "a.lab")]
    assert [str(host) for host in sorted(hosts)] == ["a.lab", "a.lab:5000", "b.lab"]
    assert regconf.ImageReference("a.lab/x") < regconf.ImageReference("b.lab/x")


def test_a_plan_of_a_node_is_not_pickled(tmp_path: Path, wanted: regconf.Settings) -> None:
    report = regconf.push([regconf.Node(local=True, root=str(system(tmp_path / "root")))], wanted)
    plan = report[0].plan
    assert plan and copy.copy(plan) is plan
    with pytest.raises(TypeError, match="pickle its report"):
        pickle.dumps(plan)
    back = pickle.loads(pickle.dumps(report))
    assert back == report and back[0].plan is None and back[0].diff == plan.diff()
