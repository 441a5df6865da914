"""What is wanted: settings of a file, with those of single options laid over them."""

from __future__ import annotations

from argparse import Namespace

from .._regconf import Endpoint, Registry, Settings
from . import output
from .fault import Fault

__all__ = ["are_given", "settings"]


def are_given(arguments: Namespace) -> bool:
    """Whether the command line says what is wanted."""
    return bool(
        arguments.settings or arguments.ensure or arguments.insecure or arguments.skip_verify or arguments.remove
    )


def settings(arguments: Namespace) -> Settings:
    """The settings that the command line asks for; what single options say of a host wins over the file.

    Raises:
        Fault: Nothing is wanted, or a file cannot be read.
        regconf.Error: The settings make no sense.
    """
    if not are_given(arguments):
        raise Fault(
            "nothing is said to be wanted",
            "give --settings FILE, or --ensure HOST=URL, --insecure HOST, --skip-verify HOST, --remove HOST",
        )
    single = _single(arguments)
    return load(arguments.settings).overlaid(single) if arguments.settings else single


def load(path: str) -> Settings:
    """Settings of a file; ``-`` is standard input."""
    return Settings.from_json(output.read(path)) if path == "-" else Settings.load(path)


def _single(arguments: Namespace) -> Settings:
    """What options say without a file."""
    ca = output.read(arguments.ca) if arguments.ca else None
    addresses: dict[str, list[Endpoint]] = {}
    for host, url in arguments.ensure:
        addresses.setdefault(host, []).append(_endpoint(url, ca))
    if ca and not any(endpoint.ca for endpoints in addresses.values() for endpoint in endpoints):
        raise Fault("--ca is given, but no https:// address by --ensure", "write --ensure HOST=https://ADDRESS")
    registries = [Registry(host, endpoints=endpoints) for host, endpoints in addresses.items()]
    registries += [Registry(host, insecure="http") for host in arguments.insecure]
    registries += [Registry(host, insecure="skip_verify") for host in arguments.skip_verify]
    return Settings(ensure=registries, remove=arguments.remove)


def _endpoint(url: str, ca: str | None) -> Endpoint:
    return Endpoint(url, ca=ca if url.lower().startswith("https://") else None)
