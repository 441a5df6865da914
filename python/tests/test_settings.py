"""Settings and what they are made of."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import regconf
from regconf import Endpoint, Registry, RegistryHost, Removal, Settings

import samples


def test_hosts_and_images_have_parts() -> None:
    host = RegistryHost("[fd00::1]:5000")
    assert (host.name, host.port, host.cidr, str(host)) == ("[fd00::1]", 5000, None, "[fd00::1]:5000")
    block = RegistryHost("10.0.0.0/8")
    assert (block.cidr, block.port) == ("10.0.0.0/8", None)
    assert RegistryHost("docker.io").is_docker_hub and RegistryHost("_default").is_default
    image = regconf.ImageReference("reg.lab:5000/team/app@sha256:" + "0" * 64)
    assert (image.host, image.repository, image.tag) == (RegistryHost("reg.lab:5000"), "team/app", None)
    assert image.digest and image.digest.startswith("sha256:")


def test_endpoints_have_parts() -> None:
    endpoint = Endpoint(
        "https://reg.lab:8443/mirror/",
        ca=samples.ca(),
        headers={"X-A": ["1", "2"], "b": "c"},
        override_path=True,
        capabilities=("pull", "resolve"),
    )
    assert (endpoint.url, endpoint.authority) == ("https://reg.lab:8443/mirror", "reg.lab:8443")
    assert (endpoint.host, endpoint.port, endpoint.path, endpoint.is_http) == ("reg.lab", 8443, "/mirror", False)
    assert endpoint.headers == {"X-A": ("1", "2"), "b": ("c",)} and endpoint.ca == samples.ca()
    assert (endpoint.capabilities, endpoint.override_path, endpoint.skip_verify) == (("pull", "resolve"), True, False)
    assert Endpoint.from_json(endpoint.to_json()) == endpoint


def test_registries_and_removals_have_parts() -> None:
    registry = Registry(RegistryHost("docker.io"), endpoints=(Endpoint(u) for u in ("https://m.lab", "http://n.lab")))
    assert [endpoint.url for endpoint in registry.endpoints] == ["https://m.lab", "http://n.lab"]
    assert (registry.fallback, registry.falls_back, registry.engines) == (None, True, ())
    assert not Registry("a.b", endpoints=["http://a.b"]).falls_back
    assert Registry.from_json(registry.to_json()) == registry
    removal = Removal("docker.io", endpoints=["https://m.lab/"], engines=["docker"])
    assert (removal.endpoints, removal.engines, str(removal.host)) == (("https://m.lab",), ("docker",), "docker.io")
    assert Removal.from_json(removal.to_json()) == removal


def test_settings_are_json_and_back(tmp_path: Path) -> None:
    registry = Registry("a.b", endpoints=["http://a.b"])
    settings = Settings(ensure=[registry], remove=["c.d", RegistryHost("e.f"), Removal("g.h")], migrate=True)
    assert (settings.ensure, settings.remove[2], settings.migrate) == ((registry,), Removal("g.h"), True)
    assert not settings.enable_cri
    assert Settings.from_json(settings.to_json()) == settings
    assert json.loads(settings.to_json())["remove"] == ["c.d", "e.f", "g.h"]
    path = tmp_path / "settings.json"
    path.write_text(settings.to_json())
    assert Settings.load(path) == Settings.load(str(path)) == settings
    assert settings.fingerprint.startswith("sha256:") and settings.fingerprint != Settings().fingerprint


def test_what_lies_above_wins() -> None:
    base = Settings(ensure=[Registry("a.b", insecure="http")], remove=["c.d"])
    over = Settings(ensure=[Registry("a.b", insecure="skip_verify")], migrate=True)
    both = base.overlaid(over)
    assert both.ensure == over.ensure and both.remove == base.remove and both.migrate


def test_a_file_is_named_in_errors(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    with pytest.raises(regconf.IoError) as missing:
        Settings.load(path)
    assert missing.value.path == str(path)
    path.write_text("{\n\n")
    with pytest.raises(regconf.ParseError) as broken:
        Settings.load(path)
    assert str(broken.value).startswith(f"settings: {path}:")


REFUSED: list[tuple[Callable[[], object], type[regconf.Error], str | None]] = [
    (lambda: Registry("a.b", endpoints=["http://a.b", "ftp://x"]), regconf.InvalidArgumentError, "endpoints[1].url"),
    (
        lambda: Registry("a.b", endpoints=["http://a.b", "http://a.b/"]),
        regconf.InvalidArgumentError,
        "endpoints[1].url",
    ),
    (lambda: Registry("a.b"), regconf.InvalidArgumentError, "endpoints"),
    (lambda: Registry("a.b", insecure="http", endpoints=["http://a.b"]), regconf.InvalidArgumentError, "insecure"),
    (lambda: Registry("a.b", insecure="https"), regconf.InvalidArgumentError, None),  # type: ignore[arg-type]
    (lambda: Registry("10.0.0.0/8"), regconf.InvalidArgumentError, None),
    (lambda: Endpoint("http://a.b", ca=samples.ca()), regconf.InvalidArgumentError, "ca"),
    (lambda: Endpoint("https://a.b", ca="/etc/ca.pem"), regconf.InvalidArgumentError, "ca"),
    (lambda: Endpoint("https://a.b", headers={"a b": "c"}), regconf.InvalidArgumentError, "headers"),
    (lambda: Removal("c.d", endpoints=["x"]), regconf.InvalidArgumentError, "endpoints[0]"),
    (lambda: Settings(remove=["c.d", "x y"]), regconf.InvalidArgumentError, "remove[1]"),
    (lambda: Settings(remove=["c.d", "c.d"]), regconf.ConflictError, "remove[1].host"),
    (
        lambda: Settings(ensure=[Registry("c.d", insecure="http")], remove=["c.d"]),
        regconf.ConflictError,
        "remove[0].host",
    ),
    (lambda: Endpoint.from_json('{"url": "ftp://a.b"}'), regconf.InvalidArgumentError, "url"),
]


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_what_makes_no_sense_is_refused(number: int) -> None:
    make, error, key = REFUSED[number]
    with pytest.raises(error) as raised:
        make()
    assert raised.value.key == key


@pytest.mark.parametrize(
    "make",
    [
        lambda: Registry(5),  # type: ignore[arg-type]
        lambda: Registry("a.b", engines="docker"),
        lambda: Registry("a.b", endpoints="http://a.b"),
        lambda: Settings(ensure="a.b"),  # type: ignore[arg-type]
        lambda: Settings(ensure=[1]),  # type: ignore[list-item]
        lambda: Settings("a.b"),  # type: ignore[call-arg, arg-type]
        lambda: Settings(unknown=1),  # type: ignore[call-arg]
        lambda: Endpoint("https://a.b", headers={"a": 1}),  # type: ignore[dict-item]
        lambda: regconf.ImageReference(None),  # type: ignore[arg-type]
    ],
)
def test_a_wrong_type_is_a_type_error(make: Callable[[], object]) -> None:
    with pytest.raises(TypeError):
        make()
